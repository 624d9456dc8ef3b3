package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.code.FlowClass;
import java.util.Map;

/// A hardware trace protocol, as a plug-in found with `ServiceLoader`: its options and its front end, which turns bytes
/// into [Elements]. Its trace units, which turn what a CPU retires into bytes, are another plug-in: nothing here knows
/// of them.
public interface TraceProtocol {

  /// Name in scenarios and file suffix: `pt`, `etm`, `ete`.
  String name();

  /// The ISA whose flow it traces.
  String isa();

  /// Every option with its default, for validation, help and the recorded configuration. Values are integers or
  /// booleans (0, 1).
  Map<String, Long> options();

  /// Further options, with their defaults, that only readers take: what a trace unit is that is not ours.
  default Map<String, Long> readerOptions() {
    return Map.of();
  }

  /// Checks that hardware could be set up this way; simulation takes more, such as shorter periods.
  ///
  /// @param options a full map
  /// @throws IllegalArgumentException `... option NAME: what is wrong`
  default void checkSetup(Map<String, Long> options) {}

  /// Turns the raw trace of one CPU into elements. A trace that ends inside a packet gives an error as its last
  /// element, behind all that the packets before it prove: what the packet would have told is lost. (For [#list] it is
  /// no bad byte: any piece of a trace may be listed, but the trace of a run is whole.)
  ElementReader reader(TraceSource trace, Map<String, Long> options);

  /// Turns a raw trace in memory into elements.
  default ElementReader reader(byte[] trace, Map<String, Long> options) {
    return reader(TraceSource.of(trace), options);
  }

  /// How a trace unit set up this way reports an instruction of this class.
  Report report(FlowClass flow, Map<String, Long> options);

  /// Entries of the return stack by which decoders predict return targets; the youngest entries stay when it is full. 0
  /// if a trace unit set up this way predicts none.
  int returnStackDepth(Map<String, Long> options);

  /// Whether a direct call to the next instruction pushes on the return stack.
  boolean pushesCallToNext();

  /// How an instruction shows in the trace.
  enum Report {
    /// Not at all; an unconditional direct branch is followed by reading the text.
    NONE,
    /// One outcome bit.
    BIT,
    /// No bit; its target is the next `TARGET` (Intel PT indirect branches).
    TARGET,
    /// A taken bit if the return stack predicts the target, else a `TARGET` without a bit (Intel PT RET).
    BIT_IF_PREDICTED,
    /// One outcome bit, followed by a `TARGET` unless the return stack predicts it (ETM indirect branches).
    BIT_AND_TARGET
  }

  /// Lists the packets of a raw trace for people, one a line: offset, bytes, packet. A bad packet is a line with what
  /// is wrong, followed by one that says which bytes were skipped to the next synchronization packet; so are bytes
  /// before the first one. A packet cut off by the trace's end is a line that says so.
  ///
  /// @return how often there were bytes that are no packets
  int list(byte[] trace, Map<String, Long> options, Appendable out) throws java.io.IOException;
}
