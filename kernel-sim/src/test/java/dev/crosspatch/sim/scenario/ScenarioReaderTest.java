package dev.crosspatch.sim.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.guest.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    assertEquals(Expectation.PASS, s.expect());
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
    assertEquals(Expectation.of(Verdict.FAIL), s.expect());
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
    assertTrue(e.line().endsWith(".yaml:1: base: more than 8 bases, or bases that stand on each other"), e.line());
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
      "cyc: false            | cyc: 2                | x.yaml:9: trace.cyc: 2 is not within 0..1",
      "cyc: false            | psb_period: 3         | x.yaml:9: trace.psb_period: 3 is neither 0 nor a power of two within 2048..67108864, which is what hardware has",
      "cyc: false            | psb_period: 1024      | x.yaml:9: trace.psb_period: 1024 is neither 0 nor",
      "cyc: false            | psb_period: 134217728 | x.yaml:9: trace.psb_period: 134217728 is neither 0 nor",
      "cyc: false            | cyc_threshold: 3      | x.yaml:9: trace.cyc_threshold: 3 is neither 0 nor a power of two within 1..16384",
      "cyc: false            | mtc_period: 9         | x.yaml:9: trace.mtc_period: 9 is not within 0..8",
      "cyc: false            | frequency_mhz: 1      | x.yaml:9: trace.frequency_mhz: set by the run, from the preset; remove it",
      "cyc: false            | timer_mhz: 1          | x.yaml:9: trace.timer_mhz: set by the run, from the preset; remove it",
      "cyc: false            | 'timeless: true, tsc: true' | x.yaml:9: trace.tsc: true, but 'timeless' switches it off; remove one of them",
      "cyc: false            | ctc_denominator: 101  | x.yaml:9: trace.ctc_numerator: less than ctc_denominator",
      "cpus: 2               | dic: true             | x.yaml:2: dic: x86-64 has no such thing; remove it",
      "cpus: 2               | idc: false            | x.yaml:2: idc: x86-64 has no such thing; remove it",
      "keys: 2               | keys: 5               | x.yaml:4: keys: key 3 of 5 has no site: give it one, or lower 'keys'",
      "cpus: 2               | cpus: 010             | x.yaml:2: cpus: '010' is not a whole number (it has a leading 0)",
      "cpus: 2               | cpus: .nan            | x.yaml:2: cpus: '.nan' is not a whole number",
      "cpus: 2               | cpus: 1e3             | x.yaml:2: cpus: '1e3' is not a whole number",
      "cpus: 2               | '? [a] : 1'           | x.yaml:1: not YAML: Non scalar key",
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

  /// What would overflow a stack, or grow without end, is refused with its line at once.
  @Test
  void nestingAndAliasesHaveLimits() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x]\n");
    for (int i = 1; i < 60; i++) {
      bomb.append("a" + i + ": &a" + i + " [" + ("*a" + (i - 1) + ", ").repeat(8) + "x]\n");
    }
    String[] hostile = {"[".repeat(3_000), "a: " + "[".repeat(200_000), "{a: ".repeat(100_000), "- ".repeat(100_000), "? ".repeat(50_000), bomb.toString()};
    for (String text : hostile) {
      BadInput e = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> assertThrows(BadInput.class, () -> ScenarioReader.parse("x", "x.yaml", text)));
      assertTrue(e.line().matches("x\\.yaml:\\d+: .*"), e.line());
      assertEquals(1, e.line().lines().count(), e.line());
    }
  }

  /// Whatever stands where a value should be: one line with its place, or a scenario.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void anyValueOfAnyKeyIsTakenOrRefusedWithItsLine(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    String[] keys = {"isa", "cpus", "preset", "staleness", "idc", "dic", "ram-mib", "seed", "protocol", "sync", "patching-cpu", "batch", "keys", "sites", "flips",
        "iterations", "tick", "leave-out", "trace", "limits", "expect", "description", "base", "nonsense"};
    String[] values = {"", "~", "0", "-1", "1", "3", "0x10", "010", "1_000", "1__0", "9223372036854775807", "9223372036854775808", ".nan", ".inf", "1e3", "true",
        "[]", "{}", "[[]]", "[1, 2]", "{a: b}", "[{count: 0}]", "[{count: 9999}]", "[{place: page 5000}]", "[{length: 3}]", "{protocol: etm}", "{total: -1}", "pass",
        "{protocol: pt, mtc_period: 77}", "{protocol: pt, fifo_bytes: 1}", "{protocol: pt, psb_period: true}", "\"\\0\"", "'a\nb'", "!!int x", "&a 1", "*a", "x86-64", "aarch64", "brk", "serialize", "[sync-a]", "[dc-cvau]"};
    for (int i = 0; i < 2_000; i++) {
      String key = keys[random.nextInt(keys.length)];
      String value = values[random.nextInt(values.length)];
      String text = GOOD.replaceAll("(?m)^" + key + ":.*(\n  .*)*\n", "") + key + ": " + value + "\n";
      try {
        ScenarioReader.parse("x", "x.yaml", text);
      } catch (BadInput e) {
        assertTrue(e.line().matches("x\\.yaml:\\d+: .*"), seed + ": " + key + ": " + value + ": " + e.line());
      }
    }
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
