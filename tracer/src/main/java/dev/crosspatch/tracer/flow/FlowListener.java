package dev.crosspatch.tracer.flow;

/// Hears what the flow decoder finds, in order.
public interface FlowListener {

  /// An instruction at `address` retired.
  void instruction(long address);

  /// The flow left at `from` (which did not retire) for `to`: trap, fault or interrupt.
  void diverted(long from, long to);

  /// The trace says nothing about a stretch; the flow goes on at `address` ([Elements#UNKNOWN] if the trace ends so),
  /// at or after `time` (ticks; [Long#MIN_VALUE] if the trace does not say).
  void gap(long address, Gap reason, long time);

  /// Tracing stopped before the instruction at `address`, or by a branch, a filter or a switch of which the trace tells
  /// no address ([Elements#UNKNOWN]), at or after `time`. Where it starts again, [#gap] says so.
  default void stopped(long address, long time) {}

  /// The decoder cannot say what ran, or the trace and the text contradict each other.
  void problem(Problem problem);

  /// Why there is a gap.
  enum Gap {
    /// First start of the trace.
    BEGIN,
    /// Tracing was off.
    OFF,
    /// Packets were lost.
    OVERFLOW,
    /// The decoder gave up behind a problem and took up the trace again here.
    RESYNC
  }
}
