package dev.crosspatch.sim.verify;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.run.FileSums;
import dev.crosspatch.sim.run.GuestEnd;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.scenario.Expectation;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.window.Windows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What `summary.json` says of a finished run, to be judged again.
///
/// @param verdict    as it was found then
/// @param expect     how the run was to end
/// @param end        how its guest ended
/// @param failure    `kind`, `cpu`, `cycle` and `address` of its first failure in one text, `none` if there was none
/// @param asExpected whether it ended so
/// @param cpus       what was decoded, a line per CPU
/// @param windows    what CPUs ran where text was being patched, a line per kind of window
/// @param violations executions that broke the contract
/// @param repeat     the command that repeats the run
/// @param files      what each file must be
/// @param intact     whether the summary itself is as the run wrote it
public record Stored(
    Verdict verdict, Expectation expect, boolean asExpected, GuestEnd end, String failure, List<String> cpus,
    List<String> windows, long violations, String repeat, FileSums files,
    boolean intact) {

  /// Copies the lists.
  public Stored {
    cpus = List.copyOf(cpus);
    windows = List.copyOf(windows);
  }

  /// Reads a directory's summary.
  ///
  /// @throws BadInput if it is none, or of a version that kept no checksums
  public static Stored read(Path directory) {
    Path file = directory.resolve(RunFiles.SUMMARY);
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new BadInput(directory + ": not the output of a run (it has no readable " + RunFiles.SUMMARY + ")");
    }
    Fields map = RunDirectory.summary(file, text);
    if (!map.has("files")) {
      throw map.bad("files",
          "missing: whoever wrote this kept no checksums, so nothing can be verified; run the scenario again");
    }
    return new Stored(
        map.choice("verdict", Verdict.class, null), expect(map), map.flag("as_expected", false),
        GuestEnd.read(map.map("guest_end")), failure(map),
        map.maps("cpus").stream().map(Stored::cpu).toList(), map.maps("windows").stream().map(Stored::window).toList(),
        map.number("violations", 0, 0, Long.MAX_VALUE),
        map.text("repeat", ""), FileSums.read(map.map("files")), Seal.intact(text));
  }

  private static Expectation expect(Fields map) {
    Expectation expect = Expectation.read(map);
    if (map.choice("expected", Verdict.class, expect.verdict()) != expect.verdict()) {
      throw map.bad("expected", "is not the verdict of 'expect'");
    }
    return expect;
  }

  private static String cpu(Fields map) {
    return cpu(map.text("cpu", ""), map.text("decoded", ""), map.text("mismatches", ""), map.text("ambiguous", ""),
        map.text("problems", ""), map.text("gaps", ""),
        map.text("lost", ""));
  }

  private static String window(Fields map) {
    Map<String, String> outcomes = new TreeMap<>();
    Fields counts = map.map("outcomes");
    counts.keys().forEach(outcome -> outcomes.put(outcome, counts.text(outcome, "")));
    return Windows.line(map.text("window", ""), map.text("sites", ""), map.text("patches", ""), map.text("opened", ""),
        map.text("executions", ""), map.text("stale", ""), outcomes);
  }

  private static String cpu(CpuVerification cpu) {
    FlowComparison c = cpu.comparison();
    return cpu(cpu.cpu(), c.decoded(), c.compares() ? c.mismatches() : "null", c.ambiguous(), c.problemCount(),
        c.gaps(), c.compares() ? c.lost() : "null");
  }

  private static String cpu(Object cpu, Object decoded, Object mismatches, Object ambiguous, Object problems,
      Object gaps, Object lost) {
    return String.format("CPU %s: %s decoded, %s mismatches, %s ambiguous, %s problems, %s gaps, %s lost", cpu, decoded,
        mismatches, ambiguous, problems, gaps, lost)
        .replace("null", "-");
  }

  private static String failure(Fields map) {
    Fields failure = map.whole("first_failure");
    return failure == null ? "none" : failure(
        failure.text("kind", ""), failure.text("cpu", ""), failure.text("cycle", ""), failure.text("address", ""));
  }

  private static String failure(String kind, String cpu, String cycle, String address) {
    return kind + (cpu.equals("-1") ? "" : " on CPU " + cpu) + (cycle.equals("-1") ? "" : ", cycle " + cycle)
        + (address.equals("0x0") ? "" : ", at " + address);
  }

  /// What a verification of the same files finds otherwise, a line each. Where no truth was kept, only what can be
  /// found again counts.
  ///
  /// @param found the violations it found, in order
  public List<String> differences(Verification now, ViolationSum found) {
    List<String> lines = new ArrayList<>();
    differs(lines, "verdict", spelled(verdict), spelled(now.verdict()));
    if (now.checked().flow()) {
      String failed = now.firstFailure()
          .map(f -> failure(f.kind().label(), String.valueOf(f.cpu()), String.valueOf(f.cycle()),
              Json.address(f.address()))).orElse("none");
      differs(lines, "first failure", failure, failed);
    }
    differs(lines, "number of violations", String.format("%,d", violations),
        String.format("%,d", now.contract().broken()));
    differs(lines, "number of CPUs", String.valueOf(cpus.size()), String.valueOf(now.cpus().size()));
    for (int i = 0; i < Math.min(cpus.size(), now.cpus().size()); i++) {
      differs(lines, "count", cpus.get(i), cpu(now.cpus().get(i)));
    }
    if (now.checked().flow() && !windows.equals(now.windows().lines())) {
      lines.add("the stored windows are " + windows + ", the files say " + now.windows().lines());
    }
    if (now.verdict() == verdict) {
      differs(lines, "answer to whether it ended as expected", asExpected ? "yes" : "no", now.meets(expect)
          ? "yes" : "no");
    }
    if (now.checked().flow() && now.contract().broken() == violations && !found.agrees(files)) {
      lines.add("the stored violations (" + RunFiles.VIOLATIONS + ") are not those that the files say");
    }
    return lines;
  }

  private static void differs(List<String> lines, String what, String stored, String found) {
    if (!stored.equals(found)) {
      lines.add("the stored " + what + " is " + stored + ", the files say " + found);
    }
  }

  private static String spelled(Verdict verdict) {
    return verdict.name().toLowerCase(Locale.ROOT);
  }
}
