package dev.crosspatch.isa.x86;

import dev.crosspatch.core.uop.Uop;

/// Emitters of vector instructions: an address if there is an operand in memory, and a helper. What the helper does
/// with the operands, see [X86Vectors].
final class X86EmitVector {
  private X86EmitVector() {}

  /// `dst = f(a, b)`: operand 0 is the destination, the last one that is no immediate is `b`, and what is between them
  /// `a`, or if there is nothing the destination.
  static void compute(X86Builder b, X86Helper helper) {
    int last = last(b);
    int first = last > 1 && b.operand(1).kind() != X86Operand.IMMEDIATE ? 1 : 0;
    emit(b, helper, b.number(0), b.number(first), last, false);
  }

  /// No destination but flags: operand 0 is `a`.
  static void compare(X86Builder b, X86Helper helper) {
    emit(b, helper, 0, b.number(0), last(b), false);
  }

  /// A move of operand 1 to operand 0, which may be memory: `load` then, or between registers, `store` else.
  static void move(X86Builder b, X86Helper load, X86Helper store) {
    if (b.isMemory(0)) {
      emit(b, store, 0, b.number(b.operands() - 1), 0, true);
    } else {
      compute(b, load);
    }
  }

  /// As [#move], where operand 0 may be a general register and there is an immediate.
  static void extract(X86Builder b, X86Helper take, X86Helper store) {
    if (b.isMemory(0)) {
      emit(b, store, 0, b.number(1), 0, true);
    } else {
      emit(b, take, b.number(0), b.number(1), 0, false);
    }
  }

  /// VZEROUPPER, VZEROALL.
  static void none(X86Builder b, X86Helper helper) {
    b.out.helper(helper, 0, 0, 0, Uop.ZERO, 0, X86Vectors.VEX, 0);
  }

  /// FXSAVE and kin: a helper with the address of operand 0, and 1 for REX.W.
  static void area(X86Builder b, X86Helper helper) {
    b.linearAddress(Uop.T0);
    b.out.helper(helper, 0, 0, 0, Uop.T0, 0, 0, b.d.rex >> 3);
  }

  /// FNSTENV, FLDENV: a helper with the address of operand 0, and log2 of the bytes of each of its parts.
  static void environment(X86Builder b, X86Helper helper) {
    b.linearAddress(Uop.T0);
    b.out.helper(helper, 0, 0, 0, Uop.T0, 0, 0, b.width == 1 ? 1 : 2);
  }

  /// x87: see [X86FloatStack].
  ///
  /// @param store an operand in memory is written, else read
  static void x87(X86Builder b, X86Helper helper, boolean store) {
    boolean memory = b.d.modrm < 0xc0;
    if (memory) {
      b.accessAddress(Uop.T0, store);
    }
    b.opi(Uop.NEXTPC, Uop.T1, Uop.ZERO, -b.d.length, 3);
    int imm = (b.d.opcode & 7) << 8 | b.d.modrm | (memory ? X86FloatStack.MEMORY : 0);
    b.out.helper(helper, 0, 0, 0, memory ? Uop.T0 : Uop.ZERO, 0, 0, imm);
  }

  /// A helper that loads, or stores, operand 0, a general one in memory.
  static void general(X86Builder b, X86Helper helper, boolean store) {
    emit(b, helper, 0, 0, 0, store);
  }

  /// To a general register: the helper's immediate is log2 of its bytes.
  static void toGeneral(X86Builder b, X86Helper helper) {
    b.d.immediate = Math.max(b.width, 2);
    compute(b, helper);
  }

  /// PCMPESTRI and kin.
  static void strings(X86Builder b, X86Helper helper) {
    b.d.immediate = (b.d.immediate & 0xff) | ((b.d.rex & 8) != 0 ? X86TextStrings.WIDE : 0);
    compare(b, helper);
  }

  /// Elements in memory that a mask (operand 1) chooses: operand 0 is the destination or, in memory, operand 2 the
  /// source.
  static void masked(X86Builder b, X86Helper helper) {
    boolean store = b.isMemory(0);
    emit(b, helper, b.number(store ? 2 : 0), b.number(1), store ? 0 : 2, store);
  }

  /// Gathers: operand 0 is the destination, operand 2 the mask, and the index a vector.
  static void gather(X86Builder b, X86Helper helper) {
    int index = b.d.vectorIndex;
    if (index == b.number(0) || index == b.number(2) || b.number(0) == b.number(2)) {
      b.undefined();
      return;
    }
    b.vectorBase(Uop.T0);
    int flags = X86Vectors.VEX | (b.d.vectorWidth() == 5 ? X86Vectors.LONG : 0);
    b.out.helper(helper, b.number(0), b.number(2), b.d.segment, Uop.T0, 0, flags,
        index | b.d.scale << 8 | (b.d.address32 ? X86VectorMemory.ADDRESS_32 : 0));
  }

  /// To a narrower vector, which may be in memory: the result is computed, then stored.
  static void narrow(X86Builder b, X86Helper helper) {
    int flags = X86Vectors.VEX | (isLong(b) ? X86Vectors.LONG : 0);
    int dst = b.isMemory(0) ? X86Vectors.NARROWED : b.number(0);
    if (b.isMemory(0)) {
      emit(b, X86VectorMoves::probe, 0, 0, 0, true);
    }
    b.out.helper(helper, dst, 0, b.number(1), Uop.ZERO, 0, flags, b.d.immediate);
    if (b.isMemory(0)) {
      emit(b, X86VectorMoves.STORE, 0, X86Vectors.NARROWED, 0, true);
    }
  }

  /// MASKMOVDQU, MASKMOVQ: memory at DS:RDI, or the segment of a prefix.
  static void maskMove(X86Builder b, X86Helper helper) {
    b.implicitAddress(Uop.T0, X86Core.RDI);
    b.out.helper(helper, 0, b.number(0), b.number(1), Uop.T0, 0, b.d.isVex() ? X86Vectors.VEX : 0, 0);
  }

  private static int last(X86Builder b) {
    int last = b.operands() - 1;
    while (b.operand(last).kind() == X86Operand.IMMEDIATE || b.operand(last).kind() == X86Operand.VECTOR_IMMEDIATE) {
      last--;
    }
    return last;
  }

  private static void emit(X86Builder b, X86Helper helper, int dst, int first, int operand, boolean store) {
    boolean vex = b.d.isVex();
    boolean memory = b.isMemory(operand);
    int flags = (vex ? X86Vectors.VEX : 0) | (isLong(b) ? X86Vectors.LONG : 0) | (memory ? X86Vectors.MEMORY : 0)
        | (b.row.aligned ? X86Vectors.ALIGNED : 0);
    if (memory) {
      b.accessAddress(Uop.T0, store);
    }
    b.out.helper(helper, dst, first, memory ? 0 : b.number(operand), Uop.T0, b.width(operand), flags, b.d.immediate);
  }

  private static boolean isLong(X86Builder b) {
    boolean any = false;
    for (int i = 0; i < b.operands(); i++) {
      any |= b.operand(i).isVector() && b.width(i) == 5;
    }
    return any;
  }
}
