package dev.crosspatch.core.fp;

/// How a result that a format does not have becomes one that it has.
public enum Rounding {
  NEAREST_EVEN,
  UP,
  DOWN,
  ZERO,
  /// To the nearest, ties away from zero: FCVTA, FRINTA.
  NEAREST_AWAY,
  /// To the neighbour whose lowest bit is 1, so that a second rounding to fewer bits is right: FCVTXN.
  ODD;

  /// Whether what is kept of a magnitude becomes larger by one.
  ///
  /// @param kept what is kept
  /// @param rest what is cut off, as a fraction of 2^64: the highest bit is one half
  boolean increments(boolean negative, long kept, long rest) {
    return switch (this) {
      case NEAREST_EVEN -> rest < 0 && (rest != Long.MIN_VALUE || (kept & 1) != 0);
      case NEAREST_AWAY -> rest < 0;
      case UP -> rest != 0 && !negative;
      case DOWN -> rest != 0 && negative;
      case ZERO -> false;
      case ODD -> rest != 0 && (kept & 1) == 0;
    };
  }

  /// Whether what is beyond the largest number becomes infinite.
  boolean overflowsToInfinity(boolean negative) {
    return switch (this) {
      case NEAREST_EVEN, NEAREST_AWAY -> true;
      case UP -> !negative;
      case DOWN -> negative;
      case ZERO, ODD -> false;
    };
  }
}
