package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.tracer.text.Poke;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tracing, static keys and probes at the same functions: each finds its own text as it left it, and what would write
/// to another's is refused.
final class SharedTextTest {
  private static final Mechanism MECHANISM = Mechanisms.shipped("shared-text");
  private static final int FLIPS = 16;
  private static final int SITES = 4;

  private static GuestRun run(String protocol, List<Integer> patching, String... leftOut) {
    boolean x86 = protocol.equals("int3-batch");
    List<SiteSpec> sites = IntStream.range(0, SITES)
        .mapToObj(i -> new SiteSpec(i % patching.size(), x86 ? 5 : 4, SiteSpec.Placement.ANY)).toList();
    return GuestRun.of(GuestConfig.builder(MECHANISM, MECHANISM.protocol(protocol)).cpus(3).patchingCpus(patching)
        .keys(patching.size()).sites(sites).iterations(Work.ENDLESS).flips((long) FLIPS * patching.size())
        .flipInterval(x86 ? 5000 : 400).leftOut(Set.of(leftOut)).build(), Staleness.ADVERSARIAL, x86);
  }

  /// Callers themselves look whether the trampoline, the branch and the probes were counted; two CPUs change them.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk", "nosync-kick"})
  void nothingIsLostBetweenThem(String protocol) {
    GuestRun run = run(protocol, List.of(0, 2));
    assertEquals("exit 0", run.lab().outcome().text());
    for (int cpu = 0; cpu < 3; cpu++) {
      long iterations = run.lab().counter(cpu, Counter.ITERATIONS);
      assertEquals(GuestKernel.expectedChecksum(run.config(), iterations), run.lab().counter(cpu, Counter.CHECKSUM));
    }
    assertTrue(run.lab().total(Counter.SITES_ON) > run.lab().total(Counter.SITES_OFF));
    assertTrue(run.pokes().stream().map(Poke::cpu).collect(Collectors.toSet()).containsAll(Set.of(0, 2)));
  }

  /// What changes at one function, flip by flip: its entry, the instruction to be probed, its branch. The branch
  /// changes twice beside the armed probe. The probe of the entry finds the call that tracing has brought.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void eachChangesItsOwnText(String protocol) {
    boolean x86 = protocol.equals("int3-batch");
    GuestRun run = run(protocol, List.of(0));
    assertEquals("exit 0", run.lab().outcome().text());
    long entry = run.image().address("site_0");
    List<Long> places = x86 ? List.of(0L, 5L, 8L) : List.of(0L, 4L, 8L);
    StringBuilder changes = new StringBuilder();
    List<String> breakpoints = new ArrayList<>();
    for (Poke poke : run.pokes()) {
      int place = places.indexOf(poke.address() - entry);
      String after = HexFormat.of().formatHex(poke.after());
      if (place >= 0 && !after.equals("e9031eaa")) { // MOV X9, X30 at boot
        changes.append("EPB".charAt(place));
        if (after.equals(x86 ? "cc" : "800020d4")) {
          breakpoints.add("EPB".substring(place, place + 1));
        } else if (place == 1) {
          assertEquals(x86 ? "48" : "0000018b", after, "no jump there");
        }
      }
    }
    assertEquals("BEBPBBEP".repeat(FLIPS / 8), changes.toString());
    assertEquals(List.of("P", "P"), breakpoints);
  }

  /// Where branches are protected: every second function begins with ENDBR, and two of four return through the thunk.
  @Test
  void entriesAndReturnsAreMitigated() {
    GuestRun run = run("int3-batch", List.of(0));
    long thunk = run.image().address("return_thunk");
    for (int i = 0; i < SITES; i++) {
      ByteBuffer text = ByteBuffer.wrap(run.text().bytes()).order(ByteOrder.LITTLE_ENDIAN);
      int function = (int) (run.image().address("shared_" + i) - run.text().address());
      assertEquals(i % 2 == 0, text.getInt(function) == 0xfa1e0ff3, "ENDBR of " + i);
      long block = run.image().address("site_" + i + "_on");
      int end = (int) (block - run.text().address()) + 9; // behind INC
      long shortly = block + 9 + 2 + text.get(end + 1);
      long far = block + 9 + 5 + text.getInt(end + 1);
      switch (text.get(end) & 0xff) {
        case 0xeb -> assertEquals(thunk, shortly);
        case 0xe9 -> assertEquals(thunk, far);
        default -> assertEquals((byte) 0xc3, text.get(end));
      }
      assertEquals(i % 4 < 2, text.get(end) == (byte) 0xc3, "return of " + i);
    }
  }

  /// The probe, or the jump, is there: the next who looks at the text before changing it finds that, and if nobody
  /// looks, callers miss what was overwritten, or the kernel dies of what both have made together.
  @ParameterizedTest
  @CsvSource({
      "int3-batch,probe-reserved,8", "brk,probe-reserved,8", "int3-batch,jump-reserved,8",
      "int3-batch,kprobe-ftrace,0", "brk,kprobe-ftrace,0"})
  void whoWritesToAnothersTextIsFound(String protocol, String step, int place) {
    GuestRun found = run(protocol, List.of(0), step);
    long site = found.image().address("site_0") + place;
    assertTrue(found.lab().outcome().text().contains(
        "the text before the poke is not what it should be at 0x" + Long.toHexString(site)),
        found.lab().outcome()::text);
    GuestRun lost = run(protocol, List.of(0), step, "old-text");
    assertTrue(lost.lab().outcome().text().contains(
        step.equals("jump-reserved") ? "panic: " : "a call was not counted as the state of its key says"),
        lost.lab().outcome()::text);
  }
}
