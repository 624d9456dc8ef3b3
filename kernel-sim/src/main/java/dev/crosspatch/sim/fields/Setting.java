package dev.crosspatch.sim.fields;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.crosspatch.sim.BadInput;
import java.util.List;
import java.util.regex.Pattern;

/// A value in the place of what a file says: `cpus=8`, `flips.total=2`, `sites=[{count: 3}]`.
///
/// @param key   the keys of mappings in each other, with dots between them
/// @param value YAML
public record Setting(String key, String value) {
  private static final String OPTION = "--set";
  private static final Pattern KEY = Pattern.compile("[^\\s.=]+(\\.[^\\s.=]+)*");

  /// Reads `key=value`.
  ///
  /// @throws BadInput if it is something else
  public static Setting of(String text) {
    int equals = text.indexOf('=');
    if (equals < 0 || !KEY.matcher(text.substring(0, equals)).matches()) {
      throw new BadInput("'" + text + "' is not KEY=VALUE, a key of the scenario and what it shall be");
    }
    return new Setting(text.substring(0, equals), text.substring(equals + 1));
  }

  /// One whose value is this text, whatever is in it.
  public static Setting text(String key, String text) {
    return new Setting(key, '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"');
  }

  /// Puts it on top of `base`: a mapping is merged with the one below, all else is replaced.
  ///
  /// @throws BadField if the value is no YAML
  public Fields over(Fields base) {
    return Yaml.set(OPTION, List.of(key.split("\\.")), value, base);
  }

  /// As it was read.
  @Override
  public String toString() {
    return key + "=" + value;
  }
}
