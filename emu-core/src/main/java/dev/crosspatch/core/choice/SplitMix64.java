package dev.crosspatch.core.choice;

/// The generator of random numbers whose state is one number: add [#GAMMA] to it, and [#mix] it (Steele, Lea and Flood,
/// "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
public final class SplitMix64 {
  private SplitMix64() {}

  public static final long GAMMA = 0x9e3779b97f4a7c15L;

  /// The random number of a state.
  public static long mix(long state) {
    long z = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
