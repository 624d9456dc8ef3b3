package dev.crosspatch.tests.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.sim.cli.Main;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.fields.JsonText;
import dev.crosspatch.sim.run.EventLog;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.truth.TruthReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// `crosspatch export perfetto` of scenarios that ship is what Perfetto's importer asks for ([TraceEventFile]), and
/// tells what the run's other files tell: one that passes and one that fails of each mechanism on each ISA; all, storms
/// too, with `-Pfull`.
final class PerfettoExportTest {
  @TempDir Path dir = Path.of("");

  static List<String> scenarios() {
    List<Scenario> all = Scenarios.files().stream().map(ScenarioReader::read).toList();
    Set<List<Object>> sorts = new HashSet<>();
    return all.stream().filter(s -> Boolean.getBoolean("crosspatch.full")
        || sorts.add(List.of(s.guest().patching().mechanism(), s.machine().isa().name(), s.expect().verdict())))
        .map(Scenario::name).toList();
  }

  private TraceEventFile export(RunDirectory run, String... options) {
    String file = dir.resolve("trace.json").toString();
    Stream<String> args = Stream.of("export", "perfetto", run.path().toString(), "-o", file);
    assertEquals(0, Main.execute(Stream.concat(args, Stream.of(options)).toArray(String[]::new)));
    return TraceEventFile.read(Path.of(file));
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void tellsWhatTheOtherFilesTell(String name) throws IOException {
    RunDirectory run = FinishedRun.of(name).directory();
    if (name.endsWith("-storm")) {
      TraceEventFile begin = export(run, "--limit", "20000");
      assertTrue(begin.count("function") > 3_000 && begin.count("patch") > 10, begin.counts::toString);
      assertEquals(true, begin.about.get("cut"));
      return;
    }
    TraceEventFile file = export(run, "--limit", "10000000");
    Fields summary = JsonText.parse("summary", Files.readString(run.path().resolve("summary.json")));
    for (Fields cpu : summary.maps("cpus")) {
      cpu(run, file, cpu);
    }
    Set<String> patching = patching(summary.map("config").map("guest"));
    assertEquals(summary.number("violations", 0, 0, Long.MAX_VALUE), file.count("violation"));
    assertEquals(summary.number("stale_checked", 0, 0, Long.MAX_VALUE), file.count("stale"));
    long[] stores = {0};
    run.stores().forEach(s -> ++stores[0] > 0);
    assertEquals(stores[0], file.count("store"));
    Fields guest = summary.map("config").map("guest");
    if (isFlat(guest)) {
      if (summary.text("verdict", "").equals("pass")) {
        stolen(file, summary.map("latency").map("stolen"), name, run.config().clocks().coreMhz(), patching);
      }
      flips(file, summary.map("latency").map("flip"), run.config().clocks().coreMhz(), patching);
    }
    Map<EventLog.Kind, Long> events = new HashMap<>();
    run.events().forEach(e -> events.merge(e.kind(), 1L, Long::sum));
    assertEquals(events.getOrDefault(EventLog.Kind.REPORTED, 0L), file.count("report"));
  }

  /// What is wrong with a file is seen.
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "\"ph\":\"E\" | \"ph\":\"B\",\"cat\":\"function\",\"name\":\"f\",\"args\":{\"cycle\":1}",
      "\"ph\":\"B\" | \"ph\":\"i\",\"s\":\"t\"", "\"ph\":\"f\" | \"ph\":\"t\"",
      "\"ph\":\"s\" | \"ph\":\"f\",\"bp\":\"e\"",
      "\"pid\":1 | \"pid\":0", "\"tid\":101 | \"tid\":99", "\"ts\":2 | \"ts\":1", "\"ts\":1 | \"time\":1",
      "\"cat\":\"interrupt\" | \"cat\":\"call\"", "IPI to CPU 1 | IPI to CPU 0", "\"s\":\"t\" | \"s\":\"x\"",
      "\"name\":\"site_1\" | \"name\":\"\"", "}} | ]}"
  })
  void damageIsSeen(String there, String damage) throws IOException {
    RunDirectory run = FinishedRun.of("x86-straddling-without-sync-b").directory();
    export(run);
    Path file = dir.resolve("trace.json");
    String text = Files.readString(file);
    int at = text.indexOf(there, text.lastIndexOf(there) / 2);
    assertTrue(at > 0, there);
    Files.writeString(file, text.substring(0, at) + damage + text.substring(at + there.length()));
    assertThrows(AssertionError.class, () -> TraceEventFile.read(file));
  }

  /// Whether a slice is what the run measures: not where tasks are preempted, whose slices end where another goes on,
  /// and not where a probe's instruction runs out of line between two breakpoints, which the run takes for one.
  private static boolean isFlat(Fields guest) {
    return guest.number("tasks", 1, 1, Long.MAX_VALUE) == 1 && !guest.text("mechanism", null).endsWith("probe");
  }

  /// Names of the tracks of the CPUs that patch.
  private static Set<String> patching(Fields guest) {
    List<String> cpus = guest.has("patching_cpus") ? guest.list("patching_cpus")
        : List.of(guest.text("patching_cpu", null));
    return cpus.stream().map("CPU "::concat).collect(Collectors.toSet());
  }

  /// The calls of the function that is a flip are as many as the run itself measured, and their median is the same, but
  /// for the grain of the truth's times.
  private static void flips(TraceEventFile file, Fields measured, int mhz, Set<String> patching) {
    List<Double> flips = patching.stream()
        .flatMap(cpu -> file.durations.getOrDefault(cpu + "/mechanism_flip", List.of()).stream()).sorted().toList();
    long count = measured.number("count", 0, 0, Long.MAX_VALUE);
    // the last one of each may not have ended with the run
    assertTrue(flips.size() >= count && flips.size() <= count + patching.size(), () -> flips.size() + " of " + count);
    if (count > 10 && flips.size() == count) {
      double median = flips.get((flips.size() - 1) / 2) * mhz;
      assertEquals((double) measured.number("p50_cycles", 0, 0, Long.MAX_VALUE), median, 100 + median / 256);
    }
  }

  /// What breakpoints took from the CPUs that do not patch is what the run itself measured, and so is what syncs did,
  /// where there are no other interrupts, but for the grain of the truth's times.
  private static void stolen(TraceEventFile file, Fields measured, String name, int mhz, Set<String> patching) {
    for (String sort : name.equals("x86-straddling") ? List.of("trap", "interrupt") : List.of("trap")) {
      List<Double> taken = new ArrayList<>();
      file.handlers.forEach((where, times) -> {
        if (where.endsWith("/" + sort) && !patching.contains(where.substring(0, where.indexOf('/')))) {
          taken.addAll(times);
        }
      });
      assertEquals(measured.number(sort + "s", -1, 0, Long.MAX_VALUE), taken.size(), sort);
      double cycles = taken.stream().mapToDouble(t -> t * mhz).sum();
      assertEquals((double) measured.number(sort + "_cycles", -1, 0, Long.MAX_VALUE), cycles,
          Math.max(cycles / 20, 20.0 * taken.size()), sort);
    }
  }

  private static void cpu(RunDirectory run, TraceEventFile file, Fields summary) {
    int cpu = (int) summary.number("cpu", -1, 0, 63);
    String track = "CPU " + cpu;
    long[] rows = new long[RetireRow.CALL + 1];
    long end;
    try (TruthReader truth = run.truth(cpu)) {
      while (truth.next()) {
        rows[truth.kind()]++;
      }
      end = truth.time();
    }
    assertEquals(rows[RetireRow.TRAP], file.count(track, "trap"), track);
    assertEquals(rows[RetireRow.FAULT], file.count(track, "fault"), track);
    assertEquals(rows[RetireRow.INTERRUPT], file.count(track, "interrupt"), track);
    assertEquals(summary.number("interrupts", -1, 0, Long.MAX_VALUE), file.count(track, "interrupt"), track);
    long stale = summary.number("stale_executions", -1, 0, Long.MAX_VALUE);
    assertEquals(stale, file.count(track, "stale"), track);
    assertEquals(stale, file.counters.getOrDefault("stale executions of " + track, 0L), track);
    long gaps = file.count("trace of " + track, "gap") - summary.number("gaps", -1, 0, Long.MAX_VALUE);
    // a trace that stops where nothing ran any more has a gap in the file alone; where the flow is wrong, any may lie
    boolean wrong = summary.number("mismatches", -1, 0, Long.MAX_VALUE) > 0;
    assertTrue(gaps == 0 || gaps == 1 || wrong, track);
    assertEquals(summary.number("problems", -1, 0, Long.MAX_VALUE), file.count("trace of " + track, "problem"), track);
    long nanoseconds = Math.round(file.last.getOrDefault(track, 0.0) * 1000);
    assertEquals(end * 1000 / run.config().clocks().coreMhz(), nanoseconds, track);
  }
}
