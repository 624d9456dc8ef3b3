package dev.crosspatch.core.time;

/// How the cores of a machine lie together: numbers of cores, 1 or more, consecutive ones together.
public enum Count {
  /// Cores that share an L2, and an L3.
  L2_CORES, L3_CORES,
  /// Cores of a cluster, and of a socket: what passes between cores takes longer from one to the next.
  CLUSTER_CORES, SOCKET_CORES
}
