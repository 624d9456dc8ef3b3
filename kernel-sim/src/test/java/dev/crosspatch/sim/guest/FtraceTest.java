package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.tracer.text.Poke;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Traced functions: every call is counted as traced once while its key says so, and not while it does not, which the
/// callers themselves look at; trampolines come and go, and their room goes to others.
final class FtraceTest {
  private static final Mechanism MECHANISM = Mechanisms.shipped("ftrace");

  private static GuestRun run(String protocol, int keys, int functions, int flips, String... leftOut) {
    boolean x86 = MECHANISM.protocol(protocol).isa().equals("x86-64");
    List<SiteSpec> sites = new ArrayList<>();
    for (int i = 0; i < functions; i++) {
      sites.add(new SiteSpec(i % keys, x86 ? 5 : 4, SiteSpec.Placement.ANY));
    }
    return GuestRun.of(GuestConfig.builder(MECHANISM, MECHANISM.protocol(protocol)).cpus(3).keys(keys).sites(sites)
        .iterations(Work.ENDLESS).flips(flips).flipInterval(x86 ? 5000 : 400).tasks(2)
        .tickInterval(x86 ? 20_000 : 1000).leftOut(Set.of(leftOut)).build(), Staleness.ADVERSARIAL, x86);
  }

  /// A caller that missed a count, or saw one too many or a register that was not kept, has not added to its checksum.
  private static void assertCountedOnce(GuestRun run) {
    assertEquals("exit 0", run.lab().outcome().text());
    for (int cpu = 0; cpu < 3; cpu++) {
      long iterations = run.lab().counter(cpu, Counter.ITERATIONS);
      assertEquals(GuestKernel.expectedChecksum(run.config(), iterations), run.lab().counter(cpu, Counter.CHECKSUM));
      assertEquals(iterations * run.config().sites().count(), run.lab().counter(cpu, Counter.SITES_OFF));
    }
    assertTrue(run.lab().total(Counter.SITES_ON) > 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void allFunctionsAtOnce(String protocol) {
    GuestRun run = run(protocol, 1, 300, protocol.equals("brk") ? 3 : 2);
    assertCountedOnce(run);
    List<Poke> sites = run.pokes().stream().filter(p -> p.site().startsWith("site_")
        && p.address() == run.image().address(p.site())).toList();
    assertEquals(600, sites.size());
    assertEquals(300, sites.stream().map(Poke::address).collect(Collectors.toSet()).size());
    assertTrue(run.spans(Span.BATCH) >= 4, "300 functions are more than a batch");
  }

  @ParameterizedTest
  @ValueSource(strings = "int3-batch")
  void whatIsFreedGoesToAnother(String protocol) {
    GuestRun run = run(protocol, 3, 6, 40);
    assertCountedOnce(run);
    Map<Long, byte[]> there = new HashMap<>();
    Map<Long, byte[]> before = new HashMap<>();
    int others = 0;
    for (Poke poke : run.pokes()) {
      if (poke.before().length == 0) {
        there.put(poke.address(), poke.after().clone());
      } else if (poke.after().length == 0) {
        byte[] text = there.remove(poke.address());
        assertArrayEquals(text, poke.before());
        others += Arrays.equals(before.getOrDefault(poke.address(), text), text) ? 0 : 1;
        before.put(poke.address(), text);
      } else {
        there.forEach((at, text) -> {
          if (poke.address() - at >= 0 && poke.address() - at < text.length) {
            System.arraycopy(poke.after(), 0, text, (int) (poke.address() - at), poke.after().length);
          }
        });
      }
    }
    assertTrue(before.size() < 4, "first fit does with few addresses");
    assertTrue(others > 1, "only " + others + " trampolines lie where one of another function was");
  }

  /// MOV X9, LR is written once, at boot; while a key goes from one pointer to another its text stays as it is.
  @Test
  void aPointerIsNoText() {
    GuestRun run = run("brk", 1, 6, 5);
    assertCountedOnce(run);
    assertEquals(6, run.pokes().stream().filter(p -> p.address() != run.image().address(p.site())).count());
    assertEquals(6 + 6 * 4, run.pokes().size());
  }

  @Test
  void withoutMovX9NobodyFindsBack() {
    assertInstanceOf(GuestOutcome.Panic.class, run("brk", 1, 6, 5, "mov-x9").lab().outcome());
  }
}
