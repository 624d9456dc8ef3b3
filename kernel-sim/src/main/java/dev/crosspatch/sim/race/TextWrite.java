package dev.crosspatch.sim.race;

import dev.crosspatch.core.state.Snapshot;

/// A store to text, and how far it has come towards instruction fetch.
final class TextWrite implements Snapshot.ByIdentity {
  final int cpu;
  final long cycle;
  /// Which of all stores to text it is, 1 and up.
  final long number;
  /// Of its CPU.
  final long step;
  /// What came before it.
  final long[] clock;
  /// Within its line.
  final int offset;
  final byte[] before;
  final byte[] after;
  /// By CPU, its step at which it had brought the store to the point of unification; 0: it has not.
  final long[] cleaned;
  /// By CPU, its step from which on no instruction cache had what stood there before; 0: it has not seen to that.
  final long[] published;

  /// By CPU, its step from which on its own instruction cache has not; 0: it has not seen to that alone.
  final long[] own;
  /// A bit for each CPU whose clean is complete.
  private long settled;

  TextWrite(int cpu, long cycle, long number, long step, long[] clock, int offset, byte[] before, byte[] after,
      long[] cleaned, long[] published, long[] own) {
    this.cpu = cpu;
    this.cycle = cycle;
    this.number = number;
    this.step = step;
    this.clock = clock;
    this.offset = offset;
    this.before = before;
    this.after = after;
    this.cleaned = cleaned;
    this.published = published;
    this.own = own;
  }

  /// A CPU's clean is complete, not only in order.
  void settle(int by) {
    settled |= 1L << by;
  }

  /// Whether a CPU's clean is complete.
  boolean isSettled(int by) {
    return (settled >>> by & 1) != 0;
  }

  /// Whether it concerns bytes `from` to `to` of the line, the latter not among them.
  boolean touches(int from, int to) {
    return offset < to && offset + after.length > from;
  }

  /// Puts its bytes into a copy of the line.
  void apply(byte[] line) {
    System.arraycopy(after, 0, line, offset, after.length);
  }
}
