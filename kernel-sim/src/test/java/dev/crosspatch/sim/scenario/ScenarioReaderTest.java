package dev.crosspatch.sim.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.guest.Observers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  private static final String GOOD_ARM =
      """
      isa: aarch64
      cpus: 2
      protocol: brk
      preset: cortex-a72
      sites: [{count: 3}]
      tick: 100
      trace: {protocol: etm, cci: true}
      """;

  @Test
  void readsEveryPart() {
    Scenario s = ScenarioReader.parse("good", "good.yaml", GOOD);
    assertEquals(2, s.machine().cpus());
    assertEquals(4, s.guest().sites().count());
    assertEquals(1, s.guest().sites().list().get(1).key());
    assertEquals(63, s.guest().sites().list().get(3).placement().offset());
    assertEquals(1000, s.guest().flips().total());
    assertEquals(16, s.guest().flips().interval());
    Map<String, Long> trace = new HashMap<>();
    s.trace().setup().config().write(trace::put);
    assertEquals(0, trace.get("cyc"));
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
    assertEquals(Set.of("sync-a"), s.guest().patching().leftOut());
    assertEquals(7, s.guest().flips().total());
    assertEquals(16, s.guest().flips().interval(), "nested mappings are merged");
    assertEquals(Expectation.of(Verdict.FAIL), s.expect());
  }

  @Test
  void aSettingReplacesWhatAFileSays(@TempDir Path dir) throws IOException {
    Path base = Files.writeString(dir.resolve("base.yaml"), GOOD);
    Path twin = Files.writeString(dir.resolve("twin.yaml"), "base: base.yaml\nflips: {total: 7}\n");
    List<Setting> settings = List.of(Setting.of("cpus=1"), Setting.of("flips.interval=99"),
        Setting.of("sites=[{count: 3, key: 1, length: 2}, {key: 0}]"), Setting.of("cpus=3"));
    Scenario s = ScenarioReader.read(twin, settings);
    assertEquals(3, s.machine().cpus(), "the later of two");
    assertEquals(7, s.guest().flips().total());
    assertEquals(99, s.guest().flips().interval());
    assertEquals(4, s.guest().sites().count(), "lists are replaced");
    Path whole = Files.writeString(dir.resolve("whole.yaml"), ScenarioReader.text(twin, settings, base));
    Scenario again = ScenarioReader.read(whole);
    assertEquals(s.guest().sites(), again.guest().sites());
    assertEquals(s.guest().flips(), again.guest().flips());
    assertEquals(s.limits(), again.limits());
    assertEquals(s.expect(), again.expect());
    assertEquals(s.machine().cpus(), again.machine().cpus());
    assertFalse(Files.readString(whole).contains("base"), Files.readString(whole));
  }

  /// What is expected is stated whole, so a part of the base's would be another expectation.
  @Test
  void aWholeTextHasTheExpectationOfTheTopmost(@TempDir Path dir) throws IOException {
    Files.writeString(dir.resolve("base.yaml"), GOOD + "expect: {verdict: pass, windows: []}\n");
    Path twin = Files.writeString(dir.resolve("twin.yaml"), "base: base.yaml\nexpect: {kind: torn}\n");
    Path whole = Files.writeString(dir.resolve("whole.yaml"), ScenarioReader.text(twin, List.of(), twin));
    assertEquals(ScenarioReader.read(twin).expect(), ScenarioReader.read(whole).expect());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "cpus=many       | --set: cpus: 'many' is not a whole number",
      "cpus=           | --set: cpus: no value",
      "cpus=[          | --set: cpus: '[' is not YAML",
      "flips.total=x   | --set: flips.total: 'x' is not a whole number",
      "flips.totl=3    | --set: flips.totl: unknown key; known here: total, interval",
      "cpu=3           | --set: cpu: unknown key; known here: ",
      "cpus.of=3       | --set: cpus: must be a single value",
      "base=other.yaml | --set: base: stands in the file, and is read before anything is set",
      "=3              | '=3' is not KEY=VALUE, a key of the scenario and what it shall be",
      "cpus            | 'cpus' is not KEY=VALUE, a key of the scenario and what it shall be",
      "flips..total=3  | 'flips..total=3' is not KEY=VALUE, a key of the scenario and what it shall be",
      "mechanism=./no  | --set: mechanism: no/manifest.yaml: cannot be read: ",
  })
  void aSettingThatSaysSomethingWrong(String setting, String message, @TempDir Path dir) throws IOException {
    Path file = Files.writeString(dir.resolve("base.yaml"), GOOD);
    BadInput e = assertThrows(BadInput.class, () -> ScenarioReader.read(file, List.of(Setting.of(setting))));
    assertTrue(e.line().startsWith(message), e.line());
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

  /// Whether they are given or not, and whatever else is wrong.
  @ParameterizedTest
  @ValueSource(strings = {"hotplugs={cpu: 1}", "inject={interrupt: tick, evry: 2}", "expect={kin: torn}",
      "idle={lenth: 2}", "trace.cyk=1"})
  void anUnknownKeyIsToldWithAllThatThereAre(String setting) {
    Map<String, String> known = Map.of("hotplugs", "base, description, isa, mechanism, protocol, cpus, keys, flips, "
        + "leave-out, iterations, sites, batch, alias, sync, events, observer, inject, patching-cpu, patching-cpus, "
        + "tick, tasks, hotplug, irqs-off, idle, ram-mib, preset, staleness, idc, dic, fetch, time, timing, seed, "
        + "trace, limits, expect", "inject.evry", "interrupt, into, on, every",
        "expect.kin", "verdict, kind, cpu, site, guest, windows",
        "idle.lenth", "length, every",
        "trace.cyk", "protocol, timeless, tsc, mtc, mtc_period, cyc, cyc_threshold, ret_compression, "
        + "ctc_numerator, ctc_denominator, cbr, psb_period, long_tnt, user_only, fifo_bytes, "
        + "drain_bytes, max_bytes");
    Path shipped = Path.of("../scenarios/x86-jump-label.yaml");
    String line = assertThrows(BadInput.class, () -> ScenarioReader.read(shipped, List.of(Setting.of(setting)))).line();
    Matcher told = Pattern.compile("--set: (.*): unknown key; known here: (.*)").matcher(line);
    assertTrue(told.matches(), line);
    assertEquals(Set.of(String.valueOf(known.get(told.group(1))).split(", ")), Set.of(told.group(2).split(", ")), line);
  }

  /// Two observers may be equally slow, or both dead.
  @Test
  void observersOfTheSameLatency() {
    Scenario read = ScenarioReader.read(Path.of("../scenarios/x86-jit-dead-observer.yaml"),
        List.of(new Setting("observer", "{latency: [never, 1000, never, 1000]}")));
    assertEquals(List.of(Observers.NEVER, 1000L, Observers.NEVER, 1000L),
        read.guest().observation().observers().latencies());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "cpus: 2               | cpus: many            | x.yaml:2: cpus: 'many' is not a whole number",
      "cpus: 2               | cpus: 65              | x.yaml:2: cpus: 65 is not within 1..64",
      "cpus: 2               | 'cpus: 2\nexpect: {windows: [trap, neck]}' | x.yaml:3: expect.windows: "
          + "'neck' is no window: trap, tail, head, text, several of them as in tail+head, trap-synced or tail-synced",
      "cpus: 2               | 'cpus: 2\nexpect: {verdict: pass, windows: [tail, tail]}' | x.yaml:3: expect.windows: "
          + "'tail' stands twice",
      "cpus: 2               | 'cpus: 2\nexpect: {verdict: fail, windows: [tail]}' | x.yaml:3: expect.windows: "
          + "what fails fails whether it met a window or not",
      "cpus: 2               | 'cpus: 2\nexpect: {verdict: fail, kind: []}' | x.yaml:3: expect.kind: an empty list, "
          + "which nothing fits; without the key any kind fits",
      "cpus: 2               | 'cpus: 2\nexpect: {vindows: []}' | x.yaml:3: expect.vindows: unknown key; known here: ",
      "keys: 2 | 'leave-out: trap' | x.yaml:4: leave-out: must be a list: [trap]",
      "keys: 2 | 'leave-out: [int3]' | x.yaml:4: leave-out: 'int3' is no step; protocol int3-batch has trap, sync-a, "
          + "tail, sync-b, sync-c, report, report-before-sync-a, shared-refcount, refcount-wait",
      "cpus: 2 | 'cpus: 2\nleave-out: [rcu-tasks]' | x.yaml:3: leave-out: 'rcu-tasks' is a step of part rcu-tasks, "
          + "which this kernel has no use for",
      "cpus: 2 | 'cpus: 2\npatching-cpus: [0, 1]\nhotplug: {}' | x.yaml:4: hotplug: every CPU patches, so none can be "
          + "parked",
      "cpus: 2 | 'cpus: 2\nhotplug: {every: 1000}' | x.yaml:3: hotplug.every: the CPU is parked after 1000 flips, and "
          + "'flips.total' is 1000: none is left to make while it is",
      "cpus: 2 | 'cpus: 2\nhotplug: {every: 1001}' | x.yaml:3: hotplug.every: the CPU is parked after 1001 flips, and "
          + "'flips.total' is 1000: none is left to make while it is",
      "cpus: 2 | 'cpus: 2\npatching-cpus: [0, 01]' | x.yaml:3: patching-cpus: '01' is no CPU within 0..1",
      "cpus: 2 | 'cpus: 2\npatching-cpus: [0, 1]\npatching-cpu: 1' | x.yaml:4: patching-cpu: the first of "
          + "'patching-cpus' is 0; remove one of them",
      "cpus: 2 | 'cpus: 2\nobserver: {latency: []}' | x.yaml:3: observer.latency: an empty list; without the key there "
          + "is one observer",
      "keys: 2 | 'leave-out: [trap, trap]' | x.yaml:4: leave-out: 'trap' stands twice",
      "keys: 2 | 'leave-out:\n  - trap\n  - sync-b\n  - trap' | x.yaml:7: leave-out: 'trap' stands twice",
      "keys: 2 | 'leave-out: [report, report-before-sync-a]' | x.yaml:4: leave-out: 'report' and "
          + "'report-before-sync-a': the first leaves out what the second is about; remove one of them",
      "cpus: 2 | 'cpus: 2\nevents: {buffer-bytes: 127}' | x.yaml:3: events.buffer-bytes: "
          + "127 is neither 0, without a limit, nor within 128..1073741824",
      "cpus: 2 | 'cpus: 2\nevents: {drain-bytes: 64}' | x.yaml:3: events.drain-bytes: "
          + "nothing is drained without a buffer: give 'buffer-bytes' a size",
      "cpus: 2 | 'cpus: 2\nevents: {buffer-bytes: 128, drain-every: 0}' | x.yaml:3: "
          + "events.drain-every: 0 is not within 1..",
      "cpus: 2 | 'cpus: 2\nexpect: {kind: lost-events, site: site_1}' | x.yaml:3: expect.site: a failure of kind "
          + "lost-events has none",
      "cpus: 2 | 'cpus: 2\nobserver: {latency: 5}' | x.yaml:3: observer: this kernel announces no mappings: its "
          + "mechanism does not use part 'mappings'",
      "keys: 2 | iterations: 0 | x.yaml:4: iterations: 0 is not within 1..",
      "keys: 2 | 'iterations: [1, 2, 3]' | x.yaml:4: iterations: 3 numbers are neither one for all nor one for each of "
          + "2 CPUs",
      "keys: 2 | 'iterations: [1,\n  -1]' | x.yaml:5: iterations: '-1' is neither endless nor a number of iterations",
      "keys: 2 | 'iterations: [1, 18446744073709551615]' | x.yaml:4: iterations: '18446744073709551615' is neither",
      "cpus: 2 | 'cpus: 2\ntiming: {l4: 1}' | x.yaml:3: timing.l4: no row of a timing table; those are address, alu, ",
      "cpus: 2 | 'cpus: 2\ntiming: {l1d: 63x8}' | x.yaml:3: timing.l1d: '63x8' is neither 0x0 nor a power of two of "
          + "sets, up to 1048576, times 1 to 64 ways",
      "cpus: 2 | 'cpus: 2\ntiming: {l1d: 0x0}' | x.yaml:3: timing.l1d: every core has one, not '0x0'",
      "cpus: 2 | 'cpus: 2\ntiming: {ipi: -1}' | x.yaml:3: timing.ipi: '-1' is no number of cycles",
      "cpus: 2 | 'cpus: 2\ntiming: {ipi: 1/7}' | x.yaml:3: timing.ipi: '1/7' cycles cannot be told in 1/600 cycles",
      "cpus: 2 | 'cpus: 2\ntiming: {socket-cores: 0}' | x.yaml:3: timing.socket-cores: '0' is no number of cores, 1 to",
      "cpus: 2 | 'cpus: 2\ntiming: {ipi: [1]}' | x.yaml:3: timing.ipi: must be a single value",
      "cpus: 2 | 'cpus: 2\nexpect: {verdict: pass, guest: panic}' | x.yaml:3: expect.guest: a guest that ends with "
          + "'panic' fails: that needs 'verdict: fail'",
      "cpus: 2 | 'cpus: 2\nexpect: {verdict: inconclusive, guest: limit}' | x.yaml:3: expect.guest: a guest that ends "
          + "with 'limit' fails",
      "cpus: 2 | 'cpus: 2\nexpect: {verdict: pass, kind: torn}' | x.yaml:3: expect.verdict: kind, cpu and site are "
          + "those of a failure",
      "cpus: 2 | 'cpus: 2\nexpect: {verdict: pass, site: site_1}' | x.yaml:3: expect.verdict: kind, cpu and site are "
          + "those of a failure",
      "cpus: 2 | 'cpus: 2\nexpect: {verdict: pass, cpu: 1}' | x.yaml:3: expect.verdict: kind, cpu and site are those "
          + "of a failure",
      "cpus: 2 | 'cpus: 2\nexpect: {kind: panic, guest: good}' | x.yaml:3: expect.guest: 'good', but panic is how the "
          + "guest ends otherwise",
      "cpus: 2 | 'cpus: 2\nexpect: {kind: [limit, deadlock], guest: panic}' | x.yaml:3: expect.guest: 'panic', but "
          + "limit or deadlock is how the guest ends otherwise",
      "cpus: 2 | 'cpus: 2\nexpect: {kind: limit, cpu: 1}' | x.yaml:3: expect.cpu: a failure of kind limit has none",
      "cpus: 2 | 'cpus: 2\nexpect: {kind: bad-access, site: site_1}' | x.yaml:3: expect.site: a failure of kind "
          + "bad-access has none",
      "cpus: 2 | 'cpus: 2\nexpect: {kind: torn, site: \"\"}' | x.yaml:3: expect.site: empty; without the key any fits",
      "cpus: 2 | 'cpus: 2\nexpect: {kind: torn, guest: \"\"}' | x.yaml:3: expect.guest: empty; "
          + "without the key any fits",
      "cpus: 2 | 'cpus: 2\nexpect: {kind: torn, site: site_4}' | x.yaml:3: expect: there is no site_4: the sites are "
          + "site_0 to site_3",
      "cpus: 2 | 'cpus: 2\nexpect: {kind: torn, site: site_99999999999}' | x.yaml:3: expect: there is no "
          + "site_99999999999",
      "cpus: 2 | 'cpus: 2\nexpect: {kind: [torn, torn]}' | x.yaml:3: expect.kind: 'torn' stands twice",
      "cpus: 2 | 'cpus: 2\nexpect:\n  kind:\n    - contract\n    - old_after_event' | x.yaml:6: expect.kind: "
          + "'old_after_event' stands twice, by itself or in a group",
      "isa: x86-64           | isa: riscv            | x.yaml:1: isa: no ISA is called 'riscv'; there are: aarch64, "
          + "x86-64",
      "protocol: int3-batch  | protocol: brk         | x.yaml:3: protocol: 'brk' is a protocol of aarch64, not of "
          + "x86-64",
      "protocol: int3-batch  | protocol: int4        | x.yaml:3: protocol: 'int4' is none of int3-batch, direct, "
          + "nosync-kick, brk",
      "place: line 63        | place: nowhere 3      | x.yaml:7: sites[1].place: 'nowhere 3' is none of any, line N, "
          + "page N, window16 N, window32 N",
      "cpus: 2               | fetch: 128            | 'x.yaml:2: fetch: 128 is none of 64, 32, 16, 1'",
      "place: line 63        | place: line 64        | x.yaml:7: sites[1].place: offset: 64 is not within 0..63",
      "place: line 63        | place: line -1        | x.yaml:7: sites[1].place: offset: -1 is not within 0..63",
      "place: line 63        | place: line           | x.yaml:7: sites[1].place: 'line' is none of any, line N, "
          + "page N",
      "place: line 63        | place: page           | x.yaml:7: sites[1].place: 'page' is none of any, line N, "
          + "page N",
      "place: line 63        | place: any 3          | x.yaml:7: sites[1].place: 'any 3' is none of any, line N, "
          + "page N",
      "place: line 63        | place: page 4096      | x.yaml:7: sites[1].place: bytes before the end of a page: 4096 "
          + "is not within 0..4095",
      "cyc: false            | cyc: 2                | x.yaml:9: trace.cyc: 2 is not within 0..1",
      "cyc: false            | psb_period: 3         | x.yaml:9: trace.psb_period: 3 is neither 0 nor a power of two "
          + "within 2048..67108864, which is what hardware has",
      "cyc: false            | psb_period: 1024      | x.yaml:9: trace.psb_period: 1024 is neither 0 nor",
      "cyc: false            | psb_period: 134217728 | x.yaml:9: trace.psb_period: 134217728 is neither 0 nor",
      "cyc: false            | cyc_threshold: 3      | x.yaml:9: trace.cyc_threshold: 3 is neither 0 nor a power of "
          + "two within 1..16384",
      "cyc: false            | mtc_period: 9         | x.yaml:9: trace.mtc_period: 9 is not within 0..8",
      "cyc: false            | frequency_mhz: 1      | x.yaml:9: trace.frequency_mhz: set by the run, from the preset; "
          + "remove it",
      "cyc: false            | timer_mhz: 1          | x.yaml:9: trace.timer_mhz: set by the run, from the preset; "
          + "remove it",
      "cyc: false            | 'timeless: true, tsc: true' | x.yaml:9: trace.tsc: true, but 'timeless' switches it "
          + "off; remove one of them",
      "cyc: false            | ctc_denominator: 101  | x.yaml:9: trace.ctc_numerator: less than ctc_denominator",
      "cpus: 2               | dic: true             | x.yaml:2: dic: x86-64 has no such thing; remove it",
      "cpus: 2               | idc: false            | x.yaml:2: idc: x86-64 has no such thing; remove it",
      "keys: 2               | keys: 5               | x.yaml:4: keys: key 3 of 5 has no site: give it one, or lower "
          + "'keys'",
      "cpus: 2               | cpus: 010             | x.yaml:2: cpus: '010' is not a whole number "
          + "(it has a leading 0)",
      "cpus: 2               | cpus: .nan            | x.yaml:2: cpus: '.nan' is not a whole number",
      "cpus: 2               | cpus: 1e3             | x.yaml:2: cpus: '1e3' is not a whole number",
      "cpus: 2               | '? [a] : 1'           | x.yaml:1: not YAML: Non scalar key",
      "cyc: false            | cycle: 1              | x.yaml:9: trace.cycle: unknown key",
      "'protocol: pt,'       | 'protocol: etm,'      | x.yaml:9: trace.protocol: 'etm' does not trace x86-64; pt does",
      "keys: 2               | leave-out: [dc-cvau]  | x.yaml:4: leave-out: protocol int3-batch has no step 'dc-cvau'",
      "keys: 2               | 'keys: [1'            | x.yaml:5: ",
      "keys: 2               | cpus: 3               | x.yaml:4: cpus: the key stands twice",
      "cyc: false            | sync_period: 256      | x.yaml:9: trace.sync_period: unknown key",
      "cpus: 2               | tick: 100             | x.yaml:2: tick: 100 is less than 1963: a tick takes 981 cycles "
          + "on skylake, and the work would hardly get on; 0 is no tick",
      "cpus: 2               | tick: 1962            | x.yaml:2: tick: 1962 is less than 1963",
      "cpus: 2               | tick: 4294967296      | x.yaml:2: tick: 4294967296 is not within 0..4294967295",
      "cpus: 2               | tick: -1              | x.yaml:2: tick: -1 is not within 0..4294967295",
      "cpus: 2               | tasks: 3              | x.yaml:2: tasks: 3 tasks take turns by the timer: give 'tick' a "
          + "period, or inject some",
      "cpus: 2               | 'tasks: 3\ninject: {interrupt: call}' | x.yaml:2: tasks: 3 tasks take turns by the "
          + "timer: give 'tick' a period, or inject some"
  })
  void mistakesNameFileLineKeyAndMend(String good, String bad, String message) {
    String text = GOOD.replace(good, bad);
    BadInput e = assertThrows(BadInput.class, () -> ScenarioReader.parse("x", "x.yaml", text));
    assertTrue(e.line().startsWith(message) || (message.endsWith(": ") && e.line().startsWith("x.yaml:")), e.line());
    assertEquals(1, e.line().lines().count(), e.line());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "cpus: 2     | 'leave-out: [sync-a, kick]' | x.yaml:2: leave-out: 'kick' and 'sync-a': the first leaves out what "
          + "the second is about; remove one of them",
      "cpus: 2     | 'leave-out: [tail]' | x.yaml:2: leave-out: protocol brk has no step 'tail'",
      "protocol: brk | 'protocol: nosync-kick\nleave-out: [trap]' | x.yaml:4: leave-out: protocol nosync-kick has no "
          + "step 'trap'",
      "cpus: 2     | sync: iret         | x.yaml:2: sync: aarch64 has no such thing; remove it",
      "cci: true   | sync_period: 3     | x.yaml:7: trace.sync_period: 3 is neither 0 nor a power of two within "
          + "256..1048576",
      "cci: true   | sync_period: 128   | x.yaml:7: trace.sync_period: 128 is neither 0 nor a power of two within "
          + "256..1048576",
      "cci: true   | sync_period: 2097152 | x.yaml:7: trace.sync_period: 2097152 is neither 0 nor a power of two "
          + "within 256..1048576",
      "cci: true   | sync_period: -1    | x.yaml:7: trace.sync_period: -1 is not within 0..",
      "cci: true   | psb_period: 2048   | x.yaml:7: trace.psb_period: unknown key",
      "cci: true   | frequency_mhz: 1   | x.yaml:7: trace.frequency_mhz: set by the run, from the preset; remove it",
      "cci: true   | 'timeless: true, cci: true' | x.yaml:7: trace.cci: true, but 'timeless' switches it off; remove "
          + "one of them",
      "cci: true   | 'timeless: true, ts: true'  | x.yaml:7: trace.ts: true, but 'timeless' switches it off; remove "
          + "one of them",
      "tick: 100   | tick: 15           | x.yaml:6: tick: 15 is less than 16: a tick takes 212 cycles on cortex-a72",
      "tick: 100   | tick: 2147483648   | x.yaml:6: tick: 2147483648 is more than 2147483647, the most that the timer "
          + "of aarch64 takes",
      "count: 3    | length: 5          | x.yaml:5: sites",
      "count: 3    | place: line 62     | x.yaml:5: sites",
      "brk         | int3-batch         | x.yaml:3: protocol: 'int3-batch' is a protocol of x86-64, not of aarch64",
      "etm         | pt                 | 'x.yaml:7: trace.protocol: ''pt'' does not trace aarch64; etm, ete do'",
      "cortex-a72  | skylake            | x.yaml:4: preset: 'skylake' is none of cortex-a72, neoverse-n1, max",
      "tick: 100   | fetch: 8           | 'x.yaml:6: fetch: 8 is none of 64, 32, 16, 4'",
      "tick: 100   | fetch: 1           | 'x.yaml:6: fetch: 1 is none of 64, 32, 16, 4: an instruction of aarch64 is 4 "
          + "aligned bytes, which are fetched in one'"
  })
  void mistakesOfAarch64NameFileLineKeyAndMend(String good, String bad, String message) {
    ScenarioReader.parse("x", "x.yaml", GOOD_ARM);
    BadInput e = assertThrows(BadInput.class, () -> ScenarioReader.parse("x", "x.yaml", GOOD_ARM.replace(good, bad)));
    assertTrue(e.line().startsWith(message), e.line());
  }

  /// Twice what a tick takes; less is refused, as the row above shows for one.
  @ParameterizedTest
  @CsvSource({"skylake, 1963", "zen4, 1157", "cortex-a72, 16", "neoverse-n1, 4", "max, 4"})
  void ticksHaveALeastPeriodOnEveryPreset(String preset, long least) {
    boolean x86 = preset.equals("skylake") || preset.equals("zen4");
    String text = x86 ? GOOD + "preset: " + preset + "\ntick: 100\n" : GOOD_ARM.replace("cortex-a72", preset);
    assertEquals(least,
        ScenarioReader.parse("x", "x.yaml", text.replace("tick: 100", "tick: " + least)).guest().work().tickInterval());
    BadInput e = assertThrows(BadInput.class,
        () -> ScenarioReader.parse("x", "x.yaml", text.replace("tick: 100", "tick: " + (least - 1))));
    assertTrue(e.line().contains("tick: " + (least - 1) + " is less than " + least), e.line());
    assertEquals(0,
        ScenarioReader.parse("x", "x.yaml", text.replace("tick: 100", "tick: 0")).guest().work().tickInterval());
  }

  /// What would overflow a stack, or grow without end, is refused with its line at once.
  @Test
  void nestingAndAliasesHaveLimits() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x]\n");
    for (int i = 1; i < 60; i++) {
      bomb.append("a" + i + ": &a" + i + " [" + ("*a" + (i - 1) + ", ").repeat(8) + "x]\n");
    }
    String[] hostile = {"[".repeat(3_000), "a: " + "[".repeat(200_000), "{a: ".repeat(100_000), "- ".repeat(100_000),
        "? ".repeat(50_000), bomb.toString()};
    for (String text : hostile) {
      BadInput e = assertTimeoutPreemptively(Duration.ofSeconds(20),
          () -> assertThrows(BadInput.class, () -> ScenarioReader.parse("x", "x.yaml", text)));
      assertTrue(e.line().matches("x\\.yaml:\\d+: .*"), e.line());
      assertEquals(1, e.line().lines().count(), e.line());
    }
  }

  /// As `docs/scenarios.md` says, whatever it is that they stand for.
  @Test
  void aHundredAliasesAreAllowed() {
    String text = "isa: x86-64\nprotocol: int3-batch\ntrace: {protocol: pt}\nsites:\n- &a {count: 1}\n";
    assertEquals(101, ScenarioReader.parse("x", "x.yaml", text + "- *a\n".repeat(100)).guest().sites().count());
    BadInput e = assertThrows(BadInput.class, () -> ScenarioReader.parse("x", "x.yaml", text + "- *a\n".repeat(101)));
    assertEquals("x.yaml:106: more than 100 aliases", e.line());
  }

  /// Whatever stands where a value should be: one line with its place, or a scenario.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void anyValueOfAnyKeyIsTakenOrRefusedWithItsLine(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    String[] keys = {"isa", "cpus", "preset", "staleness", "fetch", "idc", "dic", "time", "timing", "ram-mib",
        "seed", "protocol",
        "alias", "sync",
        "patching-cpu", "patching-cpus", "batch", "keys", "sites", "flips",
        "iterations", "tick", "tasks", "hotplug", "irqs-off", "idle", "leave-out",
        "trace", "limits", "expect", "description", "base", "nonsense"};
    String[] values = {"", "~", "0", "-1", "1", "3", "0x10", "010", "1_000", "1__0", "9223372036854775807",
        "9223372036854775808", ".nan", ".inf", "1e3", "true",
        "[]", "{}", "[[]]", "[1, 2]", "{a: b}", "[{count: 0}]", "[{count: 9999}]", "[{place: page 5000}]",
        "[{length: 3}]", "{l1d: 64x2}", "{wake: 1/3, l3: 0x0}", "{protocol: etm}", "{total: -1}", "pass",
        "{protocol: pt, mtc_period: 77}", "{protocol: pt, fifo_bytes: 1}", "{protocol: pt, psb_period: true}",
        "\"\\0\"", "'a\nb'", "!!int x", "&a 1", "*a", "x86-64", "aarch64", "brk", "serialize", "[sync-a]", "[dc-cvau]"};
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
    BadInput e = assertThrows(BadInput.class,
        () -> ScenarioReader.parse("x", "x.yaml", GOOD.replace("keys: 2", "keys: \u0001")));
    assertEquals("x.yaml:4: character 0x1 is not allowed in YAML", e.line());
  }

  @Test
  void aMissingFileIsOneLine() {
    BadInput e = assertThrows(BadInput.class, () -> ScenarioReader.read(Path.of("no-such.yaml")));
    assertEquals(
        "no-such.yaml: cannot be read: it is not there; is it a scenario file? ('crosspatch scenarios' lists those "
            + "that ship)", e.line());
  }

  /// `config.guest` of a summary is a mapping of a scenario: read as one, it is the same guest.
  @ParameterizedTest
  @ValueSource(strings = {"x86-straddling", "x86-straddling-without-sync-b", "x86-storm", "x86-jump-label",
      "arm64-adversarial-without-kick", "arm64-nosync-kick", "arm64-jump-label-ete",
      "arm64-events-lost",
      "x86-two-patchers-without-mutex", "arm64-tasks", "x86-hotplug", "arm64-irqs-off"})
  void aGuestAsJsonIsReadAsTheSameGuest(String name) {
    Scenario scenario = ScenarioReader.read(Path.of("..", "scenarios", name + ".yaml"));
    String json = Json.object(scenario.guest()::write).replace("leave_out", "leave-out")
        .replace("patching_cpu", "patching-cpu").replace("irqs_off", "irqs-off")
        .replaceAll("(buffer|drain)_(bytes|every)", "$1-$2")
        .replaceAll(" *\"(alias|mechanism)\" : .*\n", "");
    String trace = "\"isa\": \"" + scenario.machine().isa().name() + "\", \"cpus\": " + scenario.machine().cpus()
        + ", \"trace\": {\"protocol\": \"" + scenario.trace().protocol() + "\"},";
    Scenario again = ScenarioReader.parse("again", "again.yaml", json.replaceFirst("\\{", "{" + trace));
    assertEquals(scenario.guest(), again.guest(), json);
  }

  @Test
  void aScenarioTellsWhatItStandsOn(@TempDir Path dir) throws IOException {
    Files.writeString(dir.resolve("good.yaml"), GOOD);
    Files.writeString(dir.resolve("twin.yaml"), "base: good.yaml\ndescription: less\nleave-out: [sync-a]\nseed: 3\n");
    Files.createDirectory(dir.resolve("more"));
    Files.writeString(dir.resolve("more/again.yaml"), "base: ../twin.yaml\ncpus: 3\n");
    assertEquals(List.of(), ScenarioReader.read(dir.resolve("good.yaml")).bases());
    assertEquals(List.of(new Scenario.Base("../twin.yaml", List.of("cpus")),
        new Scenario.Base("good.yaml", List.of("leave-out", "seed"))),
        ScenarioReader.read(dir.resolve("more/again.yaml")).withSeed(7).bases());
  }
}
