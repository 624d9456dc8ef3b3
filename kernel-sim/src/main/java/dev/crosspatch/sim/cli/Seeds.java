package dev.crosspatch.sim.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A range of seeds, `A..B`.
///
/// @param first the first, 0 or more
/// @param last  the last, not below the first
record Seeds(long first, long last) {
  /// Reads one.
  static final class Converter implements ITypeConverter<Seeds> {
    private final Arguments.WholeNumber number = new Arguments.WholeNumber();

    @Override
    public Seeds convert(String text) throws Exception {
      int dots = text.indexOf("..");
      if (dots <= 0) {
        throw new TypeConversionException("'" + text + "' is no range of seeds: A..B");
      }
      Seeds seeds = new Seeds(number.convert(text.substring(0, dots)), number.convert(text.substring(dots + 2)));
      if (seeds.first < 0 || seeds.last < seeds.first || seeds.last == Long.MAX_VALUE) {
        throw new TypeConversionException("'" + text + "' is no range of seeds: A..B, with 0 <= A <= B");
      }
      return seeds;
    }
  }
}
