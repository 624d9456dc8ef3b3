package dev.crosspatch.sim.fields;

import dev.crosspatch.sim.Inputs;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// Reads YAML texts whose top level is a mapping.
public final class Yaml {
  private final String file;
  /// What an alias stands for is read once.
  private final IdentityHashMap<Node, Value> read = new IdentityHashMap<>();
  private final IdentityHashMap<Node, Node> open = new IdentityHashMap<>();

  /// Whether lines count: in the value of an option they do not.
  private final boolean lines;

  private Yaml(String file, boolean lines) {
    this.file = file;
    this.lines = lines;
  }

  /// Parses `text` on top of `base`.
  ///
  /// @param file      as messages name it
  /// @param otherwise what to say of a text that is something else
  /// @throws BadField if it is no YAML, no mapping, or asks too much of its reader
  public static Fields parse(String file, String text, @Nullable Fields base, String otherwise) {
    Node root = compose(file, text);
    if (root instanceof MappingNode map) {
      return new Fields(file, "", new Yaml(file, true).mapping(map, ""), base);
    }
    throw new BadField(file, 1, "", root == null ? "empty; " + otherwise : otherwise);
  }

  /// Puts the value that `text` says, in YAML, on top of `base`.
  ///
  /// @param option as messages name where it comes from
  /// @param keys   of the mappings in each other, and in the last the key
  /// @throws BadField if the text is no YAML
  static Fields set(String option, List<String> keys, String text, Fields base) {
    Node node;
    try {
      node = compose(option, text);
    } catch (BadField e) {
      throw new BadField(option, 0, String.join(".", keys), "'" + text + "' is not YAML");
    }
    if (node == null) {
      throw new BadField(option, 0, String.join(".", keys), "no value");
    }
    Value value = new Yaml(option, false).value(node, "");
    for (String key : keys.reversed()) {
      value = new Value.Mapping(List.of(new Value.Entry(key, 0, value)), 0);
    }
    return new Fields(option, "", (Value.Mapping) value, base);
  }

  private static @Nullable Node compose(String file, String text) {
    LoadSettings settings =
        LoadSettings.builder().setLabel(file).setCodePointLimit(Inputs.MOST_YAML)
            .setMaxAliasesForCollections(YamlLimits.MOST_ALIASES).build();
    try {
      YamlLimits.check(file, new Parse(settings).parseString(text));
      return new Compose(settings).composeString(text).orElse(null);
    } catch (MarkedYamlEngineException e) {
      int at = e.getProblemMark().map(Mark::getLine).orElse(0) + 1;
      throw new BadField(file, at, "", String.valueOf(e.getProblem()));
    } catch (ReaderException e) {
      int at = 1 + (int) text.codePoints().limit(e.getPosition()).filter(c -> c == '\n').count();
      throw new BadField(file, at, "",
          "character 0x" + Integer.toHexString(e.getCodePoint()) + " is not allowed in YAML");
    } catch (YamlEngineException | NumberFormatException e) {
      // The engine has no place for these: text beyond its limit, numbers of versions that are none.
      throw new BadField(file, 1, "", "not YAML: " + e.getMessage());
    }
  }

  private int line(Node node) {
    return !lines ? 0 : node.getStartMark().map(Mark::getLine).orElse(0) + 1;
  }

  private Value value(Node node, String path) {
    if (node instanceof ScalarNode scalar) {
      return new Value.Scalar(scalar.getValue(), line(node));
    }
    Value known = read.get(node);
    if (known != null) {
      return known;
    }
    if (open.put(node, node) != null) {
      throw new BadField(file, line(node), path, "holds itself");
    }
    Value value = node instanceof MappingNode map ? mapping(map, path + ".") : items((SequenceNode) node, path);
    read.put(node, value);
    return value;
  }

  private Value.Items items(SequenceNode node, String path) {
    List<Value> items = new ArrayList<>();
    for (Node item : node.getValue()) {
      items.add(value(item, path + "[" + items.size() + "]"));
    }
    return new Value.Items(items, line(node));
  }

  private Value.Mapping mapping(MappingNode node, String path) {
    List<Value.Entry> entries = new ArrayList<>();
    for (NodeTuple tuple : node.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw new BadField(file, line(tuple.getKeyNode()), path, "a key must be plain text");
      }
      entries.add(new Value.Entry(key.getValue(), line(key), value(tuple.getValueNode(), path + key.getValue())));
    }
    return new Value.Mapping(entries, line(node));
  }
}
