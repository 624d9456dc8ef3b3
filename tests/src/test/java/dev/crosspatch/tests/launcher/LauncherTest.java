package dev.crosspatch.tests.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `./crosspatch` in a tree of a few files, with a Maven and a JDK that only note that they were called: what is built
/// when, and by whom.
final class LauncherTest {
  private static final List<String> MODULES = List.of("emu-core", "isa-x86", "isa-arm64", "asm", "platform", "tracer",
      "kernel-sim");
  private static final long NOBODY = 4_000_000_000L;

  /// Fails if it is called twice at a time, or for sources that say so. As Maven 3 it ends without a line end.
  private static final String MAVEN =
      """
      #!/bin/sh
      echo maven >>"$CALLS"
      mkdir "$CALLS.building" || exit 1
      sleep 0.3
      rmdir "$CALLS.building"
      ! grep -q error asm/src/main/Source || exit 1
      mkdir -p kernel-sim/target/lib
      touch kernel-sim/target/lib/library.jar kernel-sim/target/kernel-sim-0.1.0.jar
      printf '\\033[0m'
      """;

  /// In training it writes its archive in two pieces; else it wants a whole one.
  private static final String JAVA =
      """
      #!/bin/sh
      for argument; do
        case $argument in
          -XX:AOTCacheOutput=*) echo training >>"$CALLS"; out=${argument#*=}; printf ha >"$out"; sleep 0.3; printf lf >>"$out"; exit 0 ;;
          -Dcrosspatch.command=*) printf %s "${argument#*=}" >"$CALLS.command" ;;
          -XX:AOTCache=*) [ "$(cat "${argument#*=}")" = half ] || { echo "broken archive" >&2; exit 9; } ;;
        esac
      done
      for last; do :; done
      echo "ran $last"
      """;

  @TempDir Path dir = Path.of("");

  /// What a call said.
  private record Said(int status, String out, String err) {}

  private Path tree() {
    return dir.resolve("a tree");
  }

  @BeforeEach
  void makesATree() throws IOException {
    Path root = Path.of("..").toRealPath();
    for (String file : List.of("crosspatch", ".ci/environment.sh", ".ci/launcher.sh")) {
      Files.createDirectories(tree().resolve(file).getParent());
      Files.copy(root.resolve(file), tree().resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
    }
    write(tree().resolve("pom.xml"), "");
    for (String module : MODULES) {
      write(tree().resolve(module + "/pom.xml"), module);
      write(tree().resolve(module + "/src/main/Source"), "source of " + module);
    }
    program("bin/mvn", MAVEN);
    program("bin/npm", "#!/bin/sh\n");
    program("jdk/bin/java", JAVA);
    program("jdk/bin/javac", "#!/bin/sh\n");
    write(dir.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\n");
  }

  private static void write(Path file, String content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private void program(String name, String content) throws IOException {
    write(dir.resolve(name), content);
    assertTrue(dir.resolve(name).toFile().setExecutable(true));
  }

  /// Everything that the scripts may use, but no `flock`.
  private Path binariesWithoutFlock() throws IOException {
    Path bin = Files.createDirectories(dir.resolve("few"));
    String names = "sh cat cksum cp dirname find grep head kill mkdir mktemp mv readlink rm rmdir sed sha256sum sleep "
        + "sort tee touch tr";
    for (String name : names.split(" ", -1)) {
      for (String where : List.of("/bin/", "/usr/bin/")) {
        if (Files.exists(Path.of(where + name)) && Files.notExists(bin.resolve(name))) {
          Files.createSymbolicLink(bin.resolve(name), Path.of(where + name));
        }
      }
    }
    return bin;
  }

  private Process start(Path script, String path) throws IOException {
    return start(List.of(script.toString(), "hello"), path);
  }

  private Process start(String... command) throws IOException {
    return start(List.of(command), "/usr/bin:/bin");
  }

  private Process start(List<String> command, String path) throws IOException {
    return prepared(command, path).start();
  }

  private ProcessBuilder prepared(List<String> command, String path) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(dir.toFile());
    builder.environment().clear();
    builder.environment()
        .putAll(Map.of("PATH", dir.resolve("bin") + ":" + path, "CALLS", dir.resolve("calls").toString(),
        "CROSSPATCH_JAVA_HOME", dir.resolve("jdk").toString()));
    return builder;
  }

  private static Said finish(Process process) throws IOException {
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return new Said(process.exitValue(), out, err);
  }

  private void runs(Path script) throws IOException {
    Said said = finish(start(script, "/usr/bin:/bin"));
    assertEquals("ran hello\n", said.out, said.err);
    assertEquals(0, said.status);
  }

  /// What was called since the last question.
  private List<String> calls() throws IOException {
    Path file = dir.resolve("calls");
    List<String> calls = Files.exists(file) ? Files.readAllLines(file) : List.of();
    Files.deleteIfExists(file);
    return calls;
  }

  @Test
  void buildsAndTrainsOnceWithNothingButAPath() throws IOException {
    runs(tree().resolve("crosspatch"));
    assertEquals(List.of("maven", "training"), calls());
    runs(tree().resolve("crosspatch"));
    assertEquals(List.of(), calls());
  }

  @Test
  void buildsWhereNoTemporaryFilesCanBeMade() throws IOException {
    ProcessBuilder builder = prepared(List.of(tree().resolve("crosspatch").toString(), "hello"), "/usr/bin:/bin");
    builder.environment().put("TMPDIR", dir.resolve("none").toString());
    Said said = finish(builder.start());
    assertEquals("ran hello\n", said.out, said.err);
    assertEquals(List.of("maven", "training"), calls());
    assertFalse(Files.exists(tree().resolve("kernel-sim/target/build.log")));
  }

  /// What only tests run is none of the command's business.
  @Test
  void aModuleOfTheUsersOwnCounts() throws IOException {
    Path script = tree().resolve("crosspatch");
    runs(script);
    calls();
    write(tree().resolve("tests/pom.xml"), "tests");
    write(tree().resolve("tests/src/main/Source"), "a benchmark");
    write(tree().resolve("isa-test/pom.xml"), "all of it is tests");
    runs(script);
    assertEquals(List.of(), calls());
    write(tree().resolve("isa-mine/pom.xml"), "mine");
    write(tree().resolve("isa-mine/src/main/Source"), "my own");
    runs(script);
    assertEquals(List.of("maven", "training"), calls());
    write(tree().resolve("isa-mine/src/main/Source"), "changed");
    runs(script);
    assertEquals(List.of("maven", "training"), calls());
  }

  @Test
  void contentCountsNotTime() throws IOException {
    Path script = tree().resolve("crosspatch");
    Path source = tree().resolve("asm/src/main/Source");
    runs(script);
    calls();
    Files.writeString(source, Files.readString(source));
    runs(script);
    assertEquals(List.of(), calls(), "written again as it was");
    Files.writeString(source, "changed");
    runs(script);
    assertEquals(List.of("maven", "training"), calls());
    Files.writeString(tree().resolve("asm/src/main/Added"), "");
    runs(script);
    assertEquals(List.of("maven", "training"), calls());
  }

  @Test
  void aCopiedTreeIsNotBuiltAgain() throws IOException {
    runs(tree().resolve("crosspatch"));
    calls();
    Path copy = dir.resolve("copy");
    try (Stream<Path> walk = Files.walk(tree())) {
      for (Path p : walk.toList()) {
        Files.copy(p, copy.resolve(tree().relativize(p).toString()));
      }
    }
    assertTrue(copy.resolve("crosspatch").toFile().setExecutable(true));
    runs(copy.resolve("crosspatch"));
    assertEquals(List.of("training"), calls(), "the start-up cache belongs to a place");
    runs(copy.resolve("crosspatch"));
    assertEquals(List.of(), calls());
  }

  @Test
  void worksThroughALink() throws IOException {
    runs(Files.createSymbolicLink(dir.resolve("link"), Path.of("a tree/crosspatch")));
    assertTrue(Files.exists(tree().resolve("kernel-sim/target/crosspatch.built")));
  }

  /// What a run prints to repeat it begins with what was typed: pasted where that was typed, it works.
  @Test
  void tellsHowItWasCalled() throws IOException {
    Path link = Files.createSymbolicLink(dir.resolve("link"), Path.of("a tree/crosspatch"));
    for (String typed
        : List.of(tree().resolve("crosspatch").toString(), link.toString(), "./link", "a tree/crosspatch")) {
      assertEquals("ran hello\n", finish(start("/bin/sh", "-c", "'" + typed + "' hello")).out);
      assertEquals(typed, Files.readString(dir.resolve("calls.command")));
    }
    assertEquals("ran hello\n", finish(start("/bin/sh", "link", "hello")).out);
    assertEquals("./link", Files.readString(dir.resolve("calls.command")));
  }

  /// Nobody builds twice, nobody reads half an archive; with `flock`, and without.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void firstStartsAtOnce(boolean flock) throws IOException {
    String path = flock ? "/usr/bin:/bin" : binariesWithoutFlock().toString();
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(start(tree().resolve("crosspatch"), path));
    }
    for (Process process : processes) {
      Said said = finish(process);
      assertEquals("ran hello\n", said.out, said.err);
      assertFalse(said.err.contains("broken"), said.err);
    }
    assertEquals(List.of("maven", "training"), calls());
    assertFalse(Files.exists(tree().resolve("kernel-sim/target/crosspatch.lock.d")));
  }

  @Test
  void aDeadProcessHoldsNoLock() throws IOException {
    write(tree().resolve("kernel-sim/target/crosspatch.lock.d/pid"), NOBODY + "\n");
    Said said = finish(start(tree().resolve("crosspatch"), binariesWithoutFlock().toString()));
    assertEquals("ran hello\n", said.out, said.err);
    assertEquals(List.of("maven", "training"), calls());
  }

  @Test
  void aFailedBuildIsOneStatusAndIsTriedAgain() throws IOException {
    Path script = tree().resolve("crosspatch");
    runs(script);
    calls();
    String good = Files.readString(tree().resolve("asm/src/main/Source"));
    Files.writeString(tree().resolve("asm/src/main/Source"), "error");
    for (int i = 0; i < 2; i++) {
      Said said = finish(start(script, "/usr/bin:/bin"));
      assertEquals(2, said.status);
      assertTrue(said.err.contains("crosspatch: the build failed; the whole log is in "), said.err);
      assertEquals(List.of("maven"), calls());
    }
    Files.writeString(tree().resolve("asm/src/main/Source"), good);
    runs(script);
    assertEquals(List.of("maven", "training"), calls());
  }
}
