package dev.crosspatch.sim.fields;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A mapping of a YAML or JSON file, read key by key with the line at hand, so that every message says where:
/// `file:line: path: what`. Call [#finish] at the end: keys nobody asked for are errors.
///
/// A mapping may stand on a base of another file: keys it lacks are the base's, nested mappings are merged the same
/// way, lists are replaced whole.
public final class Fields {
  private static final Pattern NUMBER = Pattern.compile("-?(0x[0-9a-fA-F]+(_[0-9a-fA-F]+)*|0|[1-9][0-9]*(_[0-9]+)*)");
  private static final Pattern OCTAL = Pattern.compile("-?0[0-9_]+");

  private final String file;
  private final String path;
  private final int line;
  private final Map<String, Value> values = new LinkedHashMap<>();
  private final Set<String> known = new LinkedHashSet<>();

  private final @Nullable Fields base;

  Fields(String file, String path, Value.Mapping mapping, @Nullable Fields base) {
    this.file = file;
    this.path = path;
    this.base = base;
    this.line = mapping.line();
    for (Value.Entry entry : mapping.entries()) {
      if (values.put(entry.key(), entry.value()) != null) {
        throw new BadField(file, entry.line(), path + entry.key(), "the key stands twice");
      }
    }
  }

  private @Nullable Value take(String key) {
    known.add(key);
    Value below = base == null ? null : base.take(key);
    return values.getOrDefault(key, below);
  }

  /// An error about `key`.
  public BadField bad(String key, String what) {
    Value node = values.get(key);
    if (node == null && base != null && base.keys().contains(key)) {
      return base.bad(key, what + " (together with " + file + ")");
    }
    return new BadField(file, node == null ? line : node.line(), path + key, what);
  }

  /// Whether the key is given. Who asks knows it.
  public boolean has(String key) {
    known.add(key);
    boolean below = base != null && base.has(key);
    return below || values.containsKey(key);
  }

  /// Text value, or `otherwise`; an error if absent and `otherwise` is null.
  public String text(String key, @Nullable String otherwise) {
    Value node = take(key);
    if (node == null) {
      if (otherwise == null) {
        throw bad(key, keys().isEmpty() ? "missing" : "missing; given here: " + String.join(", ", keys()));
      }
      return otherwise;
    }
    if (node instanceof Value.Scalar scalar) {
      return scalar.text();
    }
    throw bad(key, "must be a single value");
  }

  /// Whole number within `[min, max]`; `_` may group digits, `0x` starts hexadecimal.
  public long number(String key, long otherwise, long min, long max) {
    if (take(key) == null) {
      return otherwise;
    }
    String text = text(key, null);
    if (!NUMBER.matcher(text).matches()) {
      throw bad(key,
          "'" + text + "' is not a whole number" + (OCTAL.matcher(text).matches() ? " (it has a leading 0)" : ""));
    }
    long value;
    try {
      value = Long.decode(text.replace("_", ""));
    } catch (NumberFormatException e) {
      throw bad(key, text + " is not within " + min + ".." + max);
    }
    if (value < min || value > max) {
      throw bad(key, value + " is not within " + min + ".." + max);
    }
    return value;
  }

  /// `true`/`yes`/`on` or `false`/`no`/`off`.
  public boolean flag(String key, boolean otherwise) {
    String text = text(key, String.valueOf(otherwise));
    return switch (text) {
      case "true", "yes", "on" -> true;
      case "false", "no", "off" -> false;
      default -> throw bad(key, "'" + text + "' is neither true nor false");
    };
  }

  /// A constant of `type`, written in lower case with `-` for `_`.
  public <E extends Enum<E>> E choice(String key, Class<E> type, @Nullable E otherwise) {
    return constant(choice(key, names(type), otherwise == null ? null : spelled(otherwise)), type);
  }

  /// One of `names`.
  public String choice(String key, List<String> names, @Nullable String otherwise) {
    String text = text(key, otherwise);
    if (!has(key) || names.contains(text)) {
      return text;
    }
    throw bad(key, none(text, names));
  }

  /// A list of different constants of `type`; empty if absent.
  public <E extends Enum<E>> List<E> choices(String key, Class<E> type) {
    return choices(key, names(type)).stream().map(name -> constant(name, type)).toList();
  }

  /// A list of different ones of `names`; empty if absent.
  public List<String> choices(String key, List<String> names) {
    List<String> items = list(key);
    for (int i = 0; i < items.size(); i++) {
      if (!names.contains(items.get(i))) {
        throw badItem(key, i, none(items.get(i), names));
      }
    }
    return items;
  }

  private static String none(String text, List<String> names) {
    return "'" + text + "' is none of " + String.join(", ", names);
  }

  private static <E extends Enum<E>> List<String> names(Class<E> type) {
    return Arrays.stream(type.getEnumConstants()).map(Fields::spelled).toList();
  }

  private static <E extends Enum<E>> E constant(String name, Class<E> type) {
    return type.getEnumConstants()[names(type).indexOf(name)];
  }

  /// How a constant is written in a scenario.
  private static String spelled(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private List<Value> items(String key, @Nullable Value node) {
    if (node == null) {
      return List.of();
    }
    if (node instanceof Value.Items list) {
      return list.items();
    }
    throw bad(key, "must be a list" + (node instanceof Value.Scalar one ? ": [" + one.text() + "]" : ""));
  }

  /// The mappings listed under `key`; empty if absent.
  public List<Fields> maps(String key) {
    Value node = take(key);
    List<Fields> result = new ArrayList<>();
    for (Value item : items(key, node)) {
      if (!(item instanceof Value.Mapping map)) {
        throw new BadField(fileOf(key), item.line(), path + key, "must be a list of mappings");
      }
      result.add(new Fields(fileOf(key), path + key + "[" + result.size() + "].", map, null));
    }
    return result;
  }

  /// An error about item `number` of the list under `key`, or about its only value.
  public BadField badItem(String key, int number, String what) {
    return take(key) instanceof Value.Items list
        ? new BadField(fileOf(key), list.items().get(number).line(), path + key, what) : bad(key, what);
  }

  /// The file that says the key; the topmost if none does.
  public String fileOf(String key) {
    return !values.containsKey(key) && base != null ? base.fileOf(key) : file;
  }

  /// The mapping under `key`; an empty one if absent.
  public Fields map(String key) {
    known.add(key);
    Fields below = base == null ? null : base.map(key);
    Value node = values.get(key);
    if (node == null) {
      return below == null
          ? new Fields(file, path + key + ".", new Value.Mapping(List.of(), line), null) : below;
    }
    if (node instanceof Value.Mapping map) {
      return new Fields(file, path + key + ".", map, below);
    }
    throw bad(key, "must be a mapping, as {name: value}");
  }

  /// The mapping under `key` as it stands where it is given, not merged with the base's; null if the key is absent or
  /// something else.
  public @Nullable Fields whole(String key) {
    return take(key) instanceof Value.Mapping map ? new Fields(fileOf(key), path + key + ".", map, null) : null;
  }

  /// A single value or a list of different ones; empty if absent.
  public List<String> texts(String key) {
    return take(key) instanceof Value.Scalar scalar ? List.of(scalar.text()) : list(key);
  }

  /// A single value or a list of values, of which some may be the same; empty if absent.
  public List<String> series(String key) {
    return take(key) instanceof Value.Scalar scalar ? List.of(scalar.text()) : plain(key);
  }

  /// A list of different values; empty if absent.
  public List<String> list(String key) {
    List<String> result = plain(key);
    for (int i = 0; i < result.size(); i++) {
      if (result.indexOf(result.get(i)) < i) {
        throw badItem(key, i, "'" + result.get(i) + "' stands twice");
      }
    }
    return result;
  }

  private List<String> plain(String key) {
    List<String> result = new ArrayList<>();
    for (Value item : items(key, take(key))) {
      if (!(item instanceof Value.Scalar scalar)) {
        throw bad(key, "must be a list of plain values");
      }
      result.add(scalar.text());
    }
    return result;
  }

  /// All keys, the base's first.
  public List<String> keys() {
    LinkedHashSet<String> all = new LinkedHashSet<>(base == null ? List.of() : base.keys());
    all.addAll(values.keySet());
    return List.copyOf(all);
  }

  /// Keys that it says itself, whatever its base says.
  public List<String> own() {
    return List.copyOf(values.keySet());
  }

  /// What it stands on; null if on nothing.
  public @Nullable Fields base() {
    return base;
  }

  /// All of it as YAML, without a base: what stands on the base is in it.
  ///
  /// @param whole   keys whose mappings are not merged with the base's
  /// @param without keys that are left out
  public String yaml(Set<String> whole, Set<String> without) {
    Value.Mapping merged = merged(whole);
    return YamlText.of(new Value.Mapping(
        merged.entries().stream().filter(e -> !without.contains(e.key())).toList(), merged.line()));
  }

  private Value.Mapping merged(Set<String> whole) {
    Value.Mapping own = new Value.Mapping(
        values.entrySet().stream().map(e -> new Value.Entry(e.getKey(), line, e.getValue())).toList(), line);
    return base == null ? own : over(base.merged(whole), own, whole);
  }

  private static Value.Mapping over(Value.Mapping below, Value.Mapping own, Set<String> whole) {
    Map<String, Value.Entry> all = new LinkedHashMap<>();
    below.entries().forEach(e -> all.put(e.key(), e));
    own.entries().forEach(e -> all.merge(e.key(), e, (b, o) -> !whole.contains(o.key())
        && b.value() instanceof Value.Mapping under && o.value() instanceof Value.Mapping top
        ? new Value.Entry(o.key(), o.line(), over(under, top, Set.of())) : o));
    return new Value.Mapping(List.copyOf(all.values()), own.line());
  }

  /// Ends reading: any key not asked for is an error.
  public void finish() {
    if (base != null) {
      base.finish();
    }
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        throw bad(key, "unknown key; known here: " + String.join(", ", known));
      }
    }
  }
}
