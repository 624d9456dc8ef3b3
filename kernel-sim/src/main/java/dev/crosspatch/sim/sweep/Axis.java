package dev.crosspatch.sim.sweep;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.fields.Setting;
import java.util.ArrayList;
import java.util.List;

/// A key of a scenario, and what it shall be, one value after the other: `cpus=1,2,4,8`. Commas within brackets, braces
/// and quotes belong to a value, as in YAML: `leave-out=[sync-b, int3]` is one.
///
/// @param key    the key
/// @param values of that key, one or more, all different
public record Axis(String key, List<Setting> values) {

  /// Copies the list.
  public Axis {
    values = List.copyOf(values);
  }

  /// Reads `key=value,value...`.
  ///
  /// @throws BadInput if it is something else, or a value is missing or stands twice
  public static Axis of(String text) {
    Setting whole = Setting.of(text);
    List<String> parts = parts(whole.value());
    List<Setting> values = new ArrayList<>();
    for (String part : parts) {
      Setting value = new Setting(whole.key(), part.strip());
      if (parts.size() > 1 && value.value().isEmpty()) {
        throw new BadInput(text + ": a value is missing; a list is KEY=VALUE,VALUE");
      }
      if (values.contains(value)) {
        throw new BadInput(text + ": " + value.value() + " stands twice");
      }
      values.add(value);
    }
    return new Axis(whole.key(), values);
  }

  /// Whether there is more than one value.
  public boolean isSwept() {
    return values.size() > 1;
  }

  private static List<String> parts(String text) {
    List<String> parts = new ArrayList<>();
    int begin = 0;
    int depth = 0;
    char quote = 0;
    char before = ','; // the last character that is no blank: a quote within a word is none
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote != 0) {
        boolean escape = quote == '"' ? c == '\\' : text.startsWith("''", i);
        i += escape ? 1 : 0;
        quote = c == quote && !escape ? 0 : quote;
      } else if ((c == '"' || c == '\'') && ",:[{".indexOf(before) >= 0) {
        quote = c;
      } else if (c == ',' && depth == 0) {
        parts.add(text.substring(begin, i));
        begin = i + 1;
      } else {
        depth += "[{".indexOf(c) >= 0 ? 1 : "]}".indexOf(c) >= 0 ? -1 : 0;
      }
      before = c == ' ' ? before : c;
    }
    parts.add(text.substring(begin));
    return parts;
  }
}
