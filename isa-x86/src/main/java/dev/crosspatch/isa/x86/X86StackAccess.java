package dev.crosspatch.isa.x86;

import dev.crosspatch.core.uop.Uop;

/// Whether the instruction at pc, which faulted at an address that is not canonical, got there through the stack
/// segment (SDM vol. 1 3.7.4: accesses by PUSH, POP, CALL and their like, and memory operands with RSP or RBP as base).
/// That makes #SS of #GP (SDM vol. 3 6.15).
///
/// The instruction is decoded once more, from the bytes that were executed; there are none if its fetch faulted.
final class X86StackAccess {
  private X86StackAccess() {}

  /// No instruction but LEAVE and ENTER goes further from RSP by itself.
  private static final long REACH = 64;

  static boolean isAt(X86Core c, byte[] text, long address) {
    X86Decoder d = new X86Decoder(text, 0, text.length);
    if (d.parse() == X86Decoder.MORE || d.row == null) {
      return false;
    }
    boolean explicit = d.modrm < 0xc0 && d.row.hasModrm;
    boolean byOperand = explicit && operand(c, d) == address && !d.row.mnemonic.equals("POP");
    return (implicit(d.row.mnemonic) && !byOperand && near(c, d.row.mnemonic, address)) || explicit(d);
  }

  /// Whether the instruction at pc is a CALL, and its push would fault: the fault is recorded then. AMD's CPUs check
  /// the push before they find that the target is not canonical (measured on Zen 4); SDM vol. 2A CALL has it the other
  /// way round.
  static boolean callCannotPush(X86Core c, byte[] text) {
    X86Decoder d = new X86Decoder(text, 0, text.length);
    if (d.parse() == X86Decoder.MORE || d.row == null || !d.row.mnemonic.equals("CALL")) {
      return false;
    }
    c.load(c.r[X86Core.RSP] - 8, 3, Uop.F_RMW);
    return c.faultCode != 0;
  }

  private static boolean implicit(String mnemonic) {
    return switch (mnemonic) {
      case "PUSH", "POP", "PUSHF", "POPF", "CALL", "CALLF", "RET", "RETF", "IRET", "ENTER", "LEAVE" -> true;
      default -> false;
    };
  }

  /// PUSH, POP and CALL with a memory operand have two addresses: which was it? The operand of PUSH and CALL comes
  /// first, the stack of POP.
  private static boolean near(X86Core c, String mnemonic, long address) {
    return mnemonic.equals("LEAVE") || mnemonic.equals("ENTER") || Math.abs(address - c.r[X86Core.RSP]) <= REACH;
  }

  /// Where the memory operand lies. (None of those that it matters for changes a register before it faults.)
  private static long operand(X86Core c, X86Decoder d) {
    long sum = (d.ripRelative ? c.pc + d.length : c.r[d.base]) + (c.r[d.index] << d.scale) + d.displacement;
    return (d.address32 ? sum & 0xffff_ffffL : sum) + c.r[d.segment];
  }

  private static boolean explicit(X86Decoder d) {
    return d.segment == Uop.ZERO && !d.ripRelative && (d.base == X86Core.RSP || d.base == X86Core.RBP);
  }
}
