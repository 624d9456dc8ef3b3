package dev.crosspatch.sim.fields;

import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;

/// What a YAML text may ask of its reader, checked event by event before anything is built of it: the builder calls
/// itself for each level, and an alias of an alias of an alias grows without end.
final class YamlLimits {
  /// Levels of lists and mappings in each other; a scenario has four.
  private static final int DEEPEST = 32;
  /// Aliases (`*name`) in a text.
  static final int MOST_ALIASES = 100;

  private YamlLimits() {}

  /// Reads all events.
  ///
  /// @throws BadField at the first that is too much
  static void check(String file, Iterable<Event> events) {
    int depth = 0;
    int aliases = 0;
    for (Event event : events) {
      switch (event) {
        case CollectionStartEvent start -> depth++;
        case CollectionEndEvent end -> depth--;
        case AliasEvent alias -> aliases++;
        default -> { }
      }
      if (depth > DEEPEST) {
        throw tooMuch(file, event, "more than " + DEEPEST + " lists and mappings in each other");
      }
      if (aliases > MOST_ALIASES) {
        throw tooMuch(file, event, "more than " + MOST_ALIASES + " aliases");
      }
    }
  }

  private static BadField tooMuch(String file, Event event, String what) {
    return new BadField(file, event.getStartMark().map(Mark::getLine).orElse(0) + 1, "", what);
  }
}
