package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.tests.isa.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/// A compiler, and who else runs what it makes.
enum Toolchain {
  X86("gcc", "gcc", "", "", "pt", "amd64"),
  ARM64("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu", "-mno-outline-atomics", "qemu-aarch64", "etm ete", "arm64");

  private static final int SECONDS = 120;
  private static final int SIGNAL = 128;

  private final String compiler;
  private final String compilerPackage;
  private final String flag;
  /// Who runs programs that the host cannot.
  private final String stranger;
  private final String protocols;
  private final String architecture;

  Toolchain(String compiler, String compilerPackage, String flag, String stranger, String protocols,
      String architecture) {
    this.compiler = compiler;
    this.compilerPackage = compilerPackage;
    this.flag = flag;
    this.stranger = stranger;
    this.protocols = protocols;
    this.architecture = architecture;
  }

  /// Trace protocols of its instruction set.
  List<String> protocols() {
    return List.of(protocols.split(" ", -1));
  }

  /// A program of Debian's, which `./test` has fetched. Skips the calling test if it is not there, or nobody to run it.
  ///
  /// @param path in the package
  Path debian(String path) {
    Path program = Programs.debian(architecture, path);
    needStranger();
    return program;
  }

  /// Skips the calling test if something of it is not there, and says what.
  private void need() {
    Programs.need(compiler, compilerPackage);
    needStranger();
  }

  private void needStranger() {
    if (stranger.isEmpty()) {
      Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"), "the host is no x86-64");
    } else {
      Programs.need(stranger, "qemu-user");
    }
  }

  /// Compiles a program.
  ///
  /// @param libraries what stands behind the source
  Path compile(Path directory, Path source, List<String> options, List<String> libraries)
      throws IOException, InterruptedException {
    need();
    Path program = directory.resolve(name().toLowerCase(Locale.ROOT) + ".elf");
    List<String> command = new ArrayList<>(List.of(compiler));
    command.addAll(options);
    if (!flag.isEmpty()) {
      command.add(flag);
    }
    command.addAll(List.of("-o", program.toString(), source.toString()));
    command.addAll(libraries);
    Ran ran = run(directory, command);
    assertEquals(0, ran.status(), ran.output() + ran.error());
    return program;
  }

  /// What the program does on Linux.
  Ran onLinux(Path directory, Path program, List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(stranger.isEmpty() ? List.of() : List.of(stranger));
    command.add(program.toString());
    command.addAll(arguments);
    return run(directory, command);
  }

  private static Ran run(Path directory, List<String> command) throws IOException, InterruptedException {
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Process process = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    process.getOutputStream().close();
    try {
      assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), command.getFirst() + " did not end");
    } finally {
      process.destroyForcibly();
    }
    return new Ran(text(out), text(err), process.exitValue() % (2 * SIGNAL));
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }
}
