package dev.crosspatch.isa.toy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Two CPUs of the toy boot, patch their text, are traced and verified, by the commands that any ISA has; a step of the
/// protocol left out fails, and says how.
final class ToyRunTest {
  private static final Path SCENARIOS = Path.of("src/test/resources/dev/crosspatch/isa/toy");

  @TempDir Path dir;

  /// How many: `-Dcrosspatch.seeds=N`.
  static IntStream seeds() {
    return IntStream.rangeClosed(1, Integer.getInteger("crosspatch.seeds", 3));
  }

  private static Path scenario(String name) {
    return SCENARIOS.resolve(name + ".yaml");
  }

  private Path run(String name, int seed) {
    Said said = Said.of("run", scenario(name), "--seed", seed, "-o", dir.resolve(name));
    assertEquals(0, said.status(), () -> "seed " + seed + "\n" + said.out() + said.err());
    return dir.resolve(name);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void patchesSafelyWhateverTheSeed(int seed) throws IOException {
    Path out = run("toy", seed);
    Said judged = Said.of("verify", out);
    assertEquals(0, judged.status(), judged.out() + judged.err());
    assertTrue(judged.line("verdict: ").startsWith("verdict: PASS"), judged.out());
    assertEquals(160, Files.readAllLines(out.resolve("pokes.jsonl")).size(), "8 sites, 40 flips of one of 2 keys");
    Path pt = run("toy-pt", seed);
    assertEquals(flow(out), flow(pt), "who watches changes nothing");
  }

  private static List<String> flow(Path out) throws IOException {
    return Said.lines("decode", out, "--plain");
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void itsTwinsFail(int seed) {
    for (String step : List.of("sync-a", "sync", "clean", "inval")) {
      run("toy-without-" + step, seed);
    }
  }

  @Test
  void theFirstFailureIsNamed() {
    Said said = Said.of("run", scenario("toy-without-sync-a"), "-o", dir.resolve("out"));
    assertTrue(said.line("verdict: ").startsWith("verdict: FAIL (as expected)"), said.out());
    assertTrue(said.line("first failure: ").matches(
        "first failure: old-after-event: CPU 1, cycle \\d+, 0x4000[0-9a-f]{4} \\(site_[0-7]\\): executed [0-9a-f]{16}, "
            + "memory held [0-9a-f]{16}: the old instruction ran after the time of its poke.*"), said.out());
  }

  @Test
  void theCommandsReadItsText() throws IOException {
    String source = "l: beq r1, lr, l; ld r2, [sp + 8]; mts status, r3; trap";
    String hex = Said.lines("asm", "--isa", "toy", source).getFirst();
    assertEquals("3000011e00000000" + "20021f0008000000" + "4300030006000000" + "4000000000000000", hex);
    assertEquals(
        List.of("beq r1, lr, 0x40000000", "ld r2, [sp + 8]", "mts status, r3", "trap"),
        Said.lines("disasm", "--isa", "toy", hex).stream().map(l -> l.substring(50)).toList());
    Path out = run("toy", 1);
    List<String> flow = Said.lines("decode", out);
    assertTrue(flow.stream().anyMatch(l -> l.contains("site_0 ") && l.endsWith("nop")), "site_0 is passed");
    assertTrue(Said.lines("packets", out.resolve("trace/cpu0.etm")).size() > 100);
    assertEquals(0, Said.of("export", "perfetto", out, "-o", dir.resolve("toy.json")).status());
    String shown = Files.readString(dir.resolve("toy.json"));
    assertTrue(shown.contains("\"name\":\"trap site_0\"") && shown.contains("\"ph\":\"f\""), "traps and arrows");
  }

  @Test
  void strangersAreGivenNothingTheyCannotRead() {
    Path etm = run("toy", 1);
    Path out = dir.resolve("exported");
    assertEquals(new Said(2, "", "crosspatch: " + etm + ": it is a run of toy, which nobody reads as coresight\n"),
        Said.of("export", "coresight", etm, "-o", out));
    assertEquals(2, Said.of("export", "perf", run("toy-pt", 1), "-o", out).status());
    assertFalse(Files.exists(out));
  }

  @Test
  void aSnapshotGoesOnBitForBit() throws IOException, InterruptedException {
    Path whole = run("toy", 1);
    Path snapshot = dir.resolve("snapshot");
    Path saved = dir.resolve("saved");
    Said said = Said.of("run", scenario("toy"), "-o", saved, "--save-at", 20_000, "--snapshot", snapshot);
    assertEquals(0, said.status(), said.err());
    Path restored = dir.resolve("restored");
    inAnotherProcess("run", scenario("toy"), "-o", restored, "--from", snapshot);
    for (String part : List.of("trace", "truth", "pokes.jsonl")) {
      assertEquals(content(whole, part), content(saved, part), "who saves changes nothing");
      assertEquals(content(whole, part), content(restored, part));
    }
  }

  /// Names and contents of files, but for listings of the flow.
  private static List<String> content(Path out, String part) throws IOException {
    List<String> content = new ArrayList<>();
    try (Stream<Path> files = Files.walk(out.resolve(part))) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        content.add(out.relativize(file) + " " + new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    return content;
  }

  private static void inAnotherProcess(Object... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), "dev.crosspatch.sim.cli.Main"));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), () -> command + "\n" + output);
  }
}
