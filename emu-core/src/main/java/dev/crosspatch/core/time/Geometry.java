package dev.crosspatch.core.time;

/// Size of a table: lines or entries of one set, and how many sets there are; both 0 if there is no such table.
///
/// @param sets a power of two, up to 2^20
/// @param ways up to 64
public record Geometry(int sets, int ways) {
  private static final int MOST_SETS = 1 << 20;
  private static final int MOST_WAYS = 64;
  /// No table.
  public static final Geometry NONE = new Geometry(0, 0);

  /// Checks ranges.
  public Geometry {
    boolean none = sets == 0 && ways == 0;
    if (!none && (sets < 1 || sets > MOST_SETS || Integer.bitCount(sets) != 1 || ways < 1 || ways > MOST_WAYS)) {
      throw new IllegalArgumentException("'" + sets + "x" + ways + "' is neither 0x0 nor a power of two of sets, up to "
          + MOST_SETS + ", times 1 to " + MOST_WAYS + " ways");
    }
  }

  /// Reads `SETSxWAYS`.
  ///
  /// @throws IllegalArgumentException if it is none
  public static Geometry parse(String text) {
    int by = text.indexOf('x');
    try {
      return new Geometry(
          Integer.parseInt(text.substring(0, Math.max(by, 0))), Integer.parseInt(text.substring(by + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not sets and ways, as in 64x8", e);
    }
  }

  /// Whether there is such a table.
  public boolean exists() {
    return sets != 0;
  }

  /// Entries in all.
  public int entries() {
    return sets * ways;
  }
}
