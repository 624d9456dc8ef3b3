package dev.crosspatch.tracer.flow;

/// Where packets come to as bytes, until somebody takes them away.
public interface PacketOutput {

  /// Bytes that nobody has taken yet.
  int size();

  /// Bytes ever written.
  long total();

  /// Hands the bytes over and forgets them.
  void drainTo(ByteSink sink);
}
