package dev.crosspatch.sim.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.fields.Setting;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is one value and what are several: commas of YAML 1.2's flow collections and quoted scalars (chapters 7.3 and
/// 7.4) do not part.
final class AxisTest {
  @ParameterizedTest
  @CsvSource(delimiter = '#', quoteCharacter = '`', value = {
      "cpus=8                              # 8",
      "cpus=1,2, 4                         # 1|2|4",
      "leave-out=[sync-b,int3]             # [sync-b,int3]",
      "leave-out=[],[sync-b]               # []|[sync-b]",
      "sites=[{count: 1},{count: 2}]       # [{count: 1},{count: 2}]",
      "sites=[{count: 1}],[{count: 2}]     # [{count: 1}]|[{count: 2}]",
      "expect={verdict: fail, kind: [a,b]} # {verdict: fail, kind: [a,b]}",
      "description=\"a, b\",c              # \"a, b\"|c",
      "description=\"a\\\", b\",c          # \"a\\\", b\"|c",
      "description='it''s, b',c            # 'it''s, b'|c",
      "description=it's,so                 # it's|so",
      "description=[\"],\",1],2            # [\"],\",1]|2",
      "a.b=1=2,3                           # 1=2|3",
  })
  void commas(String text, String values) {
    Axis axis = Axis.of(text);
    assertEquals(values, axis.values().stream().map(Setting::value).collect(Collectors.joining("|")));
    assertEquals(values.contains("|"), axis.isSwept());
    assertEquals(List.of(text.substring(0, text.indexOf('='))),
        axis.values().stream().map(Setting::key).distinct().toList());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "cpus=1,,2 | cpus=1,,2: a value is missing; a list is KEY=VALUE,VALUE",
      "cpus=,1   | cpus=,1: a value is missing; a list is KEY=VALUE,VALUE",
      "cpus=1,   | cpus=1,: a value is missing; a list is KEY=VALUE,VALUE",
      "cpus=1,2, 1 | cpus=1,2, 1: 1 stands twice",
      "=1,2      | '=1,2' is not KEY=VALUE, a key of the scenario and what it shall be",
      "cpus      | 'cpus' is not KEY=VALUE, a key of the scenario and what it shall be"
  })
  void mistakes(String text, String says) {
    assertEquals(says, assertThrows(BadInput.class, () -> Axis.of(text)).line());
  }

  /// That there is no value is for whoever reads it: the place has a name there.
  @Test
  void oneThatIsEmpty() {
    assertEquals(List.of(new Setting("cpus", "")), Axis.of("cpus=").values());
  }
}
