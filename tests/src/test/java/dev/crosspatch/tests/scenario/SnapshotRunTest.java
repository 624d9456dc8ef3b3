package dev.crosspatch.tests.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.time.Grade;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A run that is saved at any cycle and gone on with in another process leaves the same bytes; a decision that is
/// forced makes another run, and always the same.
final class SnapshotRunTest {

  /// Points in random scenarios: `-Dcrosspatch.snapshots=N`.
  static IntStream points() {
    return IntStream.range(0, Integer.getInteger("crosspatch.snapshots", 2));
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("points")
  void goesOnByteForByte(int point, @TempDir Path dir) throws IOException, InterruptedException {
    Random random = new Random(point);
    List<Path> all = Scenarios.files();
    Path file = all.get(random.nextInt(all.size()));
    String name = file.getFileName().toString().replace(".yaml", "");
    FinishedRun whole = FinishedRun.of(name);
    long end = whole.cycles();
    goesOn(file, name, whole, 1 + random.nextLong(end - 1), dir);
  }

  /// Which interrupts and copies of mappings are still to come is part of a run's state, and so are lines that a core
  /// has fetched in parts.
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @ValueSource(strings = {"x86-nmi", "arm64-nmi", "x86-jit-acknowledged", "x86-inline"})
  void whatIsStillToComeGoesOn(String name, @TempDir Path dir) throws IOException, InterruptedException {
    FinishedRun whole = FinishedRun.of(name);
    Path file = Scenarios.file(name);
    goesOn(file, name, whole, whole.cycles() / 3, dir);
  }

  /// However closely time is told, the same run is the same, and goes on from anywhere.
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @EnumSource(value = Grade.class, mode = EnumSource.Mode.EXCLUDE, names = "ADDITIVE") // which all others have
  void everyGradeOfTimeGoesOn(Grade grade, @TempDir Path dir) throws IOException, InterruptedException {
    String time = "time=" + grade.name().toLowerCase(Locale.ROOT);
    for (String name : List.of("x86-jump-label", "arm64-jump-label")) {
      Path file = Scenarios.file(name);
      List<Object> run = List.of("run", file, "--set", time, "--set", "flips.total=4", "-o");
      crosspatch(with(run, dir.resolve(name + "first")));
      RunHashes expected = RunHashes.of(dir.resolve(name + "first"));
      Path snapshot = dir.resolve(name + "snapshot");
      crosspatch(with(run, dir.resolve(name + "saved"), "--save-at", "50001", "--snapshot", snapshot));
      crosspatch(with(run, dir.resolve(name + "restored"), "--from", snapshot));
      assertEquals(expected, RunHashes.of(dir.resolve(name + "saved")), "who saves changes nothing: " + name);
      assertEquals(expected, RunHashes.of(dir.resolve(name + "restored")), name);
      assertEquals(summary(dir.resolve(name + "first")), summary(dir.resolve(name + "restored")), name);
    }
  }

  private static Object[] with(List<Object> command, Object... more) {
    return Stream.concat(command.stream(), Arrays.stream(more)).toArray();
  }

  private static void goesOn(Path file, String name, FinishedRun whole, long at, Path dir)
      throws IOException, InterruptedException {
    String cycle = String.valueOf(at);
    Path snapshot = dir.resolve("snapshot");
    crosspatch("run", file, "-o", dir.resolve("saved"), "--save-at", cycle, "--snapshot", snapshot);
    crosspatch("run", file, "-o", dir.resolve("restored"), "--from", snapshot);
    String where = name + " at cycle " + cycle + " of " + whole.cycles();
    RunHashes expected = RunHashes.of(whole.directory().path());
    assertEquals(expected, RunHashes.of(dir.resolve("saved")), "who saves changes nothing: " + where);
    assertEquals(expected, RunHashes.of(dir.resolve("restored")), where);
    assertEquals(summary(dir.resolve("saved")), summary(dir.resolve("restored")), where);
  }

  /// All that the summary says, but for the host's time and the sum over it.
  private static List<String> summary(Path directory) throws IOException {
    return Files.readAllLines(directory.resolve("summary.json")).stream()
        .filter(l -> !l.startsWith("  \"host_seconds\"") && !l.startsWith("  \"sha256\"")).toList();
  }

  @Test
  void aForcedDecisionMakesAnotherRun(@TempDir Path dir) throws IOException, InterruptedException {
    Path file = Scenarios.file("x86-straddling");
    Path record = dir.resolve("choices.jsonl");
    crosspatch("run", file, "-o", dir.resolve("plain"), "--choices", record);
    List<String> decisions = Files.readAllLines(record);
    int number = 0;
    while (!decisions.get(number).contains("\"fetched-ahead\"")) {
      number++;
    }
    assertTrue(decisions.get(number).startsWith("{\"number\":" + number + ","), decisions.get(number));
    String other = number + "=" + (decisions.get(number).endsWith("\"taken\":2}") ? 0 : 2);
    for (String out : List.of("first", "second")) {
      crosspatch("run", file, "-o", dir.resolve(out), "--force", other, "--choices", dir.resolve(out + ".jsonl"));
    }
    assertEquals(RunHashes.of(dir.resolve("first")), RunHashes.of(dir.resolve("second")));
    assertEquals(Files.readAllLines(dir.resolve("first.jsonl")), Files.readAllLines(dir.resolve("second.jsonl")));
    assertEquals(decisions.subList(0, number), Files.readAllLines(dir.resolve("first.jsonl")).subList(0, number));
    assertNotEquals(decisions, Files.readAllLines(dir.resolve("first.jsonl")));
    FinishedRun whole = FinishedRun.of("x86-straddling");
    assertEquals(RunHashes.of(whole.directory().path()), RunHashes.of(dir.resolve("plain")), "who records");
  }

  /// README's example is a command that works, and makes another run; if timing has changed, another number does.
  @Test
  void theExampleOfReadmeMakesAnotherRun(@TempDir Path dir) throws IOException, InterruptedException {
    String line = Files.readAllLines(Path.of("..", "README.md")).stream()
        .filter(l -> l.startsWith("    ./crosspatch run scenarios/x86-straddling.yaml --force ")).findFirst()
        .orElseThrow();
    List<String> words = List.of(line.strip().split(" "));
    List<Object> arguments = new ArrayList<>(List.of("run", Path.of("..", words.get(2)), "-o", dir.resolve("forced")));
    arguments.addAll(words.subList(3, words.size()));
    crosspatch(arguments.toArray());
    Path plain = FinishedRun.of("x86-straddling").directory().path();
    assertNotEquals(RunHashes.of(plain), RunHashes.of(dir.resolve("forced")), line);
  }

  /// In another process.
  private static void crosspatch(Object... arguments) throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command = new ArrayList<>(
        List.of(java, "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
            "dev.crosspatch.sim.cli.Main"));
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor() < 2 && output.contains("verdict: "), () -> command + "\n" + output);
  }
}
