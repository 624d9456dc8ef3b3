package dev.crosspatch.core.choice;

/// Decides by seeded random draws, of which each core has a sequence of its own (SplitMix64), where a decision is drawn
/// at all ([Choice#isDrawn]); else for option 0. The same seed decides the same.
public final class SeededChoices implements Choices {
  private final long[] state;

  /// @param cpus number of cores
  public SeededChoices(long seed, int cpus) {
    state = new long[cpus];
    for (int i = 0; i < cpus; i++) {
      state[i] = SplitMix64.mix(seed) + i * SplitMix64.GAMMA * 0x5851f42d4c957f2dL;
    }
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
    state[cpu] += SplitMix64.GAMMA;
    return (int) Long.remainderUnsigned(SplitMix64.mix(state[cpu]), options);
  }
}
