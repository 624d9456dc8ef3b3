package dev.crosspatch.core.code;

/// What a patcher may write on an ISA: encodings and the rule which words may be replaced while others run them.
public interface PatchKit {

  /// The breakpoint (INT3: `cc`; BRK #imm).
  byte[] trap();

  /// One no-operation of exactly `length` bytes.
  ///
  /// @throws IllegalArgumentException if there is none of that length
  byte[] nop(int length);

  /// A direct jump of `length` bytes from `from` to `to`.
  ///
  /// @throws IllegalArgumentException naming both addresses if out of range
  byte[] jump(long from, long to, int length);

  /// A direct call from `from` to `to`.
  ///
  /// @throws IllegalArgumentException naming both addresses if out of range
  byte[] call(long from, long to);

  /// Whether `before` may become `after` by one aligned store while other CPUs execute it, with no synchronization,
  /// each CPU running one or the other. x86: single bytes only (SDM vol. 3 9.1.3 leaves the rest undefined). AArch64:
  /// both words among B, BL, BRK, HVC, ISB, NOP, SMC, SVC (Arm ARM B2.2.5).
  boolean replaceableLive(byte[] before, byte[] after);

  /// Who says that a CPU runs what was stored only behind its own synchronization: manual and section.
  String orderRule();

  /// Who says which instructions may be replaced while others run them.
  String exchangeRule();

  /// Who says that an interrupt is sent before earlier stores are visible, unless a fence is between.
  String interruptRule();
}
