package dev.crosspatch.bench;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A compiler for an instruction set's Linux, and who else runs what it makes.
public enum Compiler {
  X86_64("x86-64", "gcc", "gcc", "", "qemu-x86_64", "amd64", "amd64"),
  AARCH64("aarch64", "aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu", "-mno-outline-atomics", "qemu-aarch64",
      "aarch64", "arm64");

  /// The package of QEMU's user mode.
  public static final String QEMU_PACKAGE = "qemu-user";

  private final String isa;
  private final String command;
  private final String debianPackage;
  private final String flag;
  private final String qemu;
  /// What Java calls a host that has this instruction set.
  private final String host;
  private final String architecture;

  Compiler(String isa, String command, String debianPackage, String flag, String qemu, String host,
      String architecture) {
    this.isa = isa;
    this.command = command;
    this.debianPackage = debianPackage;
    this.flag = flag;
    this.qemu = qemu;
    this.host = host;
    this.architecture = architecture;
  }

  /// The instruction set, as we call it.
  public String isa() {
    return isa;
  }

  /// What starts the compiler.
  public String command() {
    return command;
  }

  /// Debian's package of the compiler.
  public String debianPackage() {
    return debianPackage;
  }

  /// QEMU's user mode.
  public String qemu() {
    return qemu;
  }

  /// Whether the host runs its programs by itself.
  public boolean isNative() {
    return System.getProperty("os.arch").equals(host);
  }

  /// The instruction set, as Debian calls it.
  public String architecture() {
    return architecture;
  }

  /// The command that compiles `source` to `program`.
  ///
  /// @param libraries what stands behind the source
  public List<String> compile(Path source, Path program, List<String> options, List<String> libraries) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(options);
    if (!flag.isEmpty()) {
      all.add(flag);
    }
    all.addAll(List.of("-o", program.toString(), source.toString()));
    all.addAll(libraries);
    return all;
  }

  /// Where on the search path a command is, if it is there.
  public static Optional<Path> find(String command) {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .map(directory -> Path.of(directory, command)).filter(Files::isExecutable).findFirst();
  }
}
