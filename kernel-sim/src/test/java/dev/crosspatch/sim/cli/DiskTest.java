package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Disks that are really full, without a free inode, read-only or gone: small file systems in memory, where this
/// process may mount one (as root), else skipped. Whatever does not fit is one line and status 2, nothing is left of
/// it, and what stood there before is as it was.
final class DiskTest {
  private static final String SMALL =
      """
      isa: x86-64
      cpus: 1
      protocol: int3-batch
      sites: [{count: 3}]
      flips: {total: 3, interval: 100}
      trace: {protocol: pt}
      """;
  private static final String ARM =
      """
      isa: aarch64
      cpus: 1
      protocol: brk
      sites: [{count: 3}]
      flips: {total: 3, interval: 100}
      trace: {protocol: ete}
      """;
  private static final String LARGE = SMALL.replace("cpus: 1", "cpus: 2")
      .replace("total: 3, interval: 100", "total: 20, interval: 20000");
  private static final int PAGE = 4096;

  @TempDir static Path dir = Path.of("");

  private boolean mounted;

  private static Path disk() {
    return dir.resolve("disk");
  }

  private static boolean succeeds(String... command) throws IOException {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(dir.resolve("said").toFile()).start()
          .waitFor() == 0;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Mounts a file system with these options; the test is skipped where that is not allowed.
  private void mount(String options) throws IOException {
    Files.createDirectories(disk());
    unmount();
    mounted = System.getProperty("os.name").equals("Linux")
        && succeeds("mount", "-t", "tmpfs", "-o", options, "tmpfs", disk().toString());
    assumeTrue(mounted, "no file system can be mounted here");
  }

  private void remount(String options) throws IOException {
    assertTrue(succeeds("mount", "-o", "remount," + options, disk().toString()));
  }

  @AfterEach
  void unmount() throws IOException {
    if (mounted) {
      mounted = false;
      boolean clean = succeeds("umount", disk().toString());
      if (!clean) {
        succeeds("umount", "-l", disk().toString());
      }
      assertTrue(clean, "a file was left open");
    }
  }

  @BeforeAll
  static void runs() throws IOException {
    System.setProperty("crosspatch.cache", dir.resolve("cache").toString());
    Files.writeString(dir.resolve("small.yaml"), SMALL);
    Files.writeString(dir.resolve("large.yaml"), LARGE);
    Files.writeString(dir.resolve("arm.yaml"), ARM);
    for (String name : List.of("small", "arm")) {
      assertEquals(0, Said.of(dir, "run", "DIR/" + name + ".yaml", "-o", "DIR/" + name).status);
    }
    assertEquals(0, Said.of(dir, "run", "DIR/large.yaml", "--flow", "-o", "DIR/large").status);
  }

  @AfterAll
  static void forgetsTheCache() {
    System.clearProperty("crosspatch.cache");
  }

  /// All files below, and what is in them.
  private static Map<String, String> everything(Path root) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(root)) {
      for (Path p : walk.skip(1).toList()) {
        all.put(root.relativize(p).toString(), Files.isDirectory(p)
            ? "/" : Files.readString(p, StandardCharsets.ISO_8859_1));
      }
    }
    return all;
  }

  /// Bytes in whole pages, directories one each.
  private static long room(Path root) throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      return walk.mapToLong(p -> Files.isDirectory(p) ? 0 : Math.ceilDiv(p.toFile().length(), PAGE) * PAGE).sum();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> walk = Files.walk(from)) {
      walk.forEach(p -> {
        try {
          Files.copy(p, to.resolve(from.relativize(p).toString()));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }

  private static void assertOneLine(Said said, String pattern) {
    assertTrue(said.err.matches("crosspatch: " + pattern + "\n"), said.err);
    assertEquals(2, said.status);
    assertEquals("", said.out);
  }

  /// In thousandths of what is missing: before and in the middle of the logs, in the images, in flow files, at the
  /// report, at the summary.
  @ParameterizedTest
  @ValueSource(ints = {0, 2, 100, 300, 500, 700, 900, 985, 995})
  void aDiskThatIsFullSoonerOrLater(int share) throws IOException {
    long least = room(dir.resolve("small"));
    mount("size=" + (least + Math.max(PAGE, (room(dir.resolve("large")) * share / 1000))));
    copy(dir.resolve("small"), disk().resolve("out"));
    Map<String, String> before = everything(disk());
    assertOneLine(Said.of(dir, "run", "DIR/large.yaml", "--flow", "-o", "DIR/disk/out"),
        "DIR/disk/out: \\S+ cannot be written: No space left on device; nothing of this output is left, what stood "
            + "there before is untouched");
    assertEquals(before, everything(disk()));
    assertOneLine(Said.of(dir, "run", "DIR/large.yaml", "--flow", "-o", "DIR/disk/another/out"),
        "DIR/disk/another/out: \\S+ cannot be written: No space left on device; nothing of this output is left, what "
            + "stood there before is untouched");
    assertEquals(before, everything(disk()));
  }

  @Test
  void withRoomForBothAnOutputIsReplaced() throws IOException {
    mount("size=" + (room(dir.resolve("small")) + room(dir.resolve("large")) + 16 * PAGE));
    copy(dir.resolve("small"), disk().resolve("out"));
    Said said = Said.of(dir, "run", "DIR/large.yaml", "--flow", "-o", "DIR/disk/out");
    assertEquals(0, said.status, said.err);
    assertEquals(everything(dir.resolve("large")).keySet(), everything(disk().resolve("out")).keySet());
  }

  @ParameterizedTest
  @CsvSource({"perf, small, 0", "perf, small, 200", "perf, small, 600", "perf, small, 900", "coresight, arm, 0",
      "coresight, arm, 200", "coresight, arm, 600",
      "coresight, arm, 900"})
  void anExportToAFullDisk(String format, String run, int share) throws IOException {
    Path whole = dir.resolve("export-" + format);
    if (Files.notExists(whole)) {
      assertEquals(0, Said.of(dir, "export", format, "DIR/" + run, "-o", whole.toString()).status);
    }
    mount("size=" + Math.max(1, room(whole) / PAGE * share / 1000) * PAGE);
    Files.writeString(disk().resolve("mine"), "");
    assertOneLine(Said.of(dir, "export", format, "DIR/" + run, "-o", "DIR/disk/out"),
        "DIR/disk/out: cannot be written: (\\S+: )?No space left on device; nothing of it is left");
    assertEquals(Map.of("mine", ""), everything(disk()));
    mount("size=" + (room(whole) + 16 * PAGE));
    assertEquals(0, Said.of(dir, "export", format, "DIR/" + run, "-o", "DIR/disk/out").status);
  }

  @Test
  void anImageToAFullDisk() throws IOException {
    Files.writeString(dir.resolve("a.s"), ".text\n.fill 100000, 1, 0x90\n");
    mount("size=" + 4 * PAGE);
    Files.writeString(disk().resolve("a.elf"), "earlier");
    assertOneLine(Said.of(dir, "asm", "--isa", "x86-64", "DIR/a.s", "-o", "DIR/disk/a.elf"),
        "DIR/disk/a.elf: cannot be written: No space left on device");
    assertEquals(Map.of("a.elf", "earlier"), everything(disk()));
  }

  /// From the first that is missing to the last.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 8, 11, 14, 16})
  void aDiskWithoutInodes(int free) throws IOException {
    mount("size=50m,nr_inodes=" + (1 + free));
    String message =
        "DIR/disk/out: (\\S+ cannot be written: |cannot create the output directory: )(\\S+: )?No space left on "
            + "device.*";
    assertOneLine(Said.of(dir, "run", "DIR/small.yaml", "-o", "DIR/disk/out"), message);
    assertEquals(Map.of(), everything(disk()));
    if (free < 5) {
      Said said = Said.of(dir, "export", "perf", "DIR/small", "-o", "DIR/disk/out");
      assertOneLine(said,
          "DIR/disk/out: (cannot be written|cannot create the output directory): (\\S+: )?No space left on device.*");
      assertEquals(Map.of(), everything(disk()));
    }
  }

  @Test
  void aDiskThatIsReadOnly() throws IOException {
    mount("size=50m");
    copy(dir.resolve("small"), disk().resolve("out"));
    remount("ro");
    Map<String, String> before = everything(disk());
    String line = "(\\S+: )?cannot create the output directory: (\\S+: )?Read-only file system.*";
    assertOneLine(Said.of(dir, "run", "DIR/small.yaml", "-o", "DIR/disk/out"), "DIR/disk/out: " + line);
    assertOneLine(Said.of(dir, "run", "DIR/small.yaml", "-o", "DIR/disk/new/out"), "DIR/disk/new/out: " + line);
    assertOneLine(Said.of(dir, "export", "perf", "DIR/small", "-o", "DIR/disk/export"), "DIR/disk/export: " + line);
    assertOneLine(Said.of(dir, "asm", "--isa", "x86-64", "DIR/small.yaml", "-o", "DIR/disk/a"), "DIR/small.yaml:.*");
    assertEquals(0, Said.of(dir, "verify", "DIR/disk/out").status);
    assertEquals(0, Said.of(dir, "decode", "DIR/disk/out").status);
    assertEquals(0, Said.of(dir, "packets", "DIR/disk/out/trace/cpu0.pt").status);
    assertEquals(0, Said.of(dir, "export", "perf", "DIR/disk/out", "-o", "DIR/from-read-only").status);
    assertEquals(before, everything(disk()));
  }

  /// Kernels and encodings are kept only to be faster the next time.
  @ParameterizedTest
  @ValueSource(strings = {"size=4096", "size=40960", "size=1m,nr_inodes=1", "size=1m,nr_inodes=2",
      "size=1m,ro", "a file"})
  void aCacheThatCannotBeWritten(String options) throws IOException {
    if (!options.equals("a file")) {
      mount(options);
    } else if (Files.notExists(disk().resolve("cache"))) {
      Files.writeString(Files.createDirectories(disk()).resolve("cache"), "mine");
    }
    Files.writeString(dir.resolve("own.yaml"), SMALL.replace("count: 3", "count: 5"));
    System.setProperty("crosspatch.cache", disk().resolve("cache").toString());
    try {
      Said said = Said.of(dir, "run", "DIR/own.yaml", "-o", "DIR/own");
      assertEquals("", said.err);
      assertEquals(0, said.status);
      assertEquals(0, Said.of(dir, "asm", "--isa", "x86-64", "nop; ret").status);
    } finally {
      System.setProperty("crosspatch.cache", dir.resolve("cache").toString());
    }
    assertTrue(everything(disk()).keySet().stream()
        .noneMatch(name -> name.endsWith(".partial") || name.endsWith(".tmp")), "half-written files are left");
    if (options.equals("a file")) {
      assertEquals("mine", Files.readString(disk().resolve("cache")));
      Files.delete(disk().resolve("cache"));
    }
  }

  /// What somebody removes while it is written does not come back, and is no success.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anOutputThatIsRemovedMeanwhile(boolean withParent) throws IOException {
    Files.writeString(dir.resolve("long.yaml"), LARGE.replace("total: 20", "total: 300"));
    Path parent = Files.createDirectories(dir.resolve("removed"));
    CompletableFuture<Void> remover = CompletableFuture.runAsync(() -> removeAsSoonAsThere(parent, withParent));
    Said said = Said.of(dir, "run", "DIR/long.yaml", "-o", "DIR/removed/out");
    remover.join();
    assertOneLine(said, "DIR/removed/out: .*cannot be written: .*is not there.*");
    assertNotEquals(withParent, Files.exists(parent));
    assertTrue(withParent || everything(parent).isEmpty(), "something came back");
    Files.deleteIfExists(parent);
  }

  private static void removeAsSoonAsThere(Path parent, boolean withParent) {
    try {
      List<Path> work = List.of();
      while (work.isEmpty() || Files.notExists(work.getFirst().resolve("new/trace/cpu1.pt"))) {
        Thread.onSpinWait();
        try (Stream<Path> list = Files.list(parent)) {
          work = list.toList();
        }
      }
      try (Stream<Path> walk = Files.walk(withParent ? parent : work.getFirst())) {
        for (Path p : walk.sorted(Comparator.reverseOrder()).toList()) {
          if (Files.exists(p, LinkOption.NOFOLLOW_LINKS)) {
            Files.delete(p);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
