package dev.crosspatch.tests.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.isa.arm64.Arm64Isa;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.Platform;
import dev.crosspatch.tests.isa.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// What only a kernel sees of an AArch64 core: small kernels (`system/aarch64-*.s`), whose words must be those of the
/// manual, on our machine, where fetch is typical and as stale as may be, and on QEMU's board virt.
class Arm64SystemProgramsTest {
  private static final List<String> CORES = List.of("cortex-a72", "neoverse-n1", "max");
  private static final int CPUS = 2;
  private static final long BASE = 0x4020_0000L;
  private static final long USER = 0x8001_0000L;
  private static final long UART = 0x0900_0000L;
  private static final int RAM = 16 << 20;

  @TempDir
  Path directory = Path.of("");

  private static SystemImage image(String core, int cpus, boolean stranger) throws IOException {
    return new SystemImage("aarch64", core, cpus, stranger, BASE, BASE, USER);
  }

  private static List<List<Long>> ours(SystemImage image, String core, int cpus, Staleness staleness) {
    Platform platform = new LabBoard().assemble(
        new MachineConfig(new Arm64Isa(), cpus, core, staleness, false, false, RAM, 1));
    Terminal terminal = new Terminal();
    platform.bus().attach(UART, 0x1000, terminal);
    platform.machine().load(BASE, image.bytes());
    for (int cpu = 0; cpu < cpus; cpu++) {
      platform.machine().core(cpu).pc = image.address(cpu == 0 ? "start" : "other_start");
    }
    return SystemRun.ours(image, platform.machine(), "PSCI SYSTEM_OFF", terminal);
  }

  private List<List<Long>> qemu(SystemImage image, String core, int cpus)
      throws IOException, InterruptedException {
    Programs.need("qemu-system-aarch64", "qemu-system-arm");
    Path kernel = Files.write(directory.resolve("kernel"), image.bytes());
    Path serial = directory.resolve("serial");
    return SystemRun.qemu(image, serial, 0, List.of("qemu-system-aarch64", "-machine", "virt,gic-version=3",
        "-cpu", core, "-smp", "" + cpus, "-m", "64", "-display", "none", "-monitor", "none",
        "-serial", "file:" + serial,
        "-device", "loader,force-raw=on,cpu-num=0,addr=" + BASE + ",file=" + kernel));
  }

  @TestFactory
  Stream<DynamicTest> oursIsTheManuals() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (String core : CORES) {
      for (int cpus = 1; cpus <= CPUS; cpus++) {
        SystemImage image = image(core, cpus, false);
        for (Staleness staleness : Staleness.values()) {
          SystemRun.oursAsTheManualSays(core + ", " + staleness, image, ours(image, core, cpus, staleness))
              .forEach(tests::add);
        }
      }
    }
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> qemusIsTheManualsOrListed() throws IOException, InterruptedException {
    List<DynamicTest> tests = new ArrayList<>();
    for (String core : CORES) {
      for (int cpus = 1; cpus <= CPUS; cpus++) {
        SystemImage image = image(core, cpus, true);
        SystemRun.qemuAsTheManualSays(core, image, qemu(image, core, cpus)).forEach(tests::add);
      }
    }
    return tests.stream();
  }

  @Test
  void anotherWordIsSeen() throws IOException {
    for (int cpus = 1; cpus <= CPUS; cpus++) {
      SystemImage image = image("neoverse-n1", cpus, false);
      assertEquals(List.of(), SystemRun.blind(image, ours(image, "neoverse-n1", cpus, Staleness.TYPICAL)));
    }
  }
}
