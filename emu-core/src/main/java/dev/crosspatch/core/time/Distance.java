package dev.crosspatch.core.time;

/// How far one core is from another.
public enum Distance {
  /// In the same cluster; in another one of the same socket; in another socket.
  CLUSTER, SOCKET, MACHINE;

  private static final Distance[] ALL = values();

  /// The larger one.
  public static Distance farther(Distance a, Distance b) {
    return ALL[Math.max(a.ordinal(), b.ordinal())];
  }
}
