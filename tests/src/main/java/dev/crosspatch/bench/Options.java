package dev.crosspatch.bench;

import dev.crosspatch.sim.BadInput;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Arguments of a benchmark: options, each with a number, and what else there is.
///
/// @param numbers by the option's name
/// @param rest    what is no option
record Options(Map<String, Integer> numbers, List<String> rest) {
  private static final int MOST_DIGITS = 7;

  /// Takes them apart.
  ///
  /// @param known names of the options there are
  /// @throws BadInput in a line, if one is not known or has no number
  static Options read(String[] args, List<String> known, String usage) {
    Map<String, Integer> numbers = new HashMap<>();
    List<String> rest = new ArrayList<>();
    for (int i = 0; i < args.length; i++) {
      if (!args[i].startsWith("-")) {
        rest.add(args[i]);
      } else if (!known.contains(args[i])) {
        throw new BadInput("'" + args[i] + "' is no option; " + usage);
      } else {
        String name = args[i];
        numbers.put(name, number(name, ++i < args.length ? args[i] : null));
      }
    }
    return new Options(numbers, rest);
  }

  private static int number(String name, @Nullable String text) {
    if (text == null || !text.matches("[0-9]{1," + MOST_DIGITS + "}")) {
      throw new BadInput(name + ": " + (text == null ? "its number is missing" : "'" + text + "' is no number"));
    }
    return Integer.parseInt(text);
  }

  /// What stands behind `name`, or `otherwise`.
  ///
  /// @throws BadInput if it is not within 1..`most`
  int number(String name, int otherwise, int most) {
    int value = numbers.getOrDefault(name, otherwise);
    if (value < 1 || value > most) {
      throw new BadInput(name + ": " + value + " is not within 1.." + most);
    }
    return value;
  }
}
