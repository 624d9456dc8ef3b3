package dev.crosspatch.sim.race;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.run.RunLogs;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.scenario.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is and what is not a race on text. That a protocol is right is known from the ISAs' manuals and from Linux, and
/// that a step is needed from the contract and the strangers' decoders, who judge the same runs without the detector.
class RaceDetectorTest {
  private static final Path SCENARIOS = Path.of("../scenarios");
  private static final int SEEDS = Integer.getInteger("crosspatch.seeds", 1);

  private record Raced(Run run, List<String> races) {}

  private static Raced run(Scenario scenario) {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    Run run = new Run(scenario, RunLogs.to(false, name -> name.equals(RunFiles.RACES) ? log::write
        : (bytes, from, length) -> {}));
    run.execute(progress -> {});
    List<String> races = log.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(races.size(), run.races());
    return new Raced(run, races);
  }

  private static Scenario shipped(String name, int seed) {
    return ScenarioReader.read(SCENARIOS.resolve(name + ".yaml")).withSeed(seed);
  }

  /// Those that are looked at always; with `-Pfull` it is every one that is right and does not take minutes.
  static List<String> correct() throws IOException {
    if (!Boolean.getBoolean("crosspatch.full")) {
      return List.of("x86-straddling", "arm64-adversarial", "x86-ftrace", "arm64-modules", "x86-optprobe",
          "x86-hotplug", "arm64-stop-machine", "x86-bpf-jit", "arm64-kprobe", "arm64-shared-entry");
    }
    try (Stream<Path> files = Files.list(SCENARIOS)) {
      return files.sorted().filter(f -> ScenarioReader.read(f).expect().verdict() == Verdict.PASS)
          .map(ScenarioReader::name).filter(name -> !name.matches(".*-(storm|ftrace-all)")).toList();
    }
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("correct")
  void correctProtocolsHaveNone(String name) {
    for (int seed = 1; seed <= SEEDS; seed++) {
      assertEquals(List.of(), run(shipped(name, seed)).races(), name + ", seed " + seed);
    }
  }

  /// Who has taken the interrupt and not yet returned has synchronized. With clocks apart others go on so early.
  @Test
  void takingAnInterruptSynchronizes() {
    assertEquals(List.of(), run(ScenarioReader.read(SCENARIOS.resolve("arm64-adversarial.yaml"),
        List.of(Setting.of("limits.slack=600")))).races());
  }

  /// However little is fetched at a time.
  @ParameterizedTest
  @ValueSource(ints = {64, 16, 1})
  void theCorrectProtocolHasNone(int fetch) {
    assertEquals(List.of(), run(inline("", "fetch=" + fetch)).races());
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @CsvSource({
      "x86-straddling-without-sync-a, torn", "x86-straddling-without-sync-b, torn",
      "x86-straddling-without-sync-c, stale-trap", "x86-straddling-without-int3, torn",
      "x86-kprobe-without-sync, old-after-event", "x86-kprobe-event-order, old-after-event",
      "arm64-adversarial-without-dc-cvau, old-after-event", "arm64-adversarial-without-kick, stale-trap",
      "arm64-modules-without-flush, not-exchangeable", "arm64-stop-machine-without-wait, old-after-event",
      "x86-bpf-jit-without-copy-sync, torn", "x86-straddling-one-store, torn",
      "x86-inline-without-sync-b-by-luck, torn", "arm64-kprobe-without-wait-for-all, not-exchangeable",
      "x86-direct-map-without-call-fence, interrupt-overtakes",
      "arm64-direct-map-without-call-fence, interrupt-overtakes"})
  void whatMayBeFetchedIsSaid(String name, String kind) {
    Raced raced = run(ScenarioReader.read(SCENARIOS.resolve(name + ".yaml")));
    assertTrue(raced.races().stream().anyMatch(r -> r.startsWith("{\"kind\":\"" + kind + "\"")),
        raced.races()::toString);
  }

  /// An event behind the first byte is late, unless everybody is parked meanwhile: who met the breakpoint may have met
  /// the new text, whether somebody did or not. So may he have met the new first byte, with a tail that he had fetched
  /// before, unless it is stored behind his synchronization.
  @ParameterizedTest
  @CsvSource({"late, new-before-event", "parked, ''", "in-time, ''", "relayed, torn", "relayed-counted, ''"})
  void whoMetTheBreakpointMayHaveMetWhatFollowsIt(String protocol, String kind) {
    Scenario scenario = ScenarioReader.parse("late",
        Path.of("src/test/resources/dev/crosspatch/sim/mechanism/late.yaml").toString(), """
            isa: x86-64
            mechanism: ./late
            protocol: %s
            sites: [{count: 2, place: line 61}]
            flips: {total: 4, interval: 8000}
            trace: {protocol: pt}
            """.formatted(protocol));
    Set<String> kinds = run(scenario).races().stream().map(r -> field(r, "kind")).collect(Collectors.toSet());
    assertEquals(kind.isEmpty() ? Set.of() : Set.of(kind), kinds);
  }

  /// A protocol that parks everybody by a flag: what orders fetch behind its stores, and what does not, on cores that
  /// have to clean and those that have not (`idc`), whatever came of it in this run.
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "false | | ''", "false | early-event | ''", "false | to-memory | ''", "false | readers-invalidate | ''",
      "false | clean | nothing has brought the store to the point of unification",
      "false | clean-barrier | no invalidation of instruction caches behind that",
      "false | clean-dmb | no invalidation of instruction caches behind that",
      "false | own-caches | no invalidation of instruction caches behind that",
      "false | invalidate-dmb | no invalidation of instruction caches behind that",
      "false | reader-isb | has no context synchronization behind that",
      "false | early-isb | has no context synchronization behind that",
      "false | own-isb | has no context synchronization behind that",
      "true | clean | ''", "true | clean, early-event | ''",
      "true | clean, clean-barrier | no invalidation of instruction caches behind that",
      "true | clean, clean-dmb | no invalidation of instruction caches behind that"
  })
  void whatOrdersFetchBehindStores(boolean idc, String wrong, String missing) {
    Scenario scenario = ScenarioReader.parse("polled",
        Path.of("src/test/resources/dev/crosspatch/sim/mechanism/polled.yaml").toString(), """
            isa: aarch64
            mechanism: ./polled
            protocol: poll
            cpus: 3
            idc: %s
            sites: [{count: 3}]
            flips: {total: 4, interval: 300}
            leave-out: [%s]
            trace: {protocol: etm}
            """.formatted(idc, wrong == null ? "" : wrong));
    Set<String> said = run(scenario).races().stream().map(r -> field(r, "missing")).collect(Collectors.toSet());
    assertTrue(missing.isEmpty() ? said.isEmpty() : said.stream().anyMatch(m -> m.contains(missing)), said::toString);
  }

  /// Every CPU synchronized by chance in time, so all went well.
  @Test
  void aRaceIsFoundWhereNobodyLost() {
    String text = """
        isa: x86-64
        cpus: 8
        preset: skylake
        protocol: int3-batch
        sites: [{count: 64, length: 5, place: line 61}]
        flips: {total: 4, interval: 5000}
        trace: {protocol: pt}
        """;
    Raced without = run(ScenarioReader.parse("lucky", "lucky.yaml", text + "leave-out: [sync-b]\n"));
    assertTrue(without.run().end().good(), () -> without.run().end().line());
    for (int cpu = 0; cpu < 8; cpu++) {
      assertEquals(0, without.run().machine().counters(cpu).staleExecutions());
    }
    assertTrue(without.races().stream().anyMatch(r -> r.contains("\"torn\"") && r.contains("has no context synchron")),
        without.races()::toString);
    assertEquals(List.of(), run(ScenarioReader.parse("right", "right.yaml", text)).races());
  }

  /// What cores tear that fetch as little at a time as they may, and hold it as long as they may, is a race on cores
  /// that fetch lines and keep nothing for long, where the same kernel runs well.
  @ParameterizedTest
  @ValueSource(strings = {"sync-b", "sync-a"})
  void whatIsFetchedTornIsARaceWhereItIsNot(String leftOut) {
    Set<String> torn = new TreeSet<>();
    for (int seed = 1; seed <= 4; seed++) {
      torn.addAll(torn(inline(leftOut, "staleness=adversarial", "fetch=1").withSeed(seed)));
    }
    assertNotEquals(Set.of(), torn);
    Scenario usual = inline(leftOut, "staleness=typical", "fetch=64");
    Set<String> races = new TreeSet<>();
    run(usual).races().stream().filter(r -> r.startsWith("{\"kind\":\"torn\"")).map(r -> field(r, "address"))
        .forEach(races::add);
    assertEquals(Set.of(), torn(usual));
    torn.removeAll(races);
    assertEquals(Set.of(), torn, "torn without a race; races at " + races);
  }

  private static Scenario inline(String leftOut, String... more) {
    List<Setting> settings = new ArrayList<>(List.of(Setting.of("leave-out=[" + leftOut + "]")));
    Stream.of(more).map(Setting::of).forEach(settings::add);
    return ScenarioReader.read(SCENARIOS.resolve("x86-inline.yaml"), settings);
  }

  /// Addresses of sites of which somebody ran what is none of their texts.
  private static Set<String> torn(Scenario scenario) {
    Map<String, ByteArrayOutputStream> logs = new HashMap<>();
    Run run = new Run(scenario, RunLogs.to(true, name -> logs.computeIfAbsent(name, n -> new ByteArrayOutputStream())
        ::write));
    run.execute(progress -> {});
    Set<String> texts = new HashSet<>();
    lines(logs, RunFiles.POKES).forEach(p -> {
      texts.add(field(p, "address") + field(p, "old"));
      texts.add(field(p, "address") + field(p, "new"));
    });
    Set<String> sites = texts.stream().map(t -> t.substring(0, 18)).collect(Collectors.toSet());
    return lines(logs, RunFiles.STALE).filter(e -> sites.contains(field(e, "address")))
        .filter(e -> !field(e, "executed").equals("cc") && !texts.contains(field(e, "address") + field(e, "executed")))
        .map(e -> field(e, "address")).collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<String> lines(Map<String, ByteArrayOutputStream> logs, String name) {
    return Objects.requireNonNull(logs.get(name)).toString(StandardCharsets.UTF_8).lines();
  }

  private static String field(String line, String name) {
    return line.replaceAll(".*\"" + name + "\":\"([^\"]*)\".*", "$1");
  }
}
