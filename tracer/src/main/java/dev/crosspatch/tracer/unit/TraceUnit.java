package dev.crosspatch.tracer.unit;

import dev.crosspatch.core.event.RetireSink;

/// The trace hardware of one CPU: hears retire events and produces the bytes that the hardware would have written. They
/// go to a [ByteSink] now and then, and all of them by [#end]; the unit holds what one batch of retire events brings,
/// besides [#CHUNK] bytes.
public interface TraceUnit extends RetireSink {

  /// Fewest bytes that go to the sink at once, but for the last.
  int CHUNK = 1 << 15;

  /// Bytes of the trace so far, those that did not yet go to the sink included.
  long size();

  /// Packets lost to a full buffer: how often the unit went into overflow.
  int overflows();
}
