package dev.crosspatch.core.choice;

/// Decides by seeded random draws, of which each core has a sequence of its own (SplitMix64), where a decision is drawn
/// at all ([Choice#isDrawn]); else for option 0. The same seed decides the same.
public final class SeededChoices implements Choices {
  private static final long GAMMA = 0x9e3779b97f4a7c15L;
  private final long[] state;

  /// @param cpus number of cores
  public SeededChoices(long seed, int cpus) {
    state = new long[cpus];
    for (int i = 0; i < cpus; i++) {
      state[i] = mix(seed) + i * GAMMA * 0x5851f42d4c957f2dL;
    }
  }

  private static long mix(long x) {
    long z = (x ^ x >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  @Override
  public boolean choosesTurns() {
    return false;
  }

  /// Uniform, where it is drawn.
  @Override
  public int choose(Choice what, int cpu, int options) {
    if (!what.isDrawn()) {
      return 0;
    }
    state[cpu] += GAMMA;
    return (int) Long.remainderUnsigned(mix(state[cpu]), options);
  }
}
