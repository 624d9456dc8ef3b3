package dev.crosspatch.sim.scenario;

import dev.crosspatch.sim.Inputs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// A mapping of a YAML file, read key by key with the line at hand, so that every message says where: `file:line: path:
/// what`. Call [#finish] at the end: keys nobody asked for are errors.
///
/// A mapping may stand on a base of another file: keys it lacks are the base's, nested mappings are merged the same
/// way, lists are replaced whole.
public final class YamlMap {
  private static final Pattern NUMBER = Pattern.compile("-?(0x[0-9a-fA-F]+(_[0-9a-fA-F]+)*|0|[1-9][0-9]*(_[0-9]+)*)");
  private static final Pattern OCTAL = Pattern.compile("-?0[0-9_]+");

  private final String file;
  private final String path;
  private final int line;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Set<String> known = new LinkedHashSet<>();

  private final @Nullable YamlMap base;

  private YamlMap(String file, String path, MappingNode node, @Nullable YamlMap base) {
    this.file = file;
    this.path = path;
    this.base = base;
    this.line = line(node);
    for (NodeTuple tuple : node.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw new BadScenario(file, line(tuple.getKeyNode()), path, "a key must be plain text");
      }
      if (values.put(key.getValue(), tuple.getValueNode()) != null) {
        throw new BadScenario(file, line(key), path + key.getValue(), "the key stands twice");
      }
    }
  }

  /// Parses a scenario's `text`, whose top level must be a mapping, on top of `base`.
  public static YamlMap parse(String file, String text, @Nullable YamlMap base) {
    return parse(file, text, base, "a scenario is a mapping of keys to values");
  }

  /// Parses `text`, whose top level must be a mapping, on top of `base`.
  ///
  /// @param otherwise what to say of a text that is something else
  public static YamlMap parse(String file, String text, @Nullable YamlMap base, String otherwise) {
    LoadSettings settings =
        LoadSettings.builder().setLabel(file).setCodePointLimit(Inputs.MOST_YAML)
            .setMaxAliasesForCollections(YamlLimits.MOST_ALIASES).build();
    try {
      YamlLimits.check(file, new Parse(settings).parseString(text));
      Node root = new Compose(settings).composeString(text).orElse(null);
      if (root instanceof MappingNode map) {
        return new YamlMap(file, "", map, base);
      }
      throw new BadScenario(file, 1, "", root == null ? "empty; " + otherwise : otherwise);
    } catch (MarkedYamlEngineException e) {
      int at = e.getProblemMark().map(Mark::getLine).orElse(0) + 1;
      throw new BadScenario(file, at, "", String.valueOf(e.getProblem()));
    } catch (ReaderException e) {
      int at = 1 + (int) text.codePoints().limit(e.getPosition()).filter(c -> c == '\n').count();
      throw new BadScenario(file, at, "",
          "character 0x" + Integer.toHexString(e.getCodePoint()) + " is not allowed in YAML");
    } catch (YamlEngineException | NumberFormatException e) {
      // The engine has no place for these: text beyond its limit, numbers of versions that are none.
      throw new BadScenario(file, 1, "", "not YAML: " + e.getMessage());
    }
  }

  private static int line(Node node) {
    return node.getStartMark().map(Mark::getLine).orElse(0) + 1;
  }

  private @Nullable Node take(String key) {
    known.add(key);
    Node below = base == null ? null : base.take(key);
    return values.getOrDefault(key, below);
  }

  /// An error about `key`.
  public BadScenario bad(String key, String what) {
    Node node = values.get(key);
    if (node == null && base != null && base.has(key)) {
      return base.bad(key, what);
    }
    return new BadScenario(file, node == null ? line : line(node), path + key, what);
  }

  /// Whether the key is given.
  public boolean has(String key) {
    return values.containsKey(key) || (base != null && base.has(key));
  }

  /// Text value, or `otherwise`; an error if absent and `otherwise` is null.
  public String text(String key, @Nullable String otherwise) {
    Node node = take(key);
    if (node == null) {
      if (otherwise == null) {
        throw bad(key, "missing");
      }
      return otherwise;
    }
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
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
    return constant(key, text(key, otherwise == null ? null : spelled(otherwise)), type);
  }

  /// A list of different constants of `type`; empty if absent.
  <E extends Enum<E>> List<E> choices(String key, Class<E> type) {
    Node node = take(key);
    List<E> result = new ArrayList<>();
    for (Node item : items(key, node)) {
      if (!(item instanceof ScalarNode scalar)) {
        throw bad(key, "must be a list of plain values");
      }
      E value = constant(key, scalar.getValue(), type);
      if (result.contains(value)) {
        throw new BadScenario(fileOf(key), line(item), path + key, "'" + scalar.getValue() + "' stands twice");
      }
      result.add(value);
    }
    return result;
  }

  private <E extends Enum<E>> E constant(String key, String text, Class<E> type) {
    List<String> names = new ArrayList<>();
    for (E value : type.getEnumConstants()) {
      if (spelled(value).equals(text)) {
        return value;
      }
      names.add(spelled(value));
    }
    throw bad(key, "'" + text + "' is none of " + String.join(", ", names));
  }

  /// How a constant is written in a scenario.
  static String spelled(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private List<Node> items(String key, @Nullable Node node) {
    if (node == null) {
      return List.of();
    }
    if (node instanceof SequenceNode list) {
      return list.getValue();
    }
    throw bad(key, "must be a list");
  }

  /// The mappings listed under `key`; empty if absent.
  public List<YamlMap> maps(String key) {
    Node node = take(key);
    List<YamlMap> result = new ArrayList<>();
    for (Node item : items(key, node)) {
      if (!(item instanceof MappingNode map)) {
        throw new BadScenario(fileOf(key), line(item), path + key, "must be a list of mappings");
      }
      result.add(new YamlMap(fileOf(key), path + key + "[" + result.size() + "].", map, null));
    }
    return result;
  }

  /// An error about item `number` of the list under `key`, or about its only value.
  public BadScenario badItem(String key, int number, String what) {
    return take(key) instanceof SequenceNode list
        ? new BadScenario(fileOf(key), line(list.getValue().get(number)), path + key, what) : bad(key, what);
  }

  private String fileOf(String key) {
    return !values.containsKey(key) && base != null ? base.fileOf(key) : file;
  }

  /// The mapping under `key`; an empty one if absent.
  public YamlMap map(String key) {
    known.add(key);
    YamlMap below = base == null ? null : base.map(key);
    Node node = values.get(key);
    if (node == null) {
      return below == null
          ? new YamlMap(file, path + key + ".", new MappingNode(Tag.MAP, List.of(), FlowStyle.BLOCK), null) : below;
    }
    if (node instanceof MappingNode map) {
      return new YamlMap(file, path + key + ".", map, below);
    }
    throw bad(key, "must be a mapping");
  }

  /// The mapping under `key` as it stands where it is given, not merged with the base's; null if the key is absent or
  /// something else.
  public @Nullable YamlMap whole(String key) {
    return take(key) instanceof MappingNode map ? new YamlMap(fileOf(key), path + key + ".", map, null) : null;
  }

  /// A single value or a list of them; empty if absent.
  public List<String> texts(String key) {
    if (!(take(key) instanceof SequenceNode list)) {
      return has(key) ? List.of(text(key, null)) : List.of();
    }
    List<String> result = new ArrayList<>();
    for (Node item : list.getValue()) {
      if (!(item instanceof ScalarNode scalar)) {
        throw bad(key, "must be a list of plain values");
      }
      result.add(scalar.getValue());
    }
    return result;
  }

  /// All keys, the base's first.
  public List<String> keys() {
    LinkedHashSet<String> all = new LinkedHashSet<>(base == null ? List.of() : base.keys());
    all.addAll(values.keySet());
    return List.copyOf(all);
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
