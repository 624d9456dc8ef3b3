package dev.crosspatch.core.event;

/// Hears everything that retires on one core. Trace units, the truth log, counters and debuggers are sinks; nothing
/// else watches the engine.
public interface RetireSink {

  /// The next rows, in order. The batch is reused after the call.
  void retired(RetireBatch batch);

  /// No more rows will come.
  default void end() {}
}
