package dev.crosspatch.isa.x86;

import dev.crosspatch.core.uop.Cond;
import dev.crosspatch.core.uop.Uop;

/// Emitters of arithmetic, logic, shifts and bit instructions.
final class X86EmitAlu {
  private X86EmitAlu() {}

  /// `op0 = op0 OP op1`, flags from micro-op `op` (which has an immediate form).
  static void binary(X86Builder b, int op) {
    int a = b.update(0, Uop.T0);
    int dst = b.target(0, Uop.T1);
    compute(b, op, dst, a);
    b.commit(0, dst);
  }

  /// CMP, TEST: only the flags.
  static void compare(X86Builder b, int op) {
    int a = b.read(0, Uop.T0);
    compute(b, op, Uop.SINK, a);
  }

  private static void compute(X86Builder b, int op, int dst, int a) {
    if (b.isImmediate(1)) {
      b.opi(op | Uop.IMMEDIATE, dst, a, b.immediate(1), b.width(0));
    } else {
      b.op(op, dst, a, b.read(1, Uop.T2), b.width(0));
    }
  }

  /// ADC, SBB: micro-ops without an immediate form.
  static void carry(X86Builder b, int op) {
    int a = b.update(0, Uop.T0);
    int s = b.read(1, Uop.T2);
    int dst = b.target(0, Uop.T1);
    b.op(op, dst, a, s, b.width(0));
    b.commit(0, dst);
  }

  /// INC, DEC.
  static void step(X86Builder b, int op) {
    int a = b.update(0, Uop.T0);
    int dst = b.target(0, Uop.T1);
    b.op(op, dst, a, Uop.ZERO, b.width(0));
    b.commit(0, dst);
  }

  static void neg(X86Builder b) {
    int a = b.update(0, Uop.T0);
    int dst = b.target(0, Uop.T1);
    b.op(Uop.SUBF, dst, Uop.ZERO, a, b.width(0));
    b.commit(0, dst);
  }

  static void not(X86Builder b) {
    int a = b.update(0, Uop.T0);
    int dst = b.target(0, Uop.T1);
    b.opi(Uop.XORI, dst, a, -1, Math.max(b.width(0), 2));
    b.commit(0, dst);
  }

  /// One-operand MUL, IMUL, DIV, IDIV on RDX:RAX.
  static void wide(X86Builder b, X86Helper helper) {
    b.helper(helper, Uop.SINK, b.read(0, Uop.T0), Uop.ZERO, b.width(0), 0);
  }

  /// IMUL with one, two or three operands.
  static void imul(X86Builder b) {
    if (b.operands() == 1) {
      wide(b, X86Helpers::imulWide);
      return;
    }
    int last = b.operands() - 1;
    int a = b.read(last == 1 ? 0 : 1, Uop.T0);
    int s = b.read(last, Uop.T2);
    int dst = b.target(0, Uop.T1);
    b.helper(X86Helpers::imul, dst, a, s, b.width, 0);
    b.commit(0, dst);
  }

  /// Shifts and rotates by an immediate, 1 or CL; `op` is the micro-op that does it.
  static void shift(X86Builder b, int op) {
    int a = b.update(0, Uop.T0);
    int dst = b.target(0, Uop.T1);
    boolean fixed = b.isImmediate(1);
    b.out.full(op, dst, a, fixed ? Uop.ZERO : X86Core.RCX, b.width(0), 0, 0, fixed ? b.immediate(1) : 0);
    b.commit(0, dst);
  }

  /// RCL, RCR.
  static void throughCarry(X86Builder b, X86Helper helper) {
    int a = b.update(0, Uop.T0);
    int dst = b.target(0, Uop.T1);
    boolean fixed = b.isImmediate(1);
    b.helper(helper, dst, a, fixed ? Uop.ZERO : X86Core.RCX, b.width(0), fixed ? b.immediate(1) : 0);
    b.commit(0, dst);
  }

  /// SHLD, SHRD.
  static void doubleShift(X86Builder b, X86Helper helper) {
    int a = b.update(0, Uop.T0);
    int dst = b.target(0, Uop.T1);
    boolean fixed = b.isImmediate(2);
    b.helper(helper, dst, a, b.read(1, Uop.T2), fixed ? Uop.ZERO : X86Core.RCX, b.width(0), fixed ? b.immediate(2) : 0);
    b.commit(0, dst);
  }

  /// BT, BTS, BTR, BTC. With a register index a memory operand is a bit string: the index selects the word, too (SDM
  /// vol. 2A, BT).
  static void bitTest(X86Builder b, X86Helper helper, boolean changes) {
    boolean fixed = b.isImmediate(1);
    int bit = fixed ? Uop.ZERO : b.read(1, Uop.T2);
    int w = b.width(0);
    if (b.isMemory(0) && !fixed) {
      b.out.full(Uop.EXT, Uop.T3, bit, Uop.ZERO, w, 0, Uop.F_SIGNED, 0);
      b.opi(Uop.SARI, Uop.T3, Uop.T3, w + 3, 3);
      b.opi(Uop.SHLI, Uop.T3, Uop.T3, w, 3);
      b.offsetAddress(Uop.T3);
    }
    if (!changes) {
      b.helper(helper, Uop.SINK, b.read(0, Uop.T0), bit, w, fixed ? b.immediate(1) : 0);
      return;
    }
    int a = b.update(0, Uop.T0);
    int dst = b.target(0, Uop.T1);
    b.helper(helper, dst, a, bit, w, fixed ? b.immediate(1) : 0);
    b.commit(0, dst);
  }

  /// BSF, BSR, TZCNT, LZCNT, POPCNT: `op0 = f(op1)`; the old op0 is an input (BSF of zero leaves it).
  static void scan(X86Builder b, X86Helper helper) {
    int s = b.read(1, Uop.T0);
    int dst = b.target(0, Uop.T1);
    b.helper(helper, dst, b.number(0), s, b.width, 0);
    b.commit(0, dst);
  }

  /// The destination is 64 bits wide with REX.W, of which the upper half becomes zero.
  static void crc32(X86Builder b) {
    int s = b.read(1, Uop.T0);
    b.helper(X86Bits::crc32, b.number(0), b.number(0), s, b.width(1), 0);
  }

  /// The 16-bit form is undefined (SDM vol. 2A BSWAP); CPUs of both makers clear the word.
  static void byteSwap(X86Builder b) {
    if (b.width == 1) {
      b.op(Uop.MERGE16, b.number(0), Uop.ZERO, Uop.ZERO, 1);
      return;
    }
    b.out.full(Uop.REV, b.number(0), b.number(0), Uop.ZERO, b.width(0), b.width(0), 0, 0);
  }

  static void cbw(X86Builder b) {
    int word = b.width == 2 ? Uop.F_WORD : 0;
    b.out.full(Uop.EXT, b.width == 1 ? Uop.T0 : X86Core.RAX, X86Core.RAX, Uop.ZERO, b.width - 1, 0,
        Uop.F_SIGNED | word, 0);
    if (b.width == 1) {
      b.op(Uop.MERGE16, X86Core.RAX, Uop.T0, Uop.ZERO, 1);
    }
  }

  static void cwd(X86Builder b) {
    if (b.width == 1) {
      b.out.full(Uop.EXT, Uop.T0, X86Core.RAX, Uop.ZERO, 1, 0, Uop.F_SIGNED, 0);
      b.opi(Uop.SARI, Uop.T0, Uop.T0, 15, 3);
      b.op(Uop.MERGE16, X86Core.RDX, Uop.T0, Uop.ZERO, 1);
    } else {
      b.opi(Uop.SARI, X86Core.RDX, X86Core.RAX, (8 << b.width) - 1, b.width);
    }
  }

  /// ADCX, ADOX.
  static void carryChain(X86Builder b, X86Helper helper) {
    int s = b.read(1, Uop.T0);
    b.helper(helper, b.number(0), b.number(0), s, b.width(0), 0);
  }

  /// BMI instructions `op0 = f(op1, op2)` or `op0 = f(op1)`, with flags set by the helper.
  static void bmi(X86Builder b, X86Helper helper) {
    int s = b.read(1, Uop.T0);
    int t = b.operands() < 3 || b.isImmediate(2) ? Uop.ZERO : b.read(2, Uop.T2);
    b.helper(helper, b.number(0), s, t, b.width(0), b.operands() == 3 && b.isImmediate(2) ? b.immediate(2) : 0);
  }

  /// MULX: high half to op0, low half to op1; op0 wins if they are one register.
  static void mulx(X86Builder b) {
    int s = b.read(2, Uop.T0);
    b.helper(X86Helpers::mulx, Uop.T1, s, X86Core.RDX, b.width(0), 0);
    b.move(b.number(1), Uop.T2);
    b.move(b.number(0), Uop.T1);
  }

  /// SHLX, SHRX, SARX: no flags.
  static void shiftNoFlags(X86Builder b, int op) {
    int s = b.read(1, Uop.T0);
    b.op(op, b.number(0), s, b.number(2), b.width(0));
  }

  static void rorx(X86Builder b) {
    int s = b.read(1, Uop.T0);
    b.opi(Uop.RORI, b.number(0), s, b.immediate(2), b.width(0));
  }

  static void setcc(X86Builder b) {
    b.out.full(Uop.SETCC, Uop.T0, Uop.ZERO, Uop.ZERO, 3, b.d.opcode & 15, 0, 0);
    b.write(0, Uop.T0);
  }

  /// The load happens whatever the condition says, and a 32-bit destination is always cut (SDM vol. 2A, CMOVcc).
  static void cmov(X86Builder b) {
    int s = b.read(1, Uop.T0);
    int dst = b.target(0, Uop.T1);
    b.out.full(Uop.CSEL, dst, s, b.number(0), b.width, b.d.opcode & 15, 0, 0);
    b.commit(0, dst);
  }

  /// `if (rAX == op0) op0 = op1 else rAX = op0`, with the flags of the comparison. Memory is written in both cases; of
  /// a 32-bit register operand and of RAX only the one that is written loses bits 63:32 (as CPUs do it; SDM vol. 2A
  /// CMPXCHG says less).
  static void cmpxchg(X86Builder b) {
    int w = b.width(0);
    b.copy(0, Uop.T0, Uop.F_RMW);
    b.copy(1, Uop.T2, 0);
    b.op(Uop.SUBF, Uop.SINK, X86Core.RAX, Uop.T0, w);
    b.out.full(Uop.CSEL, Uop.T3, X86Core.RAX, Uop.T0, 3, Cond.E, 0, 0);
    if (b.isMemory(0)) {
      b.out.full(Uop.CSEL, Uop.T1, Uop.T2, Uop.T0, 3, Cond.E, 0, 0);
      b.write(0, Uop.T1); // before RAX changes, which may be part of the address
      mergeAccumulator(b, w);
    } else {
      mergeAccumulator(b, w);
      b.out.full(Uop.CSEL, Uop.T1, Uop.T2, w < 2 ? Uop.T0 : b.number(0), 3, Cond.E, 0, 0);
      b.assign(0, Uop.T1);
    }
  }

  private static void mergeAccumulator(X86Builder b, int w) {
    switch (w) {
      case 0 -> b.op(Uop.MERGE8, X86Core.RAX, Uop.T3, Uop.ZERO, 0);
      case 1 -> b.op(Uop.MERGE16, X86Core.RAX, Uop.T3, Uop.ZERO, 1);
      default -> b.move(X86Core.RAX, Uop.T3);
    }
  }

  static void xadd(X86Builder b) {
    b.copy(0, Uop.T0, Uop.F_RMW);
    b.op(Uop.ADDF, Uop.T1, Uop.T0, b.read(1, Uop.T2), b.width(0));
    if (b.isMemory(0)) {
      b.write(0, Uop.T1); // before the register changes, which may be part of the address
      b.write(1, Uop.T0);
    } else {
      b.write(1, Uop.T0);
      b.write(0, Uop.T1); // the sum stays if both are one register
    }
  }
}
