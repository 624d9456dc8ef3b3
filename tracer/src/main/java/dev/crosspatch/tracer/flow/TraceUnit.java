package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.event.RetireSink;

/// The trace hardware of one CPU: hears retire events and produces the bytes that the hardware would have written.
public interface TraceUnit extends RetireSink {

  /// The trace so far, complete after [#end].
  byte[] bytes();

  /// Packets lost to a full buffer: how often the unit went into overflow.
  int overflows();
}
