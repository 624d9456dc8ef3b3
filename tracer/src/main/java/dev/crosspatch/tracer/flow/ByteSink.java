package dev.crosspatch.tracer.flow;

/// Takes the bytes of a log or a trace while it is made, so that nobody has to hold all of it.
@FunctionalInterface
public interface ByteSink {

  /// Takes `length` bytes from index `from` on, before it returns: the array is used again.
  void write(byte[] bytes, int from, int length);
}
