package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import org.jspecify.annotations.Nullable;

/// Checks of command-line arguments.
final class Arguments {
  private Arguments() {}

  /// `value`, which picocli has filled in.
  static <T> T present(@Nullable T value, String name) {
    if (value == null) {
      throw new BadInput(name + " is missing; see --help");
    }
    return value;
  }
}
