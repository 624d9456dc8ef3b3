package dev.crosspatch.isa.x86;

import dev.crosspatch.core.uop.Uop;

/// Emitters of moves, stack and string instructions.
final class X86EmitMove {
  private X86EmitMove() {}

  static void mov(X86Builder b) {
    if (b.isMemory(1) && b.width(0) >= 2) {
      b.loadOperand(1, b.number(0), b.width(1), 0);
    } else if (b.isImmediate(1) && !b.isMemory(0) && b.width(0) >= 2) {
      long mask = b.width(0) == 2 ? 0xffff_ffffL : -1;
      b.opi(Uop.MOVI, b.number(0), Uop.ZERO, b.immediate(1) & mask, 3);
    } else {
      b.write(0, b.read(1, Uop.T0));
    }
  }

  /// MOVZX and MOVSX with flags `signed` (0 or [Uop#F_SIGNED]).
  static void extend(X86Builder b, int signed) {
    int flags = signed | (b.width(0) < 3 && signed != 0 ? Uop.F_WORD : 0);
    int dst = b.target(0, Uop.T1);
    if (b.isMemory(1)) {
      b.loadOperand(1, dst, b.width(1), flags);
    } else {
      b.out.full(Uop.EXT, dst, b.read(1, Uop.T0), Uop.ZERO, b.width(1), 0, flags, 0);
    }
    b.commit(0, dst);
  }

  static void movsxd(X86Builder b) {
    if (b.width == 1 && b.isMemory(1)) {
      b.linearAddress(Uop.T0);
      b.helper(X86Helpers::movsxd16, Uop.SINK, Uop.T0, b.number(0), 1, 0);
    } else {
      extend(b, Uop.F_SIGNED);
    }
  }

  static void movbe(X86Builder b) {
    int s = b.read(1, Uop.T0);
    b.out.full(Uop.REV, Uop.T1, s, Uop.ZERO, Math.max(b.width, 2), b.width, 0, 0);
    b.write(0, Uop.T1);
  }

  static void lea(X86Builder b) {
    int dst = b.target(0, Uop.T0);
    b.effectiveAddress(dst, Math.max(b.width, 2));
    b.commit(0, dst);
  }

  static void xchg(X86Builder b) {
    b.copy(0, Uop.T0, Uop.F_RMW);
    b.copy(1, Uop.T1, 0);
    b.write(0, Uop.T1);
    b.write(1, Uop.T0);
  }

  static void xlat(X86Builder b) {
    b.out.full(Uop.EXT, Uop.T0, X86Core.RAX, Uop.ZERO, 0, 0, 0, 0);
    b.out.add(Uop.word(Uop.LEA, Uop.T0, X86Core.RBX, Uop.ZERO, Uop.T0, b.d.address32 ? 2 : 3, 0, 0, 0), 0);
    b.out.load(Uop.T1, b.d.segment, Uop.T0, 0, 0, 0, 0);
    b.op(Uop.MERGE8, X86Core.RAX, Uop.T1, Uop.ZERO, 0);
  }

  // ---- stack

  /// Stores `r` below the stack pointer, then moves it.
  static void pushRegister(X86Builder b, int r, int width) {
    b.store(r, X86Core.RSP, -(1L << width), width);
    b.opi(Uop.SUBI, X86Core.RSP, X86Core.RSP, 1L << width, 3);
  }

  static void push(X86Builder b) {
    if (b.operand(0).kind() == X86Operand.SEGMENT) {
      b.helper(X86Segments::read, Uop.T0, Uop.ZERO, Uop.ZERO, 1, b.row.form.endsWith("FS")
          ? X86Core.FS : X86Core.GS);
      pushRegister(b, Uop.T0, b.width);
    } else {
      pushRegister(b, b.read(0, Uop.T0), b.width);
    }
  }

  /// The address of a memory destination is computed with the incremented RSP, and POP RSP ends with the value popped
  /// (SDM vol. 2B, POP).
  static void pop(X86Builder b) {
    int bytes = 1 << b.width;
    b.load(Uop.T0, X86Core.RSP, 0, b.width);
    if (b.operand(0).kind() == X86Operand.SEGMENT) {
      b.helper(X86Segments::write, Uop.SINK, Uop.T0, Uop.ZERO, 1, b.row.form.endsWith("FS")
          ? X86Core.FS : X86Core.GS);
      b.opi(Uop.ADDI, X86Core.RSP, X86Core.RSP, bytes, 3);
    } else if (b.isMemory(0)) {
      b.shiftStackBase(bytes);
      b.write(0, Uop.T0);
      b.opi(Uop.ADDI, X86Core.RSP, X86Core.RSP, bytes, 3);
    } else {
      b.opi(Uop.ADDI, X86Core.RSP, X86Core.RSP, bytes, 3);
      b.write(0, Uop.T0);
    }
  }

  static void leave(X86Builder b) {
    b.load(Uop.T0, X86Core.RBP, 0, b.width);
    b.opi(Uop.ADDI, X86Core.RSP, X86Core.RBP, 1 << b.width, 3);
    b.op(b.width == 1 ? Uop.MERGE16 : Uop.MOV, X86Core.RBP, Uop.T0, Uop.ZERO, b.width);
  }

  static void enter(X86Builder b) {
    b.helper(X86Frames::enter, Uop.SINK, Uop.ZERO, Uop.ZERO, b.width,
        b.d.immediate | (long) (b.d.immediate2 & 31) << 16);
  }

  /// String instructions: the whole repetition is one helper call. `a` is the source's segment base; the immediate says
  /// REP and address size.
  static void string(X86Builder b, X86Helper helper) {
    int repeat = b.d.repeat == 0 ? 0 : b.d.repeat == 0xf3 ? X86Strings.REPE : X86Strings.REPNE;
    b.helper(helper, Uop.SINK, b.d.segment, Uop.ZERO, b.width(0), repeat | (b.d.address32 ? X86Strings.ADDRESS_32 : 0));
  }
}
