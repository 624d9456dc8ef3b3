package dev.crosspatch.tracer.flow;

/// How somebody wrote down how to trace, in a scenario or in a run's summary: numbers by name, flags as 0 and 1. It is
/// read once, into a typed configuration.
@FunctionalInterface
public interface TraceOptions {

  /// What stands under `name`, or `otherwise` if nothing does.
  long value(String name, long otherwise);
}
