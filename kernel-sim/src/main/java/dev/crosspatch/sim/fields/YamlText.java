package dev.crosspatch.sim.fields;

import java.util.List;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Present;
import org.snakeyaml.engine.v2.api.lowlevel.Serialize;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// Writes a tree as YAML: a key a line, what is in them in brackets, a mapping of a list a line.
final class YamlText {
  private static final DumpSettings SETTINGS = DumpSettings.builder().setWidth(1000).build();

  private YamlText() {}

  static String of(Value.Mapping root) {
    Node node = new MappingNode(Tag.MAP, tuples(root), FlowStyle.BLOCK);
    return new Present(SETTINGS).emitToString(new Serialize(SETTINGS).serializeOne(node).iterator());
  }

  private static Node node(Value value) {
    return switch (value) {
      case Value.Scalar scalar -> scalar(scalar.text());
      case Value.Items list -> new SequenceNode(Tag.SEQ, list.items().stream().map(YamlText::node).toList(),
          list.items().stream().anyMatch(Value.Mapping.class::isInstance) ? FlowStyle.BLOCK : FlowStyle.FLOW);
      case Value.Mapping map -> new MappingNode(Tag.MAP, tuples(map), FlowStyle.FLOW);
    };
  }

  private static List<NodeTuple> tuples(Value.Mapping map) {
    return map.entries().stream().map(e -> new NodeTuple(scalar(e.key()), node(e.value()))).toList();
  }

  /// What a file says is text to its readers, numbers as well: so a number needs no quotes.
  private static Node scalar(String text) {
    Tag tag = SETTINGS.getSchema().getScalarResolver().resolve(text, true);
    return new ScalarNode(tag, text, text.indexOf('\n') < 0 ? ScalarStyle.PLAIN : ScalarStyle.LITERAL);
  }
}
