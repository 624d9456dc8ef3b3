package dev.crosspatch.isa.x86;

import dev.crosspatch.core.uop.Cond;
import dev.crosspatch.core.uop.Uop;

/// Emitters of branches, calls and traps.
final class X86EmitFlow {
  private X86EmitFlow() {}

  static void jcc(X86Builder b) {
    b.out.full(Uop.JCC, Uop.SINK, Uop.ZERO, Uop.ZERO, 3, b.d.opcode & 15, 0, b.d.immediate);
  }

  static void jmp(X86Builder b) {
    if (b.operand(0).kind() == X86Operand.RELATIVE) {
      b.opi(Uop.JUMP, Uop.SINK, Uop.ZERO, b.d.immediate, 3);
    } else {
      int target = b.read(0, Uop.T0);
      requireCanonical(b, target);
      b.op(Uop.JREG, Uop.SINK, target, Uop.ZERO, 3);
    }
  }

  static void call(X86Builder b) {
    boolean direct = b.operand(0).kind() == X86Operand.RELATIVE;
    if (!direct) {
      b.copy(0, Uop.T0, 0);
      requireCanonical(b, Uop.T0);
    }
    b.opi(Uop.NEXTPC, Uop.T1, Uop.ZERO, 0, 3);
    X86EmitMove.pushRegister(b, Uop.T1, 3);
    if (direct) {
      b.opi(Uop.JUMP, Uop.SINK, Uop.ZERO, b.d.immediate, 3);
    } else {
      b.op(Uop.JREG, Uop.SINK, Uop.T0, Uop.ZERO, 3);
    }
  }

  static void ret(X86Builder b) {
    b.load(Uop.T0, X86Core.RSP, 0, 3);
    requireCanonical(b, Uop.T0);
    b.opi(Uop.ADDI, X86Core.RSP, X86Core.RSP, 8 + b.d.immediate, 3);
    b.op(Uop.JREG, Uop.SINK, Uop.T0, Uop.ZERO, 3);
  }

  /// #GP(0) at the branch, not at its target (SDM vol. 2, JMP, CALL, RET).
  private static void requireCanonical(X86Builder b, int target) {
    b.opi(Uop.CANONICAL, Uop.SINK, target, X86Exceptions.BAD_TARGET, 3);
  }

  static void loop(X86Builder b) {
    int w = b.d.address32 ? 2 : 3;
    b.opi(Uop.SUBI, X86Core.RCX, X86Core.RCX, 1, w);
    b.out.full(Uop.JNZ, Uop.SINK, X86Core.RCX, Uop.ZERO, w, 0, 0, b.d.immediate);
  }

  /// LOOPE, LOOPNE: taken if the count is not zero and the condition holds. A count of zero has as many leading zeros
  /// as it has bits.
  static void loopWhile(X86Builder b, int condition) {
    int w = b.d.address32 ? 2 : 3;
    b.out.full(Uop.SETCC, Uop.T0, Uop.ZERO, Uop.ZERO, 3, condition, 0, 0);
    b.opi(Uop.SUBI, X86Core.RCX, X86Core.RCX, 1, w);
    b.op(Uop.CLZ, Uop.T1, X86Core.RCX, Uop.ZERO, w);
    b.opi(Uop.SHRI, Uop.T1, Uop.T1, w + 3, 3);
    b.op(Uop.BIC, Uop.T0, Uop.T0, Uop.T1, 3);
    b.out.full(Uop.JNZ, Uop.SINK, Uop.T0, Uop.ZERO, 3, 0, 0, b.d.immediate);
  }

  static void loope(X86Builder b) {
    loopWhile(b, Cond.E);
  }

  static void loopne(X86Builder b) {
    loopWhile(b, Cond.NE);
  }

  static void jrcxz(X86Builder b) {
    b.out.full(Uop.JZ, Uop.SINK, X86Core.RCX, Uop.ZERO, b.d.address32 ? 2 : 3, 0, 0, b.d.immediate);
  }

  /// With REX.B it depends on the CPU what F3 90 is.
  static void pause(X86Builder b) {
    if (b.operands() == 0) {
      nop(b);
    } else {
      b.helper(X86Helpers::pauseOrXchg, Uop.SINK, b.number(0), Uop.ZERO, b.width, 0);
    }
  }

  static void nop(X86Builder b) {
    b.op(Uop.NOP, Uop.SINK, Uop.ZERO, Uop.ZERO, 3);
  }

  /// INT3, INT n, INT1: traps that do not retire; the frame holds the address behind them.
  static void interrupt(X86Builder b, int vector) {
    b.helper((c, w, imm) -> X86Exceptions.software(c, (int) imm), Uop.SINK, Uop.ZERO, Uop.ZERO, 3, vector);
  }
}
