package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.tracer.text.Poke;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A query of dynamic debug: statements in the order of a table that is not that of the text. A batch ends where the
/// next one stands before the last, unless they are sorted first.
final class DynamicDebugTest {
  private static final Mechanism MECHANISM = Mechanisms.shipped("dynamic-debug");

  private static GuestRun run(String protocol, int statements, int batch) {
    GuestRun run = GuestRun.of(GuestConfig.builder(MECHANISM, MECHANISM.protocol(protocol)).cpus(2).sites(statements)
        .batchLimit(batch).iterations(Work.ENDLESS).flips(2).flipInterval(0).build(), Staleness.ADVERSARIAL,
        protocol.startsWith("int3"));
    assertEquals("exit 0", run.lab().outcome().text());
    return run;
  }

  @ParameterizedTest
  @CsvSource({"int3-batch-sorted, 12", "int3-batch, 63", "int3-each, 186", "brk-sorted, 8", "brk, 42", "brk-each, 124"})
  void roundsOfAQuery(String protocol, int rounds) {
    int statements = 62;
    int files = 21;
    GuestRun run = run(protocol, statements, 16);
    assertEquals(2L * rounds, run.spans(Span.SYNC));
    assertEquals(2 * statements, run.pokes().size());
    assertEquals(new Contract(List.of(), List.of()), Contract.of(run));
    assertArrayEquals(run.text().bytes(), run.expectedText(), "on, and off again");
    assertArrayEquals(run.text().bytes(), run.textInRam());
    for (int cpu = 0; cpu < 2; cpu++) {
      assertEquals(GuestKernel.expectedChecksum(run.config(), run.lab().counter(cpu, Counter.ITERATIONS)),
          run.lab().counter(cpu, Counter.CHECKSUM));
    }
    List<String> table = IntStream.range(0, 3 * files).map(i -> i % 3 * files + i / 3).filter(i -> i < statements)
        .mapToObj(i -> "site_" + i).toList();
    List<String> switched = run.pokes().subList(0, statements).stream().map(Poke::site).toList();
    if (protocol.endsWith("-sorted")) {
      for (int from = 0; from < statements; from += 16) {
        int to = Math.min(statements, from + 16);
        assertEquals(table.subList(from, to).stream().sorted((a, b) -> number(a) - number(b)).toList(),
            switched.subList(from, to));
      }
    } else {
      assertEquals(table, switched);
    }
  }

  private static int number(String site) {
    return Integer.parseInt(site.substring("site_".length()));
  }

  /// As published of Linux, on and off, by its 2692 statements, each but for 2: 16154 rounds one by one, 134 sorted
  /// in batches of 128.
  @ParameterizedTest
  @CsvSource({"int3-each, 256, 16152", "int3-batch, 256, 5388", "int3-batch-sorted, 128, 132",
      "int3-batch-sorted, 256, 66"})
  void roundsOfAllStatementsOfAKernel(String protocol, int batch, int rounds) {
    assumeTrue(Boolean.getBoolean("crosspatch.full"), "takes minutes: -Pfull");
    assertEquals(rounds, run(protocol, 2692, batch).spans(Span.SYNC));
  }
}
