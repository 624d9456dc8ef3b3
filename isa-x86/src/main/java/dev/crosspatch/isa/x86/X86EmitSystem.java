package dev.crosspatch.isa.x86;

import dev.crosspatch.core.uop.Uop;

/// Emitters of system instructions. Most are one helper call.
final class X86EmitSystem {
  private X86EmitSystem() {}

  /// Helper without operands; its immediate is log2 of the operand size in bytes.
  static void plain(X86Builder b, X86Helper helper) {
    b.helper(helper, Uop.SINK, Uop.ZERO, Uop.ZERO, b.width, 0);
  }

  /// Helper that takes the value of operand 0, and `imm`.
  static void consume(X86Builder b, X86Helper helper, long imm) {
    b.helper(helper, Uop.SINK, b.read(0, Uop.T0), Uop.ZERO, b.width(0), imm);
  }

  /// Helper that gives the value of operand 0.
  static void produce(X86Builder b, X86Helper helper, long imm) {
    b.helper(helper, Uop.T0, Uop.ZERO, Uop.ZERO, b.width(0), imm);
    b.write(0, Uop.T0);
  }

  /// Helper that takes the linear address of the memory operand, and the value of operand 0 if that is a register.
  static void addressed(X86Builder b, X86Helper helper) {
    b.linearAddress(Uop.T0);
    int r = b.isMemory(0) ? Uop.ZERO : b.number(0);
    b.helper(helper, Uop.SINK, Uop.T0, r, b.width, 0);
  }

  /// LAR, LSL: helper that takes the selector in operand 1 and writes operand 0, or not.
  static void query(X86Builder b, X86Helper helper) {
    b.helper(helper, Uop.SINK, b.read(1, Uop.T0), b.number(0), b.width, 0);
  }

  /// LSS, LFS, LGS: helper that reads operand 1 itself.
  static void loadFar(X86Builder b, int segment) {
    b.linearAddress(Uop.T0);
    b.helper(X86Segments::loadFar, Uop.SINK, Uop.T0, b.number(0), b.width, segment);
  }

  /// Far CALL, far JMP.
  static void farBranch(X86Builder b, boolean call) {
    b.linearAddress(Uop.T0);
    b.helper((c, w, imm) -> X86Returns.jumpFar(c, w, imm != 0), Uop.SINK, Uop.T0, Uop.ZERO, b.width, call ? 1 : 0);
  }

  /// MOV with a segment, control or debug register on one side; dispatched on the row's operands.
  static void movSystem(X86Builder b) {
    int system = b.operand(0).kind() == X86Operand.SYSTEM ? 0 : 1;
    int number = b.number(system);
    switch (b.operand(system).text().charAt(0)) {
      case 'C' -> control(b, system, number);
      case 'D' -> debug(b, system, number);
      default -> segment(b, system, number & 7);
    }
  }

  private static void control(X86Builder b, int system, int number) {
    if (system == 0) {
      b.helper(X86Control::write, Uop.SINK, b.number(1), Uop.ZERO, 3, number);
    } else {
      b.helper(X86Control::read, b.number(0), Uop.ZERO, Uop.ZERO, 3, number);
    }
  }

  private static void debug(X86Builder b, int system, int number) {
    if (system == 0) {
      b.helper(X86Control::writeDebug, Uop.SINK, b.number(1), Uop.ZERO, 3, number);
    } else {
      b.helper(X86Control::readDebug, b.number(0), Uop.ZERO, Uop.ZERO, 3, number);
    }
  }

  private static void segment(X86Builder b, int system, int number) {
    if (system == 0) {
      b.helper(X86Segments::write, Uop.SINK, b.read(1, Uop.T0), Uop.ZERO, 1, number);
    } else {
      produce(b, X86Segments::read, number);
    }
  }

  /// IN, OUT: operand 0 is the port of OUT, operand 1 that of IN.
  static void port(X86Builder b, X86Helper helper, int portOperand) {
    boolean fixed = b.isImmediate(portOperand);
    int port = fixed ? Uop.ZERO : X86Core.RDX;
    b.helper(helper, Uop.SINK, port, Uop.ZERO, b.width(1 - portOperand), fixed ? b.immediate(portOperand) & 0xff : 0);
  }
}
