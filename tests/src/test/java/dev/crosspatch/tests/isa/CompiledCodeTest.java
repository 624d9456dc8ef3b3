package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.code.Elf64;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.core.uop.Uop;
import dev.crosspatch.core.uop.UopBuffer;
import dev.crosspatch.isa.arm64.Arm64Isa;
import dev.crosspatch.isa.x86.X86Isa;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Plain integer C as compilers make it at every level of optimization: the emulator decodes every instruction of it,
/// and computes what the same object file computes on the host CPU (x86-64) or under QEMU's user mode (AArch64).
class CompiledCodeTest {
  private static final Path SOURCES = Path.of("src", "test", "c");
  private static final List<String> FLAGS = List.of(
      "-std=gnu11", "-ffreestanding", "-fno-stack-protector", "-fno-pic", "-fno-asynchronous-unwind-tables",
      "-mgeneral-regs-only", "-Wall", "-Wextra",
      "-Werror");
  private static final String PADDING = "00000000";
  private static final int RESULTS = 23;
  private static final int RAM = 32 << 20;
  private static final long CYCLES = 40_000_000;
  private static final int FIRST_ARGUMENT_X86 = 7;
  private static final int STACK_X86 = 4;
  private static final int STACK_ARM64 = 31;

  @TempDir
  Path directory = Path.of("");

  /// A compiler and who runs what it makes.
  ///
  /// @param prefix   of the tools' names
  /// @param flags    besides [#FLAGS]
  /// @param link     options that make a program the stranger can run
  /// @param stranger what the program is run by, if not by the host
  private record Toolchain(
      Isa isa, String prefix, String compilerPackage, List<String> flags, List<String> link, List<String> stranger,
      int argument, int stack) {}

  private static final Toolchain X86 = new Toolchain(
      new X86Isa(), "", "gcc", List.of("-mcmodel=kernel", "-mno-red-zone"), List.of("-no-pie"), List.of(),
      FIRST_ARGUMENT_X86, STACK_X86);
  private static final Toolchain ARM64 = new Toolchain(
      new Arm64Isa(), "aarch64-linux-gnu-", "gcc-aarch64-linux-gnu", List.of("-mno-outline-atomics"),
      List.of("-static"), List.of("qemu-aarch64"), 0,
      STACK_ARM64);

  @TestFactory
  Stream<DynamicTest> x86() {
    return Stream.of(
            "-O0", "-O1", "-O2", "-O3", "-Os", "-O2 -march=x86-64-v3",
            "-O3 -march=x86-64-v3 -madx -minline-all-stringops",
            "-Os -mtune=skylake -fcf-protection=full")
        .map(options -> DynamicTest.dynamicTest("gcc " + options, () -> sameAsTheHost(options)));
  }

  @TestFactory
  Stream<DynamicTest> arm64() {
    return Stream.of("-O0", "-O1", "-O2", "-O3", "-Os", "-O2 -march=armv8.2-a+lse+rcpc",
        "-O3 -march=armv8.2-a+lse+crc -mbranch-protection=standard")
        .map(options -> DynamicTest.dynamicTest("aarch64-linux-gnu-gcc " + options, () -> sameAsQemu(options)));
  }

  private void sameAsTheHost(String options) throws IOException, InterruptedException {
    Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"), "the host is no x86-64");
    if (options.contains("v3")) {
      Assumptions.assumeTrue(X86HostCpu.tells("bmi2"), "the host has no BMI2");
    }
    same(X86, options);
  }

  private void sameAsQemu(String options) throws IOException, InterruptedException {
    Programs.need("qemu-aarch64", "qemu-user");
    same(ARM64, options);
  }

  private void same(Toolchain tools, String options) throws IOException, InterruptedException {
    Programs.need(tools.prefix() + "gcc", tools.compilerPackage());
    Path object = directory.resolve("plaincode.o");
    List<String> compile = new ArrayList<>(List.of(tools.prefix() + "gcc"));
    compile.addAll(FLAGS);
    compile.addAll(tools.flags());
    compile.addAll(List.of(options.split(" ")));
    compile.addAll(List.of("-c", "-o", object.toString(), SOURCES.resolve("plaincode.c").toString()));
    Programs.run(directory, compile);
    Image image = guest(tools, object);
    assertEquals(List.of(), undefined(tools.isa(), image.section(".text").orElseThrow()),
        "instructions that raise an undefined-instruction fault");
    assertEquals(theirs(tools, object), ours(tools, image));
  }

  /// What the stranger computes.
  private List<String> theirs(Toolchain tools, Path object) throws IOException, InterruptedException {
    Path program = directory.resolve("plainhost");
    List<String> link = new ArrayList<>(List.of(tools.prefix() + "gcc"));
    link.addAll(tools.link());
    link.addAll(List.of("-o", program.toString(), SOURCES.resolve("plainhost.c").toString(), object.toString()));
    Programs.run(directory, link);
    List<String> run = new ArrayList<>(tools.stranger());
    run.add(program.toString());
    return Programs.run(directory, run);
  }

  /// The object file as an image for the bare machine, with what it needs of the compiler's own library.
  private Image guest(Toolchain tools, Path object) throws IOException, InterruptedException {
    String library = Programs.run(directory, List.of(tools.prefix() + "gcc", "-print-libgcc-file-name")).getFirst();
    Path program = directory.resolve("plaincode.elf");
    Programs.run(directory, List.of(
        tools.prefix() + "ld", "-static", "-T", SOURCES.resolve("plaincode.ld").toString(),
        "--defsym=BASE=0x" + Long.toHexString(new LabBoard().map(tools.isa()).kernelBase()), "-o", program.toString(),
        object.toString(), library));
    return Elf64.read(Files.readAllBytes(program));
  }

  /// Instructions the decoder does not know: those that are nothing but a fault. The program has no traps of its own;
  /// what linkers pad the space between AArch64 functions with is one, UDF #0.
  private static List<String> undefined(Isa isa, Section text) {
    UopBuffer out = new UopBuffer();
    List<String> unknown = new ArrayList<>();
    byte[] code = text.bytes();
    for (int at = 0; at < code.length; ) {
      out.clear();
      int length = isa.decode(code, at, Math.min(isa.maxLength(), code.length - at), Mode.CODE_64, out);
      if (isUndefined(length, out)) {
        length = length < 0 ? code.length - at : length;
        String hex = HexFormat.of().formatHex(code, at, at + length);
        if (!hex.equals(PADDING)) {
          unknown.add(String.format("0x%x: %s", text.address() + at, hex));
        }
      }
      at += length;
    }
    return unknown;
  }

  /// Whether what was decoded is no instruction, or one that is nothing but a fault.
  static boolean isUndefined(int length, UopBuffer out) {
    return length < 0 || (out.count() == 1 && Uop.op(out.word(0)) == Uop.FAULT);
  }

  /// What the emulator computes.
  private static List<String> ours(Toolchain tools, Image image) {
    Isa isa = tools.isa();
    Platform platform = new LabBoard().assemble(new MachineConfig(isa, 1, isa.presets().contains("max")
        ? "max" : isa.presets().getFirst(), Staleness.TYPICAL, true, true, RAM, 1));
    platform.boot(image);
    Machine machine = platform.machine();
    Core core = machine.core(0);
    core.r[tools.argument()] = image.address("results");
    core.r[tools.stack()] = image.address("stack_top");
    RunResult result = machine.run(RunLimits.ofCycles(CYCLES));
    assertEquals(RunResult.End.DEADLOCK, result.end(), () -> String.format("%s at 0x%x", result.reason(), core.pc));
    List<String> digests = new ArrayList<>();
    long results = platform.map().imageBase() + image.address("results") - platform.map().kernelBase();
    for (int i = 0; i < RESULTS; i++) {
      digests.add(String.format("%016x", machine.readPhysical(results + 8L * i)));
    }
    return digests;
  }
}
