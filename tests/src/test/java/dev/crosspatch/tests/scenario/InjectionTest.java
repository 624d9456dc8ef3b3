package dev.crosspatch.tests.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.fields.JsonText;
import dev.crosspatch.sim.run.OutputDirectory;
import dev.crosspatch.sim.run.OutputKind;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.run.RunLogs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the scenarios with injected interrupts show, and that looking on changes nothing.
final class InjectionTest {

  /// An NMI came before every instruction that the CPUs ran in flips, on AArch64 but for those where the kernel masks
  /// all interrupts: where exceptions are entered and left, and in the handler of breakpoints.
  @ParameterizedTest
  @ValueSource(strings = {"x86-nmi", "arm64-nmi"})
  void everyInstructionOfEveryWindowIsHit(String name) throws IOException {
    Fields injected = summary(name).map("injected");
    assertEquals(60, number(injected, "openings"));
    for (Fields cpu : injected.maps("cpus")) {
      assertTrue(number(cpu, "raised") > 1000);
      long instructions = number(cpu, "instructions");
      long missed = instructions - number(cpu, "hit") - number(cpu, "masked");
      assertEquals(0, missed, () -> "of " + instructions + " never hit on CPU " + number(cpu, "cpu"));
    }
  }

  private static long number(Fields at, String key) {
    return at.number(key, -1, 0, Long.MAX_VALUE);
  }

  private static Fields summary(String name) throws IOException {
    Path file = FinishedRun.of(name).directory().path().resolve("summary.json");
    return JsonText.parse(file.toString(), Files.readString(file));
  }

  /// A follower that does nothing makes every core run one instruction at a time, and leaves the same bytes.
  @ParameterizedTest
  @ValueSource(strings = {"x86-straddling", "arm64-adversarial"})
  void whoLooksOnChangesNothing(String name, @TempDir Path dir) throws IOException {
    long[] told = new long[1];
    Path out = dir.resolve("followed");
    try (OutputDirectory directory = new OutputDirectory(out, OutputKind.RUN)) {
      Run run;
      try (RunLogs logs = RunLogs.in(directory, true)) {
        run = new Run(Scenarios.read(name), logs);
        for (int cpu = 0; cpu < run.machine().cpus(); cpu++) {
          run.machine().core(cpu).follow(core -> told[0]++);
        }
        run.execute(r -> {});
      }
      run.writeImage(directory);
      directory.commit();
    }
    FinishedRun whole = FinishedRun.of(name);
    assertEquals(RunHashes.of(whole.directory().path()), RunHashes.of(out));
    long retired = whole.cpus().stream().mapToLong(FinishedRun.Cpu::retired).sum();
    assertTrue(told[0] >= retired, () -> told[0] + " instructions were told of, " + retired + " retired");
  }
}
