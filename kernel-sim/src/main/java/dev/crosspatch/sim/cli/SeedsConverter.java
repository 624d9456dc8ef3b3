package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.sweep.Seeds;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads a range of seeds, `A..B`.
final class SeedsConverter implements ITypeConverter<Seeds> {
  private final Arguments.WholeNumber number = new Arguments.WholeNumber();

  @Override
  public Seeds convert(String text) {
    int dots = text.indexOf("..");
    if (dots <= 0) {
      throw new TypeConversionException("'" + text + "' is no range of seeds: A..B");
    }
    long first = number.convert(text.substring(0, dots));
    long last = number.convert(text.substring(dots + 2));
    try {
      return new Seeds(first, last);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("'" + text + "' is no range of seeds: A..B, with 0 <= A <= B");
    }
  }
}
