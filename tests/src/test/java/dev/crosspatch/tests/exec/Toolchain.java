package dev.crosspatch.tests.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.bench.Compiler;
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
  X86(Compiler.X86_64, false, "pt"),
  ARM64(Compiler.AARCH64, true, "etm ete");

  /// Options for a program without a library.
  static final List<String> BARE = List.of("-O2", "-static", "-nostdlib", "-ffreestanding",
      "-fno-stack-protector", "-fno-builtin", "-mgeneral-regs-only", "-Wall", "-Wextra", "-Werror");

  private static final int SECONDS = 120;
  private static final int SIGNAL = 128;

  private final Compiler compiler;
  /// QEMU runs its programs, or the host does.
  private final boolean byQemu;
  private final String protocols;

  Toolchain(Compiler compiler, boolean byQemu, String protocols) {
    this.compiler = compiler;
    this.byQemu = byQemu;
    this.protocols = protocols;
  }

  /// Trace protocols of its instruction set.
  List<String> protocols() {
    return List.of(protocols.split(" ", -1));
  }

  /// A program of Debian's, which `./test` has fetched. Skips the calling test if it is not there, or nobody to run it.
  ///
  /// @param path in the package
  Path debian(String path) {
    Path program = Programs.debian(compiler.architecture(), path);
    needStranger();
    return program;
  }

  /// Skips the calling test if something of it is not there, and says what.
  private void need() {
    Programs.need(compiler.command(), compiler.debianPackage());
    needStranger();
  }

  /// Skips the calling test if nobody else is here to run its programs.
  void needStranger() {
    if (byQemu) {
      Programs.need(compiler.qemu(), Compiler.QEMU_PACKAGE);
    } else {
      Assumptions.assumeTrue(compiler.isNative(), "the host is no " + compiler.isa());
    }
  }

  /// Compiles a program.
  ///
  /// @param libraries what stands behind the source
  Path compile(Path directory, Path source, List<String> options, List<String> libraries)
      throws IOException, InterruptedException {
    need();
    Path program = directory.resolve(name().toLowerCase(Locale.ROOT) + ".elf");
    Ran ran = run(directory, compiler.compile(source, program, options, libraries));
    assertEquals(0, ran.status(), ran.output() + ran.error());
    return program;
  }

  /// Compiles a program without a library.
  ///
  /// @param name of its source, which stands with the tests
  Path bare(Path directory, String name) throws IOException, InterruptedException {
    return compile(directory, Path.of("src", "test", "c", name + ".c"), BARE, List.of());
  }

  /// What the program does on Linux.
  Ran onLinux(Path directory, Path program, List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(byQemu ? List.of(compiler.qemu()) : List.of());
    command.add(program.toString());
    command.addAll(arguments);
    return run(directory, command);
  }

  /// A program without a library ends here, on two CPUs and on one, as on the host, and prints the same: what it asks
  /// for is no architecture's own.
  void isAsOnTheHost(Path directory, String name, String... arguments) throws IOException, InterruptedException {
    List<String> all = List.of(arguments);
    Ran theirs = X86.onLinux(directory, X86.bare(directory, name), all);
    Path program = bare(directory, name);
    for (String cpus : List.of("2", "1")) {
      Ran ours = Ran.of(List.of("--cpus", cpus, "--max-insns", "50000000"), program, all);
      assertEquals(theirs.output(), ours.output(), ours.error());
      assertEquals(theirs.status(), ours.status(), ours.error());
    }
  }

  /// The same on a core of QEMU's of this name.
  Ran onCore(String core, Path directory, Path program, String... arguments)
      throws IOException, InterruptedException {
    Programs.need(compiler.qemu(), Compiler.QEMU_PACKAGE);
    List<String> command = new ArrayList<>(List.of(compiler.qemu(), "-cpu", core, program.toString()));
    command.addAll(List.of(arguments));
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
