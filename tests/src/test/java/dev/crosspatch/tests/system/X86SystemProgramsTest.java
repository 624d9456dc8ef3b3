package dev.crosspatch.tests.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.isa.x86.X86Isa;
import dev.crosspatch.platform.Device;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.MemoryMap;
import dev.crosspatch.platform.Platform;
import dev.crosspatch.tests.isa.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// What only a kernel sees of an x86-64 core: small kernels (`system/x86-64-*.s`), whose words must be those of the
/// manual, on our machine, where fetch is typical and as stale as may be, and on QEMU's board pc.
class X86SystemProgramsTest {
  /// Presets, and QEMU's CPU of the same maker.
  private static final List<Map.Entry<String, String>> CORES = List.of(
      Map.entry("skylake", "max,vendor=GenuineIntel"), Map.entry("zen4", "max,vendor=AuthenticAMD"));
  private static final X86Isa ISA = new X86Isa();
  private static final MemoryMap MAP = new LabBoard().map(ISA);
  private static final long USER = 0x4001_0000L;
  private static final int CONSOLE = 0xe9;
  private static final int EXIT = 0xf4;
  private static final int RAM = 32 << 20;
  /// Of QEMU's isa-debug-exit when 16 is written.
  private static final int EXIT_STATUS = 33;

  @TempDir
  Path directory = Path.of("");

  private static SystemImage image(String core, boolean stranger) throws IOException {
    return new SystemImage("x86-64", core, 1, stranger, MAP.kernelBase(), MAP.imageBase(), USER);
  }

  private static List<List<Long>> ours(SystemImage image, String core, Staleness staleness) {
    Platform platform = new LabBoard().assemble(
        new MachineConfig(ISA, 1, core, staleness, true, true, RAM, 1));
    Terminal terminal = new Terminal();
    platform.ports().attach(CONSOLE, 1, terminal);
    platform.ports().attach(EXIT, 1, new Device() {
      @Override
      public long read(Core reader, long offset, int width) {
        return 0;
      }

      @Override
      public void write(Core writer, long offset, int width, long value) {
        platform.machine().stop("exit");
      }
    });
    platform.boot(new Image(List.of(new Section(".text", MAP.kernelBase(), image.bytes(), Section.Access.TEXT)),
        List.of(new Symbol("start", image.address("start"), 0, Symbol.Kind.FUNCTION))));
    return SystemRun.ours(image, platform.machine(), "exit", terminal);
  }

  private List<List<Long>> qemu(SystemImage image, String cpu) throws IOException, InterruptedException {
    Programs.need("qemu-system-x86_64", "qemu-system-x86");
    Path kernel = Files.write(directory.resolve("kernel"), image.bytes());
    Path console = directory.resolve("console");
    return SystemRun.qemu(image, console, EXIT_STATUS, List.of("qemu-system-x86_64", "-machine", "pc",
        "-cpu", cpu, "-m", "64", "-display", "none", "-monitor", "none", "-serial", "none", "-nodefaults",
        "-no-reboot", "-debugcon", "file:" + console, "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
        "-kernel", kernel.toString()));
  }

  @TestFactory
  Stream<DynamicTest> oursIsTheManuals() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Map.Entry<String, String> entry : CORES) {
      String core = entry.getKey();
      SystemImage image = image(core, false);
      for (Staleness staleness : Staleness.values()) {
        SystemRun.oursAsTheManualSays(core + ", " + staleness, image, ours(image, core, staleness))
            .forEach(tests::add);
      }
    }
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> qemusIsTheManualsOrListed() throws IOException, InterruptedException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Map.Entry<String, String> core : CORES) {
      SystemImage image = image(core.getKey(), true);
      SystemRun.qemuAsTheManualSays(core.getValue(), image, qemu(image, core.getValue())).forEach(tests::add);
    }
    return tests.stream();
  }

  @Test
  void anotherWordIsSeen() throws IOException {
    SystemImage image = image("skylake", false);
    assertEquals(List.of(), SystemRun.blind(image, ours(image, "skylake", Staleness.TYPICAL)));
  }
}
