package dev.crosspatch.sim.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.guest.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ScenarioReaderTest {
  private static final String GOOD =
      """
      isa: x86-64
      cpus: 2
      protocol: int3-batch
      keys: 2
      sites:
        - {count: 3, length: 5}
        - {key: 1, length: 2, place: line 63}
      flips: {total: 1_000, interval: 0x10}
      trace: {protocol: pt, cyc: false}
      """;

  @Test
  void readsEveryPart() {
    Scenario s = ScenarioReader.parse("good", "good.yaml", GOOD);
    assertEquals(2, s.machine().cpus());
    assertEquals(4, s.guest().sites().size());
    assertEquals(1, s.guest().sites().get(1).key());
    assertEquals(63, s.guest().sites().get(3).placement().offset());
    assertEquals(1000, s.guest().flips());
    assertEquals(16, s.guest().flipInterval());
    assertEquals(0, s.trace().options().get("cyc"));
    assertEquals(Verdict.PASS, s.expect());
  }

  @Test
  void standsOnABase(@TempDir Path dir) throws IOException {
    Files.writeString(dir.resolve("base.yaml"), GOOD);
    Path twin = Files.writeString(dir.resolve("twin.yaml"),
        "base: base.yaml\nstaleness: adversarial\nleave-out: [sync-a]\nflips: {total: 7}\nexpect: fail\n");
    Scenario s = ScenarioReader.read(twin);
    assertEquals("twin", s.name());
    assertEquals(Staleness.ADVERSARIAL, s.machine().staleness());
    assertEquals(Set.of(Step.SYNC_A), s.guest().faults());
    assertEquals(7, s.guest().flips());
    assertEquals(16, s.guest().flipInterval(), "nested mappings are merged");
    assertEquals(Verdict.FAIL, s.expect());
  }

  @Test
  void mistakesInABaseAreReportedThere(@TempDir Path dir) throws IOException {
    Path base = Files.writeString(dir.resolve("base.yaml"), GOOD + "presett: zen4\n");
    Path twin = Files.writeString(dir.resolve("twin.yaml"), "base: base.yaml\n");
    BadInput e = assertThrows(BadInput.class, () -> ScenarioReader.read(twin));
    assertTrue(e.line().startsWith(base + ":10: presett: unknown key; known here: "), e.line());
  }

  @Test
  void basesThatStandOnEachOtherEnd(@TempDir Path dir) throws IOException {
    Path a = Files.writeString(dir.resolve("a.yaml"), "base: b.yaml\n");
    Files.writeString(dir.resolve("b.yaml"), "base: a.yaml\n");
    BadInput e = assertThrows(BadInput.class, () -> ScenarioReader.read(a));
    assertTrue(e.line().endsWith("more than 8 bases, or bases that stand on each other"), e.line());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "cpus: 2               | cpus: many            | x.yaml:2: cpus: 'many' is not a whole number",
      "cpus: 2               | cpus: 65              | x.yaml:2: cpus: 65 is not within 1..64",
      "isa: x86-64           | isa: riscv            | x.yaml:1: isa: no ISA is called 'riscv'; there are: aarch64, x86-64",
      "protocol: int3-batch  | protocol: brk         | x.yaml:3: protocol: 'brk' is a protocol of aarch64, not of x86-64",
      "protocol: int3-batch  | protocol: int4        | x.yaml:3: protocol: 'int4' is none of int3-batch, direct, brk, nosync-kick",
      "place: line 63        | place: nowhere 3      | x.yaml:7: sites[1].place: 'nowhere 3' is none of any, line N, page N, window16 N, window32 N",
      "place: line 63        | place: line 64        | x.yaml:7: sites[1].place: offset: 64 is not within 0..63",
      "cyc: false            | cyc: 2                | x.yaml:9: trace.protocol: PT option cyc: 2 is not within 0..1",
      "cyc: false            | cycle: 1              | x.yaml:9: trace.cycle: unknown key",
      "'protocol: pt,'       | 'protocol: etm,'      | x.yaml:9: trace.protocol: 'etm' traces aarch64, not x86-64",
      "keys: 2               | leave-out: [dc-cvau]  | x.yaml:4: leave-out: protocol int3-batch has no step 'dc-cvau'",
      "keys: 2               | 'keys: [1'            | x.yaml:5: ",
      "keys: 2               | cpus: 3               | x.yaml:4: cpus: the key stands twice"
  })
  void mistakesNameFileLineKeyAndMend(String good, String bad, String message) {
    String text = GOOD.replace(good, bad);
    BadInput e = assertThrows(BadInput.class, () -> ScenarioReader.parse("x", "x.yaml", text));
    assertTrue(e.line().startsWith(message) || (message.endsWith(": ") && e.line().startsWith("x.yaml:")), e.line());
    assertEquals(1, e.line().lines().count(), e.line());
  }

  @Test
  void charactersThatYamlForbidsAreOneLine() {
    BadInput e = assertThrows(BadInput.class, () -> ScenarioReader.parse("x", "x.yaml", GOOD.replace("keys: 2", "keys: \u0001")));
    assertEquals("x.yaml:4: character 0x1 is not allowed in YAML", e.line());
  }

  @Test
  void aMissingFileIsOneLine() {
    BadInput e = assertThrows(BadInput.class, () -> ScenarioReader.read(Path.of("no-such.yaml")));
    assertEquals("no-such.yaml: cannot be read: it is not there; is it a scenario file? ('crosspatch scenarios' lists those that ship)", e.line());
  }
}
