package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `--save-at`, `--from`, `--choices` and `--force` together: what fits goes on with the same bytes, what does not fit
/// is refused in one line.
final class SnapshotCommandTest {
  private static final String SCENARIO =
      """
      isa: x86-64
      cpus: 2
      staleness: adversarial
      protocol: int3-batch
      sites: [{count: 3, length: 5}]
      flips: {total: 6, interval: 100}
      trace: {protocol: pt, psb_period: 2048}
      """;

  @TempDir static Path dir = Path.of("");
  /// Every decision of the whole run.
  private static List<String> decisions = List.of();
  /// A decision of which option was forced before the snapshot, and one after it.
  private static String early = "";
  private static String late = "";

  private static Said run(String args) {
    return Said.of(dir, ("run DIR/s.yaml -o DIR/out " + args).split(" "));
  }

  private static void good(String args) {
    Said said = run(args);
    assertTrue(said.status < 2, args + "\n" + said.err);
  }

  private static void assertRefused(String message, String args) {
    Said said = run(args);
    assertEquals("crosspatch: " + message + "\n", said.err);
    assertEquals(2, said.status);
  }

  private static List<String> lines(String file) throws IOException {
    return Files.readAllLines(dir.resolve(file));
  }

  @BeforeAll
  static void keep() throws IOException {
    Files.writeString(dir.resolve("s.yaml"), SCENARIO);
    good("--choices DIR/whole.jsonl --save-at 100000 --snapshot DIR/recorded.snap");
    decisions = lines("whole.jsonl");
    good("--save-at 100000 --snapshot DIR/plain.snap");
    early = first(0, "\"options\":3");
    good("--force " + early + " --save-at 100000 --snapshot DIR/forced.snap");
    good("--from DIR/recorded.snap --choices DIR/rest.jsonl");
    late = first(decisions.size() - lines("rest.jsonl").size(), "\"options\":3");
  }

  /// The first such decision from `from` on, and another option than was taken: `NUMBER=OPTION`.
  private static String first(int from, String what) {
    for (int n = from; n < decisions.size(); n++) {
      if (decisions.get(n).contains(what)) {
        return n + "=" + (decisions.get(n).endsWith(":1}") ? 2 : 1);
      }
    }
    throw new AssertionError("no decision with " + what + " from " + from + " on");
  }

  /// The summary, which has the sums of all files, but for the host's time and what depends on it.
  private static List<String> output() throws IOException {
    String summary = String.join("\n", lines("out/summary.json"));
    return summary.replaceAll("\"report.html\" : \\{[^}]*}", "").lines()
        .filter(l -> !l.startsWith("  \"host_seconds\"") && !l.startsWith("  \"sha256\"")).toList();
  }

  @Test
  void aRecordThatGoesOnHasItsTrueNumbers() throws IOException {
    for (int cycle : new int[] {1, 90_011}) {
      good("--choices DIR/w.jsonl --save-at " + cycle + " --snapshot DIR/a.snap");
      List<String> whole = output();
      assertEquals(decisions, lines("w.jsonl"), "who saves changes nothing");
      good("--choices DIR/r.jsonl --from DIR/a.snap");
      List<String> rest = lines("r.jsonl");
      assertEquals(decisions.subList(decisions.size() - rest.size(), decisions.size()), rest);
      assertTrue(cycle == 1 || rest.size() < decisions.size(), "decisions before the snapshot are not told again");
      assertEquals(whole, output());
    }
  }

  @Test
  void aRunWithForcedDecisionsGoesOnWithThem() throws IOException {
    good("--force " + early + " --choices DIR/w.jsonl");
    List<String> whole = output();
    assertNotEquals(decisions, lines("w.jsonl"));
    good("--force " + early + " --choices DIR/r.jsonl --from DIR/forced.snap");
    assertEquals(whole, output());
    assertEquals(lines("w.jsonl").getLast(), lines("r.jsonl").getLast());
  }

  @Test
  void whatComesLaterMayBeForced() throws IOException {
    good("--force " + late + " --choices DIR/w.jsonl");
    List<String> whole = output();
    good("--force " + late + " --from DIR/recorded.snap --choices DIR/r.jsonl");
    assertEquals(whole, output());
    assertEquals(lines("w.jsonl").getLast(), lines("r.jsonl").getLast());
    assertNotEquals(lines("rest.jsonl"), lines("r.jsonl"));
  }

  @Test
  void whatWasToBeForcedLaterNeedNotBe() throws IOException {
    good("--force " + late + " --save-at 100000 --snapshot DIR/later.snap");
    good("--from DIR/later.snap --choices DIR/r.jsonl");
    assertEquals(lines("rest.jsonl"), lines("r.jsonl"));
  }

  @Test
  void decisionsBeforeTheSnapshotMustBeTheSame() {
    String number = early.substring(0, early.indexOf('='));
    String unusable = "DIR/forced.snap: this snapshot cannot be used: ";
    String forced = unusable + "decision " + number + " was forced before it was kept; go on with --force " + early;
    assertRefused(forced, "--from DIR/forced.snap --choices DIR/r.jsonl");
    assertRefused(forced, "--from DIR/forced.snap --force " + number + "=0");
    Said said = run("--from DIR/recorded.snap --force " + number + "=77");
    assertTrue(said.err.contains("recorded.snap: this snapshot cannot be used: --force " + number
        + ": that decision was made before it was kept, and not forced"), said.err);
    long other = Long.parseLong(number) + 1;
    Said more = run("--from DIR/forced.snap --force " + early + " --force " + other + "=0");
    assertTrue(more.err.contains("forced.snap: this snapshot cannot be used: --force " + other
        + ": that decision was made before it was kept, and not forced"), more.err);
    assertEquals(2, said.status);
    assertRefused(unusable + "it was kept with --choices or --force; go on with one of them, too",
        "--from DIR/forced.snap");
    assertRefused("DIR/plain.snap: this snapshot cannot be used: it was kept without --choices and --force, so its "
        + "decisions have no numbers; keep it again with one of them, or go on without",
        "--from DIR/plain.snap --choices DIR/r.jsonl");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "psb_period: 2048 | psb_period: 4096       | trace.setup.psbPeriod is 2048 there and 4096 here",
      "psb_period: 2048 | psb_period: 2048, timeless: 1 | trace.setup.config.",
      "total: 6         | total: 7               | guest.flips.total is 6 there and 7 here",
      "isa: x86-64      | 'limits: {slack: 1}'   | limits.slack is 0 there and 1 here",
      "isa: x86-64      | 'limits: {ahead: 0}'   | limits.ahead is 8 there and 0 here",
      "isa: x86-64      | 'limits: {cycles: 99999}'  | limits.cycles is ",
      "isa: x86-64      | 'limits: {retired: 999999}' | limits.retired is ",
      "isa: x86-64      | seed: 77               | machine.seed is 1 there and 77 here",
      "isa: x86-64      | expect: fail           | expect.verdict is PASS there and FAIL here"
  })
  void aSnapshotFitsItsScenarioOnly(String old, String changed, String difference) throws IOException {
    Files.createDirectories(dir.resolve("other"));
    String text = SCENARIO.replace(old, old.startsWith("isa") ? old + "\n" + changed : changed);
    assertNotEquals(SCENARIO, text);
    Files.writeString(dir.resolve("other/s.yaml"), text);
    Said said = Said.of(dir, "run", "DIR/other/s.yaml", "-o", "DIR/out", "--from", "DIR/plain.snap");
    assertTrue(said.err.startsWith("crosspatch: DIR/plain.snap: a snapshot of another run: " + difference), said.err);
    assertEquals(1, said.err.lines().count(), said.err);
    assertEquals(2, said.status);
  }

  /// Every byte counts: one that is flipped, anywhere, is seen before anything is used.
  @Test
  void aDamagedSnapshotIsRefused() throws IOException {
    byte[] good = Files.readAllBytes(dir.resolve("plain.snap"));
    int pokes = new String(good, StandardCharsets.ISO_8859_1).indexOf("\"new\":\"") + 7;
    assertTrue(pokes > 7, "the poke log is in it");
    for (int at : new int[] {12, pokes, good.length / 2, good.length - 33, good.length - 1}) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      Files.write(dir.resolve("bad.snap"), bad);
      assertRefused("DIR/bad.snap: this snapshot cannot be used: it is damaged or cut off", "--from DIR/bad.snap");
    }
    for (int length : new int[] {8, 30, 60, good.length - 1}) {
      Files.write(dir.resolve("bad.snap"), Arrays.copyOf(good, length));
      assertRefused("DIR/bad.snap: this snapshot cannot be used: it is damaged or cut off", "--from DIR/bad.snap");
    }
    byte[] older = good.clone();
    older[7] = '1';
    Files.write(dir.resolve("bad.snap"), older);
    assertRefused("DIR/bad.snap: this snapshot cannot be used: another version made it", "--from DIR/bad.snap");
  }

  /// The sum is right, but what it sums is not what a run writes.
  @Test
  void wrongContentIsOneLine() throws IOException, NoSuchAlgorithmException {
    byte[] good = Files.readAllBytes(dir.resolve("plain.snap"));
    int subject = ByteBuffer.wrap(good).getInt(8);
    int cycle = 12 + subject;
    int logs = cycle + 8 + 8 + 4;
    int length = logs + 4 + 2 + ByteBuffer.wrap(good).getShort(logs + 4);
    for (int at : new int[] {8, cycle, logs, length, length + 4, good.length - 40}) {
      // Of a cycle, only the sign is known to be wrong.
      for (int word : at == cycle ? new int[] {0x8000_0000} : new int[] {0x8000_0000, 0x7fff_ffff}) {
        byte[] bad = good.clone();
        ByteBuffer.wrap(bad).putInt(at, word);
        byte[] sum = MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(bad, bad.length - 32));
        System.arraycopy(sum, 0, bad, bad.length - 32, 32);
        Files.write(dir.resolve("bad.snap"), bad);
        Said said = run("--from DIR/bad.snap");
        assertTrue(said.err.startsWith("crosspatch: DIR/bad.snap: "), at + ": " + said.err);
        assertEquals(1, said.err.lines().count(), said.err);
        assertEquals(2, said.status, said.err);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "--save-at 9 --snapshot DIR/s.yaml | --snapshot: DIR/s.yaml is the scenario, which would be lost",
      "--choices DIR/../NAME/s.yaml | --choices: DIR/../NAME/s.yaml is the scenario, which would be lost",
      "--choices DIR/link | --choices: DIR/link is the scenario, which would be lost",
      "--choices DIR/precious | --choices: DIR/precious is there and is no record of decisions; choose another name or "
          + "remove it",
      "--choices DIR/plain.snap | --choices: DIR/plain.snap is there and is no record of decisions; choose another "
          + "name or remove it",
      "--save-at 9 --snapshot DIR/rest.jsonl | --snapshot: DIR/rest.jsonl is there and is no snapshot of a run; choose "
          + "another name or remove it",
      "--from DIR/plain.snap --save-at 120000 --snapshot DIR/plain.snap | --snapshot: DIR/plain.snap is the snapshot "
          + "of --from, which would be lost",
      "--save-at 9 --snapshot DIR/new --choices DIR/./new | --choices: DIR/./new is the file of --snapshot, too",
      "--choices DIR/out/new | --choices: DIR/out/new is in the output directory DIR/out, which holds nothing but what "
          + "every run leaves",
      "--save-at 9 --snapshot DIR/none/x | DIR/none/x: cannot be written: there is no directory DIR/none",
      "--save-at 9 --snapshot DIR | DIR: cannot be written: it is a directory",
      "--from DIR | DIR: cannot be read: it is a directory",
      "--from DIR/plain.snap --save-at 100 --snapshot DIR/new | no snapshot can be kept at cycle 100: the run begins "
          + "at cycle 100000, with DIR/plain.snap",
      "--force -1=0 | Invalid value for option '--force' (NUMBER=OPTION): '-1=0' is not the number of a decision, '=' "
          + "and the number of an option, both from 0 on; see 'crosspatch run --help'",
      "--force 3=-1 | Invalid value for option '--force' (NUMBER=OPTION): '3=-1' is not the number of a decision, '=' "
          + "and the number of an option, both from 0 on; see 'crosspatch run --help'",
      "--force 3=1 --force 3=1 | --force: decision 3 is given twice",
      "--force 0=9 | --force: decision 0 (turn of CPU 0) has options 0..1, not 9"
  })
  void whatWouldBeLostOrCannotBeIsRefused(String args, String message) throws IOException {
    Files.createDirectories(dir.resolve("out"));
    Files.writeString(dir.resolve("precious"), "my only copy");
    if (!Files.exists(dir.resolve("link"))) {
      Files.createSymbolicLink(dir.resolve("link"), dir.resolve("s.yaml"));
    }
    byte[] snapshot = Files.readAllBytes(dir.resolve("plain.snap"));
    String name = dir.getFileName().toString();
    assertRefused(message.replace("NAME", name), args.replace("NAME", name));
    assertEquals(SCENARIO, Files.readString(dir.resolve("s.yaml")));
    assertEquals("my only copy", Files.readString(dir.resolve("precious")));
    assertArrayEquals(snapshot, Files.readAllBytes(dir.resolve("plain.snap")));
    assertFalse(Files.exists(dir.resolve("new")));
  }

  /// A file that grows where nothing more fits is named and leaves nothing.
  @Test
  void aFullDiskIsNamed() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "no /dev/full");
    Path grows = dir.resolve(".d.jsonl.partial-" + ProcessHandle.current().pid());
    Files.createSymbolicLink(grows, full);
    assertRefused("DIR/d.jsonl: cannot be written: No space left on device", "--choices DIR/d.jsonl");
    assertFalse(Files.exists(grows, LinkOption.NOFOLLOW_LINKS));
  }
}
