package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.verify.FlowComparison;
import dev.crosspatch.tests.scenario.FinishedRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Nobody chose these: machines, sites and trace options at random, with the whole protocol. Every one must pass, and
/// the strangers must decode it, too. On AArch64 the generic timer ticks every 28 or 120 cycles, so a CPU may pass a
/// site so soon behind the event that no decoder can tell which text it ran. Then the verdict has to say so.
/// `-Dcrosspatch.scenarios=N` runs more of them, `-Dcrosspatch.scenarios.first=SEED` others.
class RandomScenarioTest {
  private static final long COUNT = Long.getLong("crosspatch.scenarios", 8);
  private static final long FIRST = Long.getLong("crosspatch.scenarios.first", 1);

  /// libipt rounds the ratio of ticks to cycles down to 1/256, and each CYC down to whole ticks (`pt_time.c`). On a
  /// core that does not run at the TSC's rate its time falls behind between two TSC packets, and without MTC in 32 KiB
  /// of trace so far that it takes old text for new: smaller PSB periods there. Up to version 2.0 it forgets that ratio
  /// at an overflow, and without MTC its time stands still up to the next PSB: no overflows there.
  private static final int LIBIPT_KEEPS_TIME = 2;

  @TempDir Path dir = Path.of("");

  static LongStream seeds() {
    return LongStream.range(FIRST, FIRST + COUNT);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void intelPt(long seed) throws IOException {
    LibiptFlow.program();
    String yaml = new Generator(seed).x86();
    FinishedRun finished = run(yaml);
    assertEquals(Optional.empty(), finished.failure(), yaml);
    LibiptFlowTest.assertTruth(yaml, finished, dir);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void intelPtByPerf(long seed) throws IOException {
    PerfScript.require();
    String yaml = new Generator(seed).x86();
    FinishedRun finished = run(yaml);
    List<FlowComparison> cpus = PerfScriptTest.comparisons(finished);
    PerfScript.decode(dir.resolve("bundle"), Laboratory.input(finished.directory()), Flows.timed(finished, cpus)::get);
    PerfScriptTest.assertTruth(yaml, finished, cpus);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void etmAndEte(long seed) throws IOException {
    OpencsdFlow.program();
    String yaml = new Generator(seed).arm64();
    FinishedRun finished = run(yaml);
    if (finished.failure().isPresent()) {
      assertTrue(finished.failure().get().toString().contains(": 2 versions fit: "), () -> yaml + finished.failure());
      return;
    }
    OpencsdFlowTest.assertTruth(yaml, finished, dir);
  }

  private FinishedRun run(String yaml) throws IOException {
    Path file = Files.writeString(dir.resolve("random.yaml"), yaml);
    return FinishedRun.of(ScenarioReader.read(file), dir.resolve("out"));
  }

  /// Scenario texts. Time is exact enough in all of them that no window holds two versions that fit.
  private static final class Generator {
    private final SplittableRandom random;
    private final StringBuilder yaml = new StringBuilder();

    Generator(long seed) {
      random = new SplittableRandom(seed);
    }

    String x86() {
      line("isa", "x86-64");
      line("preset", one("skylake", "zen4"));
      line("protocol", "int3-batch");
      line("sync", one("cpuid", "iret", "serialize"));
      common();
      sites("{count: %d, length: 5}", "{count: %d, length: 2}", "{count: %d, length: 5, place: line 6%d}",
          "{count: %d, length: 2, place: line 63}",
          "{count: %d, length: 5, place: page %d}", "{count: %d, length: 5, place: window16 1%d}",
          "{count: %d, length: 2, place: window32 31}");
      boolean mtc = random.nextBoolean();
      yaml
          .append(String
              .format(
                  "trace: {protocol: pt, mtc: %b, mtc_period: %d, cyc: true, psb_period: %d, ret_compression: %b, "
                      + "long_tnt: %b%s}%n",
          mtc, random.nextInt(9), 2048 << random.nextInt(mtc ? 6 : LIBIPT_KEEPS_TIME), random.nextBoolean(),
          random.nextBoolean(), mtc ? fifo() : ""));
      return yaml.toString();
    }

    String arm64() {
      line("isa", "aarch64");
      line("preset", one("cortex-a72", "neoverse-n1"));
      line("protocol", "brk");
      line("idc", random.nextBoolean());
      line("dic", random.nextBoolean());
      common();
      sites("{count: %d}", "{count: %d, place: line 60}", "{count: %d, place: line 0}", "{count: %d, place: page 4}",
          "{count: %d, place: window16 12}",
          "{count: %d, place: window32 28}");
      yaml
          .append(String
              .format(
                  "trace: {protocol: %s, cci: true, cci_threshold: %d, cid: %b, return_stack: %b, sync_period: %d%s, "
                      + "bb: %b}%n", one("etm", "ete"),
          4 + random.nextInt(20), random.nextBoolean(), random.nextBoolean(), 256 << random.nextInt(6), fifo(),
          random.nextBoolean()));
      return yaml.toString();
    }

    private void common() {
      int cpus = 1 + random.nextInt(6);
      line("cpus", cpus);
      line("patching-cpu", random.nextInt(cpus));
      line("staleness", one("typical", "adversarial"));
      line("seed", random.nextInt(1 << 30));
      line("batch", one("1", "3", "256"));
      line("keys", 1 + random.nextInt(4));
      line("tick", one("0", "5000", "20000"));
      line("flips", String.format("{total: %d, interval: %s}", 2 + random.nextInt(20), one("0", "200", "5000")));
      line("fetch", one("64", "64", "32", "16"));
    }

    private void sites(String... groups) {
      yaml.append("sites:\n");
      for (int n = 1 + random.nextInt(4); n > 0; n--) {
        yaml.append("  - ").append(String.format(one(groups), 4 + random.nextInt(3), 1 + random.nextInt(3)))
            .append('\n');
      }
    }

    private String fifo() {
      return random.nextInt(4) == 0
          ? ", fifo_bytes: " + (256 << random.nextInt(3)) + ", drain_bytes: " + (1 + random.nextInt(3)) : "";
    }

    private String one(String... of) {
      return of[random.nextInt(of.length)];
    }

    private void line(String key, Object value) {
      yaml.append(key).append(": ").append(value).append('\n');
    }
  }
}
