package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Plugins;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/// Checks of command-line arguments.
final class Arguments {
  private Arguments() {}

  /// A value in decimal, or in hexadecimal with 0x; as in scenarios, none with a leading 0.
  static final class WholeNumber implements CommandLine.ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
      try {
        if (!value.matches("[-+]?0\\d+")) {
          return Long.decode(value);
        }
      } catch (NumberFormatException e) {
        // Falls through.
      }
      throw new CommandLine.TypeConversionException("'" + value
          + "' is not a whole number of at most 63 bits, decimal without a leading 0 or hexadecimal with 0x");
    }
  }

  /// Names of all ISAs.
  static final class Isas implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Plugins.isas().iterator();
    }
  }

  /// Names of all cores that programs run on.
  static final class UserPresets implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Plugins.userPresets().iterator();
    }
  }

  /// `value`, which picocli has filled in.
  static <T> T present(@Nullable T value, String name) {
    if (value == null) {
      throw new BadInput(name + " is missing; see --help");
    }
    return value;
  }
}
