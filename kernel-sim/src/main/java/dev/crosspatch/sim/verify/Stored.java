package dev.crosspatch.sim.verify;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.run.FileSums;
import dev.crosspatch.sim.run.GuestEnd;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.scenario.Expectation;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.scenario.YamlMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What `summary.json` says of a finished run, to be judged again.
///
/// @param verdict    as it was found then
/// @param expect     how the run was to end
/// @param end        how its guest ended
/// @param failure    `kind`, `cpu`, `cycle` and `address` of its first failure in one text, empty if there was none
/// @param violations executions that broke the contract
/// @param repeat     the command that repeats the run
/// @param files      what each file must be
/// @param intact     whether the summary itself is as the run wrote it
public record Stored(
    Verdict verdict, Expectation expect, GuestEnd end, String failure, long violations, String repeat, FileSums files, boolean intact) {

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
    YamlMap map = YamlMap.parse(file.toString(), text, null);
    if (!map.has("files")) {
      throw map.bad("files", "missing: whoever wrote this kept no checksums, so nothing can be verified; run the scenario again");
    }
    return new Stored(
        map.choice("verdict", Verdict.class, null), Expectation.read(map), GuestEnd.read(map.map("guest_end")), failure(map),
        map.number("violations", 0, 0, Long.MAX_VALUE), map.text("repeat", ""), FileSums.read(map.map("files")), Seal.intact(text));
  }

  private static String failure(YamlMap map) {
    YamlMap failure = map.whole("first_failure");
    return failure == null ? "" : failure(
        failure.text("kind", ""), failure.text("cpu", ""), failure.text("cycle", ""), failure.text("address", ""));
  }

  private static String failure(String kind, String cpu, String cycle, String address) {
    return String.format("%s on CPU %s, cycle %s, at %s", kind.replace('_', ' '), cpu, cycle, address);
  }

  /// What a verification of the same files finds otherwise, a line each.
  public List<String> differences(Verification now) {
    List<String> lines = new ArrayList<>();
    if (now.verdict() != verdict) {
      lines.add("the stored verdict is " + spelled(verdict) + ", the files say " + spelled(now.verdict()));
    }
    String failed = now.firstFailure()
        .map(f -> failure(f.kind().label(), String.valueOf(f.cpu()), String.valueOf(f.cycle()), Json.address(f.address()))).orElse("");
    if (!failed.equals(failure)) {
      lines.add("the stored first failure is " + none(failure) + ", the files say " + none(failed));
    }
    if (now.contract().broken() != violations) {
      lines.add(String.format("the stored number of violations is %,d, the files say %,d", violations, now.contract().broken()));
    }
    return lines;
  }

  private static String spelled(Verdict verdict) {
    return verdict.name().toLowerCase(Locale.ROOT);
  }

  private static String none(String text) {
    return text.isEmpty() ? "none" : text;
  }
}
