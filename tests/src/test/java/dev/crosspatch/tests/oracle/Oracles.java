package dev.crosspatch.tests.oracle;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/// Finds, builds and runs the strangers' tools. What is missing skips the calling test and says which package has it.
final class Oracles {
  private static final Path SOURCES = Path.of("src", "test", "c");
  private static final Path TARGET = Path.of("target", "oracles");
  private static final long SECONDS = 120;
  private static final long STREAM_SECONDS = 600;

  private Oracles() {}

  /// The program called `name` on the search path.
  static Optional<Path> find(String name) {
    String[] path = System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1);
    return Arrays.stream(path).filter(dir -> !dir.isEmpty()).map(dir -> Path.of(dir, name)).filter(Files::isExecutable)
        .findFirst();
  }

  /// The program called `name`; without it the test is skipped.
  ///
  /// @param debianPackage what to install to have it
  static Path require(String name, String debianPackage) {
    return find(name).orElseGet(() -> skip(name, debianPackage));
  }

  /// Compiles `src/test/c/NAME.c` unless that was done since anything there last changed; without compiler or header
  /// the test is skipped.
  ///
  /// @param header        that the library installs and the program includes
  /// @param debianPackage which has header and library
  /// @param options       more for the compiler, e.g. libraries
  /// @return the executable, in `target/oracles`
  static synchronized Path compile(String name, String header, String debianPackage, String... options) {
    Path source = SOURCES.resolve(name + ".c");
    Path program = TARGET.resolve(name);
    try {
      if (Files.exists(program) && Files.getLastModifiedTime(program).compareTo(lastChange()) > 0) {
        return program;
      }
      Path gcc = require("gcc", "gcc");
      if (start(List.of(gcc.toString(), "-E", "-x", "c", "-include", header, "/dev/null"), Redirect.DISCARD)
          .exit() != 0) {
        skip(header, debianPackage);
      }
      Files.createDirectories(TARGET);
      Path fresh = Files.createTempFile(TARGET, name, ".new");
      List<String> command = new ArrayList<>(List.of(gcc.toString(), "-std=c11", "-O2", "-Wall", "-Wextra"));
      command.addAll(List.of("-o", fresh.toString(), source.toString()));
      command.addAll(List.of(options));
      run(command);
      return Files.move(fresh, program, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FileTime lastChange() throws IOException {
    FileTime last = FileTime.fromMillis(0);
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        FileTime changed = Files.getLastModifiedTime(file);
        last = changed.compareTo(last) > 0 ? changed : last;
      }
    }
    return last;
  }

  /// Runs a command that must end well within two minutes.
  ///
  /// @return the lines it printed
  /// @throws AssertionError with what it said on standard error if it fails
  static List<String> run(List<String> command) {
    try {
      Files.createDirectories(TARGET);
      Path out = Files.createTempFile(TARGET, "run", ".out");
      try {
        Result result = start(command, Redirect.to(out.toFile()));
        if (result.exit() != 0) {
          throw new AssertionError(command + " ended with " + result.exit() + ": " + result.err().strip());
        }
        return Files.readAllLines(out);
      } finally {
        Files.delete(out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Runs a command as [#run(List)] does; its last argument is a file with strings of bytes, all as long as the first.
  static List<String> run(List<String> command, List<byte[]> strings) {
    int size = strings.getFirst().length;
    byte[] all = new byte[strings.size() * size];
    for (int i = 0; i < strings.size(); i++) {
      System.arraycopy(strings.get(i), 0, all, i * size, size);
    }
    try {
      Files.createDirectories(TARGET);
      Path file = Files.createTempFile(TARGET.toAbsolutePath(), "strings", ".bin");
      try {
        Files.write(file, all);
        return run(Stream.concat(command.stream(), Stream.of(file.toString())).toList());
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Runs a command that tells a flow ([FlowStream]), which is read while it runs: nobody wants to keep a hundred
  /// million instructions. It is killed if it does not end in time.
  ///
  /// @throws AssertionError as [#run(List)]
  static void stream(List<String> command, FlowStream.Listener out) {
    try {
      Files.createDirectories(TARGET);
      Path err = Files.createTempFile(TARGET, "run", ".err");
      Process process = new ProcessBuilder(command).redirectError(err.toFile()).start();
      CompletableFuture<Process> ended =
          process.onExit().orTimeout(STREAM_SECONDS, TimeUnit.SECONDS).exceptionally(late -> process.destroyForcibly());
      try {
        process.getOutputStream().close();
        FlowStream.read(process.getInputStream(), out);
        int exit = ended.join().waitFor();
        if (exit != 0) {
          throw new AssertionError(command + " ended with " + exit + ": " + Files.readString(err).strip());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(command + " was interrupted", e);
      } finally {
        process.destroyForcibly();
        Files.delete(err);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Result(int exit, String err) {}

  private static Result start(List<String> command, Redirect out) throws IOException {
    Files.createDirectories(TARGET);
    Path err = Files.createTempFile(TARGET, "run", ".err");
    try {
      Process process = new ProcessBuilder(command).redirectOutput(out).redirectError(err.toFile()).start();
      process.getOutputStream().close();
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(command + " did not end within " + SECONDS + " s");
      }
      return new Result(process.exitValue(), Files.readString(err));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(command + " was interrupted", e);
    } finally {
      Files.delete(err);
    }
  }

  private static Path skip(String what, String debianPackage) {
    return Assumptions.abort("skipped: " + what + " is missing here; Debian package " + debianPackage + " has it");
  }
}
