package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Torn text that faults was fetched and executed up to its fault: it breaks the contract as what retires does,
/// whatever the seed, and the panic behind it is a consequence.
class TornTextTest {
  private static final String TWIN = Path.of("../scenarios/x86-straddling-without-int3.yaml").toString();
  private static final int SEEDS = Integer.getInteger("crosspatch.seeds", 20);

  @TempDir static Path dir = Path.of("");

  @Test
  void noPanicComesFromTornTextWithTheContractKept() {
    Map<String, Integer> kinds = new TreeMap<>();
    for (int seed = 1; seed <= SEEDS; seed++) {
      Said said = Said.of(dir, "run", TWIN, "--seed", String.valueOf(seed), "--out", "DIR/torn");
      assertTrue(said.out.contains("panic: unexpected exception"), "the twin is about a panic");
      assertTrue(said.line("contract: ").startsWith("a CPU broke the contract, "), "seed " + seed + "\n" + said.out);
      kinds.merge(said.line("first failure: ").replaceFirst(":.*", ""), 1, Integer::sum);
    }
    assertTrue(Set.of("torn", "old-after-event", "ambiguous").containsAll(kinds.keySet()), kinds::toString);
    assertTrue(kinds.getOrDefault("torn", 0) > SEEDS / 2, kinds::toString);
    assertTrue(kinds.size() > 1, "what comes first hangs on the seed: " + kinds);
  }

  /// With some timing what faults, `0f1500`, is what memory held just then. Without truth its record is all there is.
  @ParameterizedTest
  @ValueSource(strings = {"--flow", "--no-truth"})
  void whatFaultsIsJudged(String how) throws IOException {
    Said ran = timed(0, how);
    for (int shift = 1; shift <= 60 && !ran.out.contains("executed 0f1500, memory held 0f1500: "); shift++) {
      ran = timed(shift, how);
    }
    assertEquals(0, ran.status, ran.out + ran.err);
    assertTrue(ran.line("first failure: ").matches("torn: CPU .*executed 0f1500, memory held 0f1500: .*"), ran.out);
    assertTrue(ran.line("contract: ").matches("a CPU broke the contract, .* of what memory held: .*torn .*"), ran.out);
    Said verified = Said.of(dir, "verify", "DIR/some");
    assertEquals(0, verified.status, verified.out + verified.err);
    assertFalse(verified.out.contains("stored"), verified.out);
    assertEquals(ran.line("first failure: "), verified.line("first failure: "));
  }

  private static Said timed(int shift, String how) throws IOException {
    Files.writeString(dir.resolve("some.yaml"), "base: " + Path.of(TWIN).toAbsolutePath() + "\nflips: {interval: "
        + (3000 + 7 * shift) + "}\nseed: " + (shift + 1) + "\n");
    return Said.of(dir, "run", "DIR/some.yaml", "--out", "DIR/some", how);
  }
}
