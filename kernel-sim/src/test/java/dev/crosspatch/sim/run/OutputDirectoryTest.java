package dev.crosspatch.sim.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.BadInput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// An output directory appears whole or not at all, replaces only what a run left, and leaves nothing of its own
/// behind.
final class OutputDirectoryTest {
  private static final String SUMMARY =
      "{\"verdict\":\"pass\",\"cpus\":[],\"config\":{},\"seed\":1,\"version\":\"0.1.0\"}";
  /// More than any process has.
  private static final long NOBODY = 4_000_000_000L;

  @TempDir Path dir = Path.of("");

  private Path target() {
    return dir.resolve("out");
  }

  /// Everything below the temporary directory: name to content, directories to `/`.
  private Map<String, String> everything() throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(dir)) {
      for (Path p : walk.skip(1).toList()) {
        String name = dir.relativize(p).toString();
        all.put(name, Files.isSymbolicLink(p) ? "-> " + Files.readSymbolicLink(p) : Files.isDirectory(p)
            ? "/" : Files.readString(p));
      }
    }
    return all;
  }

  private void make(String name, String content) throws IOException {
    Path file = dir.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private static void run(Path target, String content) {
    try (OutputDirectory out = new OutputDirectory(target, OutputKind.RUN)) {
      out.write(RunFiles.truth(0), content);
      out.write(RunFiles.SUMMARY, SUMMARY);
      out.commit();
    }
  }

  private void assertRefused(Path target, OutputKind kind, String message) throws IOException {
    Map<String, String> before = everything();
    BadInput e = assertThrows(BadInput.class, () -> new OutputDirectory(target, kind).close());
    assertEquals(message, e.line().replace(dir.toString(), "DIR"));
    assertEquals(before, everything());
  }

  @Test
  void appearsWholeAndReplacesAnEarlierOne() throws IOException {
    run(target(), "one");
    make("out/trace/cpu63.etm", "");
    run(target(), "two");
    assertEquals(Map.of("out", "/", "out/summary.json", SUMMARY, "out/truth", "/", "out/truth/cpu0.log", "two"),
        everything());
  }

  /// The names of all that version 0.1.0 wrote before its summary had checksums, of every trace protocol, with and
  /// without `--flow`.
  @Test
  void anOutputOfAnEarlierVersionIsReplacedAndNothingElse() throws IOException {
    List<String> names = List.of("summary.json", "report.html", "pokes.jsonl", "image/vmlinux", "image/kallsyms",
        "image/kcore", "image/modules", "trace/cpu0.pt",
        "trace/cpu1.etm", "truth/cpu0.log", "truth/cpu0.flow", "truth/stale.jsonl", "truth/stores.log",
        "truth/text.log", "decoded/cpu0.flow");
    for (String name : names) {
      make("out/" + name, name.equals("summary.json") ? SUMMARY : "earlier");
    }
    make("out/violations.jsonl.orig", "precious");
    assertRefused(target(), OutputKind.RUN,
        "DIR/out: not replaced, for it holds violations.jsonl.orig, which no run writes; move that away, or choose "
            + "another directory");
    Files.delete(target().resolve("violations.jsonl.orig"));
    run(target(), "new");
    assertEquals(List.of("out", "out/summary.json", "out/truth", "out/truth/cpu0.log"),
        List.copyOf(everything().keySet()));
  }

  @Test
  void anEmptyDirectoryIsReplaced() throws IOException {
    Files.createDirectory(target());
    run(target(), "one");
    assertEquals("one", everything().get("out/truth/cpu0.log"));
  }

  @Test
  void nothingIsLeftWithoutCommit() throws IOException {
    run(target(), "one");
    Map<String, String> before = everything();
    try (OutputDirectory out = new OutputDirectory(target(), OutputKind.RUN)) {
      out.write(RunFiles.SUMMARY, SUMMARY);
    }
    try (OutputDirectory out = new OutputDirectory(dir.resolve("a/b/c"), OutputKind.RUN)) {
      out.write(RunFiles.SUMMARY, SUMMARY);
    }
    assertEquals(before, everything());
  }

  /// Each row is the summary and one more file of a directory that no run made, or to which somebody added.
  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "{}                                  | notes.txt        | exists and is not an earlier output (its summary.json "
          + "is not that of a run); choose another directory or remove it",
      "{}                                  | truth/cpu0.log   | exists and is not an earlier output (its summary.json "
          + "is not that of a run); choose another directory or remove it",
      "[1, 2]                              | notes.txt        | exists and is not an earlier output (its summary.json "
          + "is not that of a run); choose another directory or remove it",
      "{\"verdict\":\"pass\",\"version\":1 | report.html      | exists and is not an earlier output (its summary.json "
          + "is not that of a run); choose another directory or remove it",
      "GOOD                                | notes.txt        | not replaced, for it holds notes.txt, which no run "
          + "writes; move that away, or choose another directory",
      "GOOD                                | summary.json.old | not replaced, for it holds summary.json.old, which no "
          + "run writes; move that away, or choose another directory",
      "GOOD                                | truth/notes.txt  | not replaced, for it holds truth/notes.txt, which no "
          + "run writes; move that away, or choose another directory",
      "GOOD                                | .git/HEAD        | not replaced, for it holds .git, which no run writes; "
          + "move that away, or choose another directory",
      "GOOD                                | image/kcore/x    | not replaced, for it holds image/kcore, which no run "
          + "writes; move that away, or choose another directory"
  })
  void nothingOfOthersIsReplaced(String summary, String name, String message) throws IOException {
    make("out/" + RunFiles.SUMMARY, summary.equals("GOOD") ? SUMMARY : summary);
    make("out/" + name, "precious");
    assertRefused(target(), OutputKind.RUN, "DIR/out: " + message);
  }

  /// What has a name as runs write them, but is not among the files that this run left, is somebody's.
  @ParameterizedTest
  @ValueSource(strings = {"trace/cpu9.pt", "trace/cpu0.etm", "truth/cpu00.log", "decoded/cpu0.flow", "truth/cpu0.flow",
      "violations.jsonl"})
  void aFileTheRunDidNotLeaveIsNotOurs(String name) throws IOException {
    String summary = SUMMARY.replaceFirst("}$",
        ",\"files\":{\"truth/cpu0.log\":{\"size\":3,\"sha256\":\"00\"},\"report.html\":{}},\"sha256\":\"00\"}");
    make("out/summary.json", summary);
    make("out/truth/cpu0.log", "one");
    make("out/" + name, "precious");
    assertRefused(target(), OutputKind.RUN,
        "DIR/out: not replaced, for it holds " + name
            + ", which its run did not leave; move that away, or choose another directory");
    Files.delete(target().resolve(name));
    run(target(), "two");
    assertEquals("two", everything().get("out/truth/cpu0.log"));
  }

  @Test
  void linksInAnOutputAreNotOurs() throws IOException {
    run(target(), "one");
    make("elsewhere/cpu0.pt", "precious");
    Files.createSymbolicLink(target().resolve("trace"), dir.resolve("elsewhere"));
    assertRefused(target(), OutputKind.RUN,
        "DIR/out: not replaced, for it holds trace, which no run writes; move that away, or choose another directory");
  }

  @Test
  void anExportReplacesNothing() throws IOException {
    run(target(), "one");
    assertRefused(target(), OutputKind.EXPORT,
        "DIR/out: exists and is not empty; choose another directory or remove it");
  }

  @Test
  void aLinkIsFollowed() throws IOException {
    run(dir.resolve("real"), "one");
    Path link = Files.createSymbolicLink(target(), Path.of("real"));
    run(link, "two");
    assertEquals("-> real", everything().get("out"));
    assertEquals("two", everything().get("real/truth/cpu0.log"));
  }

  @Test
  void linksToNothingAndToFilesAreRefused() throws IOException {
    Path link = Files.createSymbolicLink(target(), Path.of("nowhere"));
    assertRefused(link, OutputKind.RUN,
        "DIR/out: a symbolic link to nowhere, which is not there; make that directory or remove the link");
    Path loop = Files.createSymbolicLink(dir.resolve("loop"), Path.of("loop"));
    assertRefused(loop, OutputKind.RUN,
        "DIR/loop: a symbolic link to loop, which is not there; make that directory or remove the link");
    make("file", "precious");
    Path file = Files.createSymbolicLink(dir.resolve("to-file"), Path.of("file"));
    assertRefused(file, OutputKind.RUN, "DIR/to-file: exists and is no directory; choose another name");
    assertRefused(file.resolve("below"), OutputKind.EXPORT,
        "DIR/to-file/below: cannot create the output directory: DIR/to-file exists and is no directory");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", ".", "..", "../..", ""})
  void theDirectoryOneWorksInIsRefused(String name) throws IOException {
    assertRefused(Path.of(name), OutputKind.RUN,
        (name.isEmpty() ? "''" : name) + ": cannot be an output directory, for this process works in it; name another");
  }

  /// As left by a killed process: with its lock, without one (killed at once, or by an earlier version), and a second
  /// one of the same process.
  @ParameterizedTest
  @ValueSource(strings = {"new/summary.json", "lock", "summary.json", "trace/cpu0.pt"})
  void whatKilledProcessesLeftIsRemoved(String file) throws IOException {
    make(".out.partial-" + NOBODY + "/" + file, "");
    make(".out.partial-" + NOBODY + "-1/" + file, "");
    make(".out.partial-" + ProcessHandle.current().pid() + "/" + file, "");
    make(".other.partial-" + NOBODY + "/" + file, "of another name");
    run(target(), "one");
    assertEquals(List.of(".other.partial-" + NOBODY, "out"), names());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> list = Files.list(dir)) {
      return list.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void whatLivingProcessesWriteStays() throws IOException, InterruptedException {
    Process other = new ProcessBuilder("sleep", "60").start();
    try (OutputDirectory mine = new OutputDirectory(target(), OutputKind.RUN)) {
      make(".out.partial-" + other.pid() + "/new/x", "");
      mine.write(RunFiles.truth(0), "mine");
      run(target(), "one");
      assertTrue(Files.exists(dir.resolve(".out.partial-" + other.pid() + "/new/x")));
      assertTrue(Files.exists(mine.work().resolve(RunFiles.truth(0))));
      mine.write(RunFiles.SUMMARY, SUMMARY);
      mine.commit();
      assertEquals("mine", everything().get("out/truth/cpu0.log"));
    } finally {
      other.destroy();
      other.waitFor();
    }
    run(target(), "two");
    assertEquals(List.of("out"), names(), "the other process is dead now");
  }

  /// A program that writes one output after the other, several at a time.
  static final class Busy {
    private Busy() {}

    /// Does so in a directory.
    ///
    /// @param args the directory
    public static void main(String[] args) {
      for (int i = 0; i < 4; i++) {
        Path target = Path.of(args[0], "out" + i);
        new Thread(() -> {
          try {
            while (true) {
              try (OutputDirectory out = new OutputDirectory(target, OutputKind.RUN)) {
                out.write(RunFiles.truth(0), "some");
              }
            }
          } catch (BadInput e) {
            // The program is being ended.
          }
        }).start();
      }
    }
  }

  /// Whoever ends a program finds nothing half-written, whatever it was just beginning.
  @Test
  void aProgramThatIsEndedLeavesNothing() throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process = new ProcessBuilder(java, "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
        Busy.class.getName(), dir.toString()).start();
    while (names().isEmpty() && process.isAlive()) {
      Thread.sleep(10);
    }
    Thread.sleep(100);
    process.destroy();
    assertEquals(143, process.waitFor());
    assertEquals(List.of(), names());
  }

  /// The lock says more than the number, which another process may have got meanwhile, and which another container
  /// knows nothing of.
  @Test
  void aLockIsALivingProcess() throws IOException, InterruptedException {
    make(".out.partial-" + NOBODY + "/lock", "");
    Path lock = dir.resolve(".out.partial-" + NOBODY + "/lock");
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE); FileLock held = channel.lock()) {
      assertTrue(held.isValid());
      run(target(), "one");
      assertTrue(Files.exists(lock));
    }
    run(target(), "one");
    assertFalse(Files.exists(lock));
  }

  @Test
  void anOutputThatAKilledProcessWasReplacingComesBack() throws IOException {
    run(dir.resolve(".out.partial-" + NOBODY + "/old"), "one");
    make(".out.partial-" + NOBODY + "/lock", "");
    new OutputDirectory(target(), OutputKind.RUN).close();
    assertEquals("one", everything().get("out/truth/cpu0.log"));
    assertEquals(List.of("out"), names());
  }

  @Test
  void aFullDiskIsOneLineAndLeavesTheEarlierOutput() throws IOException {
    run(target(), "one");
    Map<String, String> before = everything();
    try (OutputDirectory out = new OutputDirectory(target(), OutputKind.RUN)) {
      Files.createSymbolicLink(out.file(RunFiles.truth(0)), Path.of("/dev/full"));
      String message = target()
          + ": truth/cpu0.log cannot be written: No space left on device; nothing of this output is left, what stood "
              + "there before is untouched";
      assertEquals(message, assertThrows(BadInput.class, () -> out.write(RunFiles.truth(0), "two")).line());
      try (OutputStream stream = out.stream(RunFiles.truth(0))) {
        assertEquals(message, assertThrows(BadInput.class, () -> stream.write(1)).line());
      }
    }
    assertEquals(before, everything());
  }

  @Test
  void onlyKnownNamesAreWritten() {
    try (OutputDirectory out = new OutputDirectory(target(), OutputKind.RUN)) {
      assertThrows(IllegalArgumentException.class, () -> out.write("notes.txt", ""));
    }
  }

  @Test
  void manyAtOnceEachWhole() throws InterruptedException, IOException {
    List<Throwable> failures = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String content = "run " + i;
      threads.add(Thread.ofPlatform().uncaughtExceptionHandler((_, e) -> failures.add(e)).start(() -> {
        for (int n = 0; n < 25; n++) {
          run(target(), content);
        }
      }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(List.of(), failures);
    assertEquals(List.of("out"), names());
    assertTrue(Files.readString(target().resolve(RunFiles.truth(0))).startsWith("run "));
  }
}
