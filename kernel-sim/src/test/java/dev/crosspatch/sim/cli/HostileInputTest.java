package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Inputs without end, of no text, or no files at all, and outputs that take nothing: one line, status 2, soon.
final class HostileInputTest {
  private static final String GOOD =
      """
      isa: x86-64
      cpus: 1
      protocol: int3-batch
      sites: [{count: 3}]
      flips: {total: 3, interval: 100}
      trace: {protocol: pt}
      """;

  @TempDir static Path dir = Path.of("");

  /// What a call said.
  private record Said(int status, String out, String err) {}

  /// Calls with a standard output of one's own.
  private static Said say(OutputStream to, String... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream heard = new ByteArrayOutputStream();
    System.setOut(StandardOutput.on(to));
    System.setErr(new PrintStream(heard, true, StandardCharsets.UTF_8));
    try {
      int status = Main.execute(Arrays.stream(args).map(a -> a.replace("DIR", dir.toString())).toArray(String[]::new));
      return new Said(status, to.toString(), heard.toString(StandardCharsets.UTF_8).replace(dir.toString(), "DIR"));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private static Said soon(Supplier<Said> call) {
    return assertTimeoutPreemptively(Duration.ofSeconds(60), call::get);
  }

  private static void assertOneLine(Said said, String message) {
    assertEquals(2, said.status, said.err);
    assertEquals(1, said.err.lines().count(), said.err);
    assertTrue(said.err.startsWith("crosspatch: " + message), said.err);
    assertTrue(said.err.length() < 1500, "longer than a screen");
  }

  @BeforeAll
  static void makesFiles() throws IOException, InterruptedException {
    Files.writeString(dir.resolve("good.yaml"), GOOD);
    Said said = say(new ByteArrayOutputStream(), "run", "DIR/good.yaml", "-o", "DIR/good");
    assertEquals(0, said.status, said.err);
    assertEquals(0, new ProcessBuilder("mkfifo", dir.resolve("pipe").toString()).start().waitFor());
    Files.write(dir.resolve("binary"), new byte[] {'a', ':', '\n', (byte) 0xc3, (byte) 0x28, 0, (byte) 0xff});
    Files.createDirectory(dir.resolve("directory"));
    try (RandomAccessFile sparse = new RandomAccessFile(dir.resolve("huge").toFile(), "rw")) {
      sparse.setLength(5L << 30);
    }
    Files.createSymbolicLink(dir.resolve("zero"), Path.of("/dev/zero"));
    Files.createSymbolicLink(dir.resolve("loop"), Path.of("loop"));
    Files.createSymbolicLink(dir.resolve("dangling"), Path.of("none"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "/dev/zero     | it is a pipe or a device, not a file",
      "DIR/zero      | it is a pipe or a device, not a file",
      "DIR/pipe      | it is a pipe or a device, not a file",
      "DIR/directory | it is a directory",
      "DIR/loop      | Too many levels of symbolic links",
      "DIR/huge      | it has more than",
      "DIR/none      | it is not there",
      "DIR/dangling  | it is a link to what is not there",
      "DIR/good.yaml/x | it is not there"
  })
  void whatIsNoFileIsRefusedByEveryCommand(String file, String why) {
    String message = file + ": cannot be read: " + why;
    assertOneLine(soon(() -> say(new ByteArrayOutputStream(), "run", file, "-o", "DIR/x")), message);
    assertOneLine(soon(() -> say(new ByteArrayOutputStream(), "packets", "--protocol", "pt", file)), message);
    assertOneLine(soon(() -> say(new ByteArrayOutputStream(), "packets", "--protocol", "ete", file)), message);
    assertOneLine(soon(() -> say(new ByteArrayOutputStream(), "asm", "--isa", "aarch64", file, "-o", "DIR/x")),
        message);
  }

  /// What a scenario names, as if it were named itself.
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "pipe      | it is a pipe or a device, not a file",
      "directory | it is a directory",
      "dangling  | it is a link to what is not there"
  })
  void whatAScenarioNamesIsNoFileEither(String file, String why) throws IOException {
    Files.writeString(dir.resolve("stands.yaml"), "base: " + file + "\n");
    assertOneLine(soon(() -> say(new ByteArrayOutputStream(), "run", "DIR/stands.yaml", "-o", "DIR/x")),
        "DIR/stands.yaml:1: base: DIR/" + file + ": cannot be read: " + why);
    Path mine = Files.createDirectory(dir.resolve("with-" + file));
    Path manifest = Files.createSymbolicLink(mine.resolve("manifest.yaml"), dir.resolve(file));
    Files.writeString(dir.resolve("mine.yaml"), "isa: x86-64\nmechanism: ./with-" + file + "\n");
    String cannot = "DIR/mine.yaml:2: mechanism: DIR/with-" + file
        + "/manifest.yaml: cannot be read: " + why;
    assertOneLine(soon(() -> say(new ByteArrayOutputStream(), "run", "DIR/mine.yaml", "-o", "DIR/x")), cannot);
    Files.delete(manifest);
    Files.writeString(manifest, "name: mine\nisas:\n  x86-64:\n    sources: [a.s]\n    sites: {lengths: [5]}\n");
    Files.createSymbolicLink(mine.resolve("a.s"), dir.resolve(file));
    assertOneLine(soon(() -> say(new ByteArrayOutputStream(), "run", "DIR/mine.yaml", "-o", "DIR/x")),
        "DIR/with-" + file + "/manifest.yaml:4: isas.x86-64.sources: DIR/with-" + file + "/a.s: cannot be read: "
            + why);
  }

  @Test
  void whatIsNoTextIsRefusedWithItsLine() {
    assertOneLine(say(new ByteArrayOutputStream(), "run", "DIR/binary", "-o", "DIR/x"),
        "DIR/binary:2: not text in UTF-8");
    assertOneLine(say(new ByteArrayOutputStream(), "asm", "--isa", "x86-64", "DIR/binary", "-o", "DIR/x"),
        "DIR/binary:2: not text in UTF-8");
  }

  /// Each of a run's files in turn is something else.
  @ParameterizedTest
  @ValueSource(strings = {"summary.json", "pokes.jsonl", "image/vmlinux", "trace/cpu0.pt", "truth/cpu0.log",
      "truth/stale.jsonl", "truth/stores.log", "truth/text.log"})
  void aFileOfARunThatIsNone(String name) throws IOException {
    Path file = dir.resolve("good").resolve(name);
    byte[] whole = Files.readAllBytes(file);
    boolean streamed = name.startsWith("truth/") || name.startsWith("trace/");
    for (String other : new String[] {"/dev/zero", "pipe", "directory", streamed ? "binary" : "huge", "binary"}) {
      Files.delete(file);
      Files.createSymbolicLink(file, dir.resolve(other));
      for (String[] command : new String[][] {{"verify", "DIR/good"}, {"decode", "DIR/good"},
          {"export", "perf", "DIR/good", "-o", "DIR/x"}}) {
        Said said = soon(() -> say(OutputStream.nullOutputStream(), command));
        boolean unused =
            (name.startsWith("truth/") && !command[0].equals("verify"))
                || (name.startsWith("trace/") && other.equals("binary"));
        if (!unused) {
          assertOneLine(said, "DIR/good");
        }
        assertTrue(said.status >= 0 && said.status <= 2, said.err);
        deleteExport();
      }
    }
    Files.delete(file);
    Files.write(file, whole);
  }

  private static void deleteExport() throws IOException {
    try (var walk = Files.exists(dir.resolve("x")) ? Files.walk(dir.resolve("x")) : Stream.<Path>of()) {
      walk.sorted(java.util.Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
    }
  }

  private static final String EVERY_COMMAND =
      "--help; --version; help run; run --help; generate-completion; scenarios DIR; run DIR/good.yaml -o DIR/y; run "
          + "DIR/good.yaml --no-truth -o DIR/y; verify DIR/good;"
          + " decode DIR/good; decode --plain DIR/good; packets DIR/good/trace/cpu0.pt; export perf DIR/good -o DIR/x; "
              + "asm --isa x86-64 nop; asm --isa x86-64 DIR/a.s -o -;"
          + " disasm --isa x86-64 90";

  static Stream<String> everyCommand() {
    return Stream.of(EVERY_COMMAND.split("; ?"));
  }

  @ParameterizedTest
  @MethodSource("everyCommand")
  void aFullDeviceIsOneLine(String args) throws IOException {
    Files.writeString(dir.resolve("a.s"), ".text\nnop\n");
    try (OutputStream full = new FileOutputStream("/dev/full")) {
      assertOneLine(say(full, args.split(" ")), "standard output cannot be written: No space left on device");
    }
    deleteExport();
  }

  private static OutputStream closed() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException("Broken pipe");
      }
    };
  }

  /// As with `| head -1`, also where each line is one more that nobody reads.
  @ParameterizedTest
  @MethodSource("everyCommand")
  void aClosedPipeIsQuiet(String args) throws IOException {
    Files.writeString(dir.resolve("a.s"), ".text\nnop\n");
    Said said = say(closed(), args.split(" "));
    assertEquals("", said.err);
    assertEquals(0, said.status);
    deleteExport();
  }

  /// A verdict, or a problem found until then, is told by the status all the same.
  @Test
  void aVerdictStaysWhereNobodyReads() throws IOException {
    Files.writeString(dir.resolve("bad.yaml"), GOOD + "leave-out: [report]\n");
    for (String args : new String[] {"run DIR/bad.yaml -o DIR/z", "verify DIR/z"}) {
      Said said = say(closed(), args.split(" "));
      assertEquals("", said.err);
      assertEquals(1, said.status);
    }
    Files.delete(dir.resolve("bad.yaml"));
  }

  /// The process as a whole: what is in its buffers when it ends counts, too.
  @Test
  void theProcessTells() throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    ProcessBuilder builder = new ProcessBuilder(java, "-XX:TieredStopAtLevel=1", "-cp",
        System.getProperty("java.class.path"), Main.class.getName(), "--version");
    Process process = builder.redirectOutput(Path.of("/dev/full").toFile()).start();
    assertEquals("crosspatch: standard output cannot be written: No space left on device\n",
        new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
    assertEquals(2, process.waitFor());
  }

  /// A pipe can be read but once, and each combination needs the scenario.
  @Test
  void aSweepOfAScenarioFromAPipe() throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process = new ProcessBuilder(java, "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
        Main.class.getName(), "run", "/dev/stdin", "--set", "cpus=2,65").start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(Files.readAllBytes(Path.of("../scenarios/x86-jump-label.yaml")));
    }
    assertEquals("crosspatch: --set: cpus: 65 is not within 1..64 (with cpus=65)\n",
        new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
    assertEquals(2, process.waitFor());
  }

  /// `| head -1` itself: what is listed is long, and its listing ends soon.
  @ParameterizedTest
  @ValueSource(strings = {"decode", "packets"})
  void aListingEndsWithItsReader(String command) throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Path input = command.equals("decode")
        ? dir.resolve("good") : Files.write(dir.resolve("long.pt"), new byte[20 << 20]);
    Process process = new ProcessBuilder(java, "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
        Main.class.getName(), command, input.toString()).start();
    assertTrue(process.getInputStream().read() >= 0);
    process.getInputStream().close();
    assertEquals("", new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
    assertEquals(0, process.waitFor());
  }

  @Test
  void anAssembledFileIsThereWholeOrNotAtAll() throws IOException {
    Files.writeString(dir.resolve("a.s"), ".text\nnop\n");
    assertOneLine(say(new ByteArrayOutputStream(), "asm", "--isa", "x86-64", "DIR/a.s", "-o", "/dev/full"),
        "/dev/full: cannot be written: No space left on device");
    assertOneLine(say(new ByteArrayOutputStream(), "asm", "--isa", "x86-64", "DIR/a.s", "-o", "DIR/directory"),
        "DIR/directory: cannot be written: ");
    assertOneLine(say(new ByteArrayOutputStream(), "asm", "--isa", "x86-64", "DIR/a.s", "-o", "DIR/none/x"),
        "DIR/none/x: cannot be written: ");
    assertEquals(0, say(new ByteArrayOutputStream(), "asm", "--isa", "x86-64", "DIR/a.s", "-o", "DIR/a.elf").status);
    assertTrue(Files.size(dir.resolve("a.elf")) > 100);
  }

  @Test
  void anAssembledFileGoesWhereALinkPoints() throws IOException {
    Files.writeString(dir.resolve("l.s"), ".text\nnop\n");
    Path link = Files.createSymbolicLink(dir.resolve("link.elf"), Path.of("linked.elf"));
    assertOneLine(say(new ByteArrayOutputStream(), "asm", "--isa", "x86-64", "DIR/l.s", "-o", "DIR/link.elf"),
        "DIR/link.elf: a symbolic link to linked.elf, which is not there; make that file or remove the link");
    assertTrue(Files.isSymbolicLink(link));
    Files.createFile(dir.resolve("linked.elf"));
    assertEquals(0, say(new ByteArrayOutputStream(), "asm", "--isa", "x86-64", "DIR/l.s", "-o", "DIR/link.elf").status);
    assertTrue(Files.isSymbolicLink(link));
    assertTrue(Files.size(dir.resolve("linked.elf")) > 100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "[", "-", "1+", "x", "\"", "{"})
  void aStatementThatFillsTheScreenIsCutInItsMessage(String part) throws IOException {
    Files.writeString(dir.resolve("long.s"), "nop\nmov rax, " + part.repeat(100_000) + "\n");
    assertOneLine(soon(() -> say(new ByteArrayOutputStream(), "asm", "--isa", "x86-64", "DIR/long.s", "-o", "DIR/x")),
        "DIR/long.s:2: ");
  }
}
