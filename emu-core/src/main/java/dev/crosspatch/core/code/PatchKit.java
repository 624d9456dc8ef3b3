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

  /// Who says what an ISA asks of whoever patches: manual and section.
  ///
  /// @param order     that a CPU is sure to run what was stored only behind its own synchronization
  /// @param exchange  which instructions may be replaced while others run them
  /// @param interrupt that an interrupt may be sent before earlier stores are visible, unless a fence is between
  record Rules(String order, String exchange, String interrupt) {}

  /// Where these rules stand.
  Rules rules();
}
