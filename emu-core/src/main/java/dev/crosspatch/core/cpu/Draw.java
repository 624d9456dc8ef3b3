package dev.crosspatch.core.cpu;

/// Seeded random draws of one core (SplitMix64: the state is one number, so a snapshot can hold it).
final class Draw {
  private static final long GAMMA = 0x9e3779b97f4a7c15L;
  private long state;

  Draw(long seed, int core) {
    state = mix(seed) + core * GAMMA * 0x5851f42d4c957f2dL;
  }

  private static long mix(long x) {
    long z = (x ^ x >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  /// Uniform in 0..bound-1; `bound` is at least 1.
  int below(int bound) {
    state += GAMMA;
    return (int) Long.remainderUnsigned(mix(state), bound);
  }
}
