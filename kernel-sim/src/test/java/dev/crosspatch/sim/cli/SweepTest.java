package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// One scenario with many seeds, and many scenarios with one.
final class SweepTest {
  private static final String TWIN =
      """
      isa: x86-64
      cpus: 4
      staleness: adversarial
      protocol: int3-batch
      batch: 1
      sites: [{count: 6, length: 5, place: line 61}]
      flips: {total: 12, interval: 2000}
      trace: {protocol: pt}
      leave-out: [sync-b]
      """;

  @TempDir Path dir = Path.of("");

  @BeforeEach
  void scenario() throws IOException {
    Files.writeString(dir.resolve("twin.yaml"), TWIN);
  }

  private Said run(String args) {
    return Said.of(dir, ("run DIR/twin.yaml " + args).split(" ", -1));
  }

  private List<String> left() throws IOException {
    try (Stream<Path> files = Files.list(dir.resolve("out"))) {
      return files.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  /// Each row is what a run with that seed alone says, and what did not end as expected can be verified.
  @Test
  void aRowForEachSeedAndTheOutputOfThoseThatFail() throws IOException {
    Said said = run("--seeds 1..6 -o DIR/out");
    assertEquals(1, said.status, said.err);
    List<String> rows = said.out.lines().toList();
    assertEquals(8, rows.size(), said.out);
    int bad = 0;
    for (int seed = 1; seed <= 6; seed++) {
      Said alone = run("--seed " + seed + " -o DIR/alone");
      String verdict = alone.line("verdict: ").replaceFirst(" .*", "");
      assertTrue(rows.get(seed).matches(" *" + seed + " " + verdict + " .*"), rows.get(seed) + alone.out);
      assertEquals(!verdict.equals("PASS"), left().contains("seed-" + seed), said.out);
      bad += verdict.equals("PASS") ? 0 : 1;
      if (verdict.equals("FAIL")) {
        Said again = Said.of(dir, "verify", "DIR/out/seed-" + seed);
        assertEquals("FAIL (expected PASS)", again.line("verdict: "));
        assertTrue(rows.get(seed).endsWith(alone.line("first failure: ").replaceFirst(":.*", "") + ", CPU "
            + alone.line("first failure: ").replaceFirst(".*?CPU (\\d+), cycle \\d+, \\S+ \\(([^)]*)\\).*", "$1, $2")
            + " (not as expected)"), rows.get(seed) + alone.out);
      }
    }
    assertTrue(bad > 0, said.out);
    assertTrue(rows.getLast().startsWith("twin: " + (6 - bad) + " of 6 runs as expected; "), said.out);
  }

  @Test
  void whatIsExpectedLeavesNothing() throws IOException {
    Files.writeString(dir.resolve("twin.yaml"), TWIN.replace("leave-out: [sync-b]\n", ""));
    Files.createDirectories(dir.resolve("out"));
    Said said = run("--seeds 3..5 -o DIR/out");
    assertEquals(0, said.status, said.out + said.err);
    assertEquals(List.of(), left());
    assertEquals("twin: 3 of 3 runs as expected; PASS 3", said.out.lines().toList().getLast());
  }

  @Test
  void theFirstThatIsNotExpectedIsTheLast() throws IOException {
    Files.writeString(dir.resolve("twin.yaml"), TWIN + "expect: {kind: bad-packet}\n");
    Said said = run("--seeds 7..9 --stop-at-first -o DIR/out");
    assertEquals(1, said.status, said.err);
    assertEquals(List.of("seed-7"), left());
    assertEquals(
        "twin: 0 of 1 runs as expected; FAIL 1; not as expected: seed 7", said.out.lines().toList().getLast());
  }

  @Test
  void severalScenariosEndWithTheirNames() throws IOException {
    Files.writeString(dir.resolve("good.yaml"), TWIN.replace("leave-out: [sync-b]\n", ""));
    Said said = Said.of(dir, "run", "DIR/good.yaml", "DIR/twin.yaml", "--set", "seed=4", "-o", "DIR/out");
    List<String> lines = said.out.lines().toList();
    assertTrue(lines.get(lines.size() - 2).matches("good +PASS +as expected"), said.out);
    assertTrue(lines.getLast().matches("twin +[A-Z]+ +NOT as expected"), said.out);
    assertFalse(Said.of(dir, "run", "DIR/good.yaml", "-o", "DIR/one").out.contains("good  "));
  }

  private static final String TINY =
      """
      isa: x86-64
      cpus: 2
      protocol: int3-batch
      sites: [{count: 3}]
      flips: {total: 3, interval: 100}
      trace: {protocol: pt}
      """;

  private void tiny(String more) throws IOException {
    Files.writeString(dir.resolve("twin.yaml"), TINY + more);
  }

  /// What differs when the same is run again: the time, and where its output is.
  private String results(String file) throws IOException {
    return Files.readString(dir.resolve(file)).replaceAll("(\"seconds\" : |time=\")[0-9.E-]+", "$1")
        .replaceAll("/(one|four)/", "/");
  }

  /// Whatever is shared by runs of a process, none of them sees of another: all files of all runs, the tables and the
  /// results are the same, one at a time and four at a time, of both instruction sets and different machines.
  @Test
  void whatIsRunAtATimeMakesNoDifference() throws IOException {
    Files.writeString(dir.resolve("arm.yaml"),
        TINY.replace("x86-64", "aarch64").replace("int3-batch", "brk").replace("pt}", "ete}") + "expect: fail\n");
    tiny("expect: fail\n");
    String what = "run DIR/twin.yaml DIR/arm.yaml --set cpus=1,3 --set staleness=typical,adversarial --seeds 1..2 ";
    Said one = Said.of(dir, (what + "--jobs 1 -o DIR/one --json DIR/1.json --junit DIR/1.xml").split(" "));
    Said four = Said.of(dir, (what + "--jobs 4 -o DIR/four --json DIR/4.json --junit DIR/4.xml").split(" "));
    assertEquals("1 ", one.status + " " + one.err);
    assertEquals(one.out, four.out);
    assertEquals(results("1.json"), results("4.json"));
    assertEquals(results("1.xml"), results("4.xml"));
    List<Path> files;
    try (Stream<Path> all = Files.walk(dir.resolve("one"))) {
      files = all.filter(Files::isRegularFile).map(dir.resolve("one")::relativize).toList();
    }
    assertEquals(16, files.stream().filter(f -> f.endsWith("summary.json")).count());
    for (Path file : files) {
      if (!file.endsWith("summary.json") && !file.endsWith("report.html")) { // host seconds, and the command
        assertEquals(-1, Files.mismatch(dir.resolve("one").resolve(file), dir.resolve("four").resolve(file)),
            file::toString);
      }
    }
  }

  @Test
  void valuesAreColumnsAndEndWithASum() throws IOException {
    tiny("expect: {verdict: pass, windows: []}\n");
    Said said = run("--set cpus=1,2 --set batch=1,2 --seeds 4..5 -o DIR/out");
    assertEquals("0 ", said.status + " " + said.err);
    List<String> lines = said.out.lines().toList();
    assertTrue(lines.getFirst().startsWith("cpus batch     seed verdict "), said.out);
    assertTrue(lines.get(8).matches(" *2 +2 +5 PASS .*"), said.out);
    assertEquals("twin: 8 of 8 runs as expected; PASS 8", lines.get(9));
    assertTrue(lines.get(11).startsWith("scenario cpus batch     runs as expected "), said.out);
    assertEquals(16, lines.size());
    for (int i = 12; i < 16; i++) {
      assertTrue(lines.get(i).matches("twin +[12] +[12] +2 +2 +2 +0 +0 +0 +[\\d,]+ +[\\d,]+"), lines.get(i));
    }
    assertFalse(Files.exists(dir.resolve("out")), "nothing is left");
  }

  /// The rows that README shows are those that come out.
  @Test
  void theSweepOfReadme() throws IOException {
    Path root = Path.of("..");
    List<String> shown = Files.readAllLines(root.resolve("README.md")).stream().map(String::strip)
        .filter(line -> line.matches("[12] +\\[[a-z-]*] +1 (PASS|FAIL) .*")).toList();
    assertEquals(2, shown.size(), shown.toString());
    Said said = Said.of(dir, "run", root.resolve("scenarios/x86-straddling.yaml").toString(), "--set", "cpus=1,2",
        "--set", "leave-out=[],[sync-b]", "--seeds", "1..1", "-o", "DIR/out");
    List<String> rows = said.out.lines().map(String::strip).toList();
    assertTrue(rows.containsAll(shown), said.out);
  }

  @Test
  void onlyWhatDiffersNamesADirectory() throws IOException {
    tiny("expect: {kind: bad-packet}\n");
    assertEquals(1, run("--set batch=2 --set leave-out=[],[sync-a] --seed 3 -o DIR/out").status);
    assertEquals(2, left().size());
    assertTrue(left().stream().allMatch(name -> name.matches("leave-out=_[_a-z~0-9-]*,seed-3")), left().toString());
    String repeat = Files.readString(dir.resolve("out").resolve(left().getLast()).resolve("summary.json"));
    assertTrue(repeat.contains("--set batch=2 --set 'leave-out=["), repeat);
  }

  /// A kernel that has no room is known only when it is built.
  @Test
  void whatCannotBeRunIsARowAndDoesNotStopTheOthers() throws IOException {
    tiny("expect: {verdict: pass, windows: []}\n");
    Said said = Said.of(dir, "run", "DIR/twin.yaml", "--set",
        "sites=[{count: 3}],[{count: 4096, place: page 0}],[{count: 2}]", "-o", "DIR/out", "--junit", "DIR/r.xml",
        "--csv", "DIR/r.csv");
    assertEquals(2, said.status, said.out);
    assertEquals(1, said.err.lines().count(), said.err);
    assertTrue(said.err.startsWith("crosspatch: --set: sites: no kernel can be built with them: section .text ends"),
        said.err);
    List<String> lines = said.out.lines().toList();
    assertTrue(lines.get(2).contains(" ERROR  ") && lines.get(2).contains("no kernel can be built"), said.out);
    assertTrue(lines.get(3).contains(" PASS  "), said.out);
    assertEquals("twin: 2 of 3 runs as expected; PASS 2, ERROR 1; not as expected: sites=[{count: 4096, place: page 0}]"
        + " seed 1", lines.getLast());
    assertTrue(Files.readString(dir.resolve("r.xml")).contains("tests=\"3\" failures=\"0\" errors=\"1\""));
    assertEquals(List.of("verdict", "pass", "error", "pass"), Files.readAllLines(dir.resolve("r.csv")).stream()
        .map(line -> line.replaceAll("\"[^\"]*\"", "").split(",", -1)[3]).toList());
  }

  /// The same first, and the same outputs, whatever is run at a time.
  @ParameterizedTest
  @CsvSource({"1", "4"})
  void nothingIsLeftOfWhatComesBehindTheLast(int jobs) throws IOException {
    tiny("expect: {verdict: pass, windows: []}\n");
    Files.writeString(dir.resolve("other.yaml"), TINY + "expect: fail\n");
    Said said = Said.of(dir, ("run DIR/twin.yaml DIR/other.yaml --seeds 1..3 --stop-at-first -o DIR/out "
        + "--json DIR/j --jobs " + jobs).split(" "));
    assertEquals("1 ", said.status + " " + said.err);
    assertEquals(List.of("other"), left());
    try (Stream<Path> other = Files.list(dir.resolve("out/other"))) {
      assertEquals(List.of("seed-1"), other.map(p -> p.getFileName().toString()).toList());
    }
    assertTrue(said.out.contains("twin: 3 of 3 runs as expected; PASS 3\n"), said.out);
    assertTrue(said.out.contains("other: 0 of 1 runs as expected; PASS 1\n"), said.out);
    assertTrue(Files.readString(dir.resolve("j")).contains("\"runs\" : 4,"));
  }

  /// What is whole stays, of the rest there is nothing, and nothing wrong is said.
  @Test
  void aSweepThatIsEndedLeavesNothingHalfWritten() throws IOException, InterruptedException {
    tiny("expect: fail\n");
    Path out = dir.resolve("out");
    Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
        System.getProperty("java.class.path"), "dev.crosspatch.sim.cli.Main", "run",
        dir.resolve("twin.yaml").toString(), "--seeds", "1..1000000", "--jobs", "2", "-o", out.toString(), "--json",
        dir.resolve("r.json").toString()).redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(dir.resolve("err").toFile()).start();
    while (!Files.exists(out.resolve("seed-2")) && process.isAlive()) {
      Thread.sleep(20);
    }
    process.destroy();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(List.of(), Files.readAllLines(dir.resolve("err")).stream().filter(l -> !l.startsWith("SLF4J"))
        .toList());
    assertTrue(left().contains("seed-2"), left().toString());
    assertEquals(List.of(), left().stream().filter(name -> !name.matches("seed-\\d+")).toList());
    assertFalse(Files.exists(dir.resolve("r.json")));
    assertEquals(0, Said.of(dir, "verify", "DIR/out/seed-2").err.length());
  }

  @Test
  void oneOfTheResultsIsAllOfStandardOutput() throws IOException {
    tiny("");
    Said said = run("--set cpus=1,2 -o DIR/out --csv - --plot DIR/p.svg --json DIR/r.json");
    assertEquals(3, said.out.lines().count(), said.out);
    assertTrue(said.out.startsWith("scenario,set.cpus,seed,verdict,"), said.out);
    assertTrue(Files.readString(dir.resolve("p.svg")).contains(">Flip latency over cpus"));
    assertEquals(0, run("--set cpus=1,2 -o DIR/out --plot DIR/p.svg --json DIR/r.json").status, "its own kind");
  }

  /// Of one run alone, too, whose output is as ever.
  @Test
  void resultsOfOneRun() throws IOException {
    tiny("");
    Said said = run("-o DIR/out --csv DIR/r.csv --jobs 3");
    assertTrue(said.line("verdict: ").endsWith("output in DIR/out"), said.out);
    assertEquals(2, Files.readAllLines(dir.resolve("r.csv")).size());
    assertTrue(Files.readString(dir.resolve("r.csv")).contains("," + dir.resolve("out") + ",crosspatch run "));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "--json DIR/none/r | DIR/none/r: cannot be written: there is no directory DIR/none",
      "--json DIR/twin.yaml | --json: DIR/twin.yaml is a scenario, which would be lost",
      "--csv DIR/notes | --csv: DIR/notes is there and is no CSV of runs; choose another name or remove it",
      "--junit DIR/r --csv DIR/r | --junit: DIR/r is the file of --csv, too",
      "--json - --csv - | --json, --csv, --junit, --plot: only one of them can be standard output",
      "--json DIR/out/r | --json: DIR/out/r is in the output directory DIR/out, which holds nothing but",
      "--plot DIR/p | --plot: draws over the values of a key, and there is no --set KEY=VALUE,VALUE",
      "--set cpus=1,2 --json DIR | DIR: cannot be written: it is a directory",
      "--jobs 0 | --jobs: 0 is not within 1..1024",
      "--set cpus= | --set: cpus: no value",
      "--set cpus=1,,2 | cpus=1,,2: a value is missing; a list is KEY=VALUE,VALUE",
      "--set cpus=2,1 --set patching-cpu=1 | --set: patching-cpu: 1 is not within 0..0 (with cpus=1)",
      "--set cpus=2,1 --shrink DIR/s | --shrink: takes one scenario with one value for each key",
      "--set cpus=2,1 --force 1=1 | --save-at, --from, --choices and --force are for one run at a time"
  })
  void nothingRunsBeforeAllIsRight(String args, String says) throws IOException {
    Files.writeString(dir.resolve("notes"), "scenario,mine");
    Said said = run("-o DIR/out " + args);
    assertEquals(2, said.status, said.out);
    assertTrue(said.err.contains(says), said.err);
    assertEquals(1, said.err.lines().count(), said.err);
    assertEquals("", said.out);
    assertFalse(Files.exists(dir.resolve("out")));
    assertEquals("scenario,mine", Files.readString(dir.resolve("notes")));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "--seeds 5..1 | '5..1' is no range of seeds: A..B, with 0 <= A <= B",
      "--seeds 5 | '5' is no range of seeds: A..B",
      "--seeds 1..2..3 | '2..3' is not a whole number",
      "--seeds 1..2 --seed 3 | --seed, --seeds: one of them is enough",
      "--stop-at-first | --stop-at-first: ends a number of runs, and this is one",
      "--seeds 1..2 --choices DIR/c | --save-at, --from, --choices and --force are for one run at a time"
  })
  void whatMakesNoSenseIsALine(String args, String says) {
    Said said = run(args);
    assertEquals(2, said.status, said.out);
    assertTrue(said.err.contains(says), said.err);
    assertEquals(1, said.err.lines().count(), said.err);
  }
}
