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
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A tracer, a BPF program, a live patch and a return probe at the same entries: ftrace makes one text of what they
/// want, and none is lost while another comes or goes.
final class SharedEntryTest {
  private static final Mechanism MECHANISM = Mechanisms.shipped("shared-entry");
  private static final int COMBINATIONS = 16;
  private static final int SITES = 4;

  private static boolean isX86(String protocol) {
    return protocol.equals("int3-batch");
  }

  private static GuestRun run(String protocol, int keys, List<Integer> patching, String... leftOut) {
    boolean x86 = isX86(protocol);
    List<SiteSpec> sites = IntStream.range(0, SITES)
        .mapToObj(i -> new SiteSpec(i % keys, x86 ? 5 : 4, SiteSpec.Placement.ANY)).toList();
    return GuestRun.of(GuestConfig.builder(MECHANISM, MECHANISM.protocol(protocol)).cpus(3).patchingCpus(patching)
        .keys(keys).sites(sites).iterations(Work.ENDLESS).flips((long) COMBINATIONS * keys)
        .flipInterval(x86 ? 5000 : 300).tasks(2).tickInterval(x86 ? 20_000 : 300).leftOut(Set.of(leftOut)).build(),
        Staleness.ADVERSARIAL, x86);
  }

  private static void assertWhole(GuestRun run) {
    assertEquals("exit 0", run.lab().outcome().text());
    for (int cpu = 0; cpu < 3; cpu++) {
      assertEquals(GuestKernel.expectedChecksum(run.config(), run.lab().counter(cpu, Counter.ITERATIONS)),
          run.lab().counter(cpu, Counter.CHECKSUM));
    }
  }

  private static long word(GuestRun run, String symbol) {
    long address = run.image().address(symbol);
    ByteBuffer ram = ByteBuffer.wrap(run.machine().memory().data()).order(ByteOrder.LITTLE_ENDIAN);
    return ram.getLong(run.textAt() + (int) (address - run.text().address()));
  }

  /// Where a site's instruction calls, 0 for a NOP.
  private static long target(Poke poke, boolean x86) {
    ByteBuffer after = ByteBuffer.wrap(poke.after()).order(ByteOrder.LITTLE_ENDIAN);
    if (x86) {
      return after.get(0) == (byte) 0xe8 ? poke.address() + 5 + after.getInt(1) : 0;
    }
    int word = after.getInt(0);
    return word >>> 26 == 0x25 ? poke.address() + ((long) (word << 6) >> 4) : 0;
  }

  /// What the entry of site n comes to call, change by change: N nothing, L what calls the list, P a program.
  private static String calls(GuestRun run, int n, boolean x86, List<Long> programs) {
    long site = run.image().address("site_" + n);
    long list = run.image().address(x86 ? "ftrace_regs_caller" : "direct_caller");
    StringBuilder calls = new StringBuilder();
    for (Poke poke : run.pokes()) {
      if (poke.address() == site) {
        long target = target(poke, x86);
        calls.append(target == 0 ? 'N' : target == list ? 'L' : 'P');
        if (target != 0 && target != list) {
          programs.add(target);
        }
      }
    }
    return calls.toString();
  }

  /// Callers themselves look whether the tracer, the program, the replacement and the return probe were counted, also
  /// while one of the others is changed; two CPUs change them.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk", "nosync-kick"})
  void nothingIsLostBetweenThem(String protocol) {
    GuestRun run = run(protocol, 2, List.of(0, 2));
    assertWhole(run);
    assertTrue(run.pokes().stream().map(Poke::cpu).collect(Collectors.toSet()).containsAll(Set.of(0, 2)));
    assertTrue(word(run, "rethook_entered") > 0);
    assertEquals(word(run, "rethook_entered"), word(run, "rethook_returned"));
  }

  /// A program is called by the entry itself only while it is alone there; where it runs behind its function, too, it
  /// gets another trampoline when that is to be replaced, by way of the list. On AArch64 programs of odd keys are
  /// called by way of the pointer.
  @ParameterizedTest
  @CsvSource({"int3-batch,LPLPLN,PLN", "brk,LPLPLN,LN"})
  void entriesCallWhatIsThere(String protocol, String even, String odd) {
    boolean x86 = isX86(protocol);
    GuestRun run = run(protocol, 2, List.of(0));
    assertWhole(run);
    for (int n = 0; n < SITES; n++) {
      List<Long> called = new ArrayList<>();
      assertEquals(n % 2 == 0 ? even : odd, calls(run, n, x86, called), "site " + n);
      for (long program : called) {
        assertTrue(run.pokes().stream().anyMatch(p -> p.address() == program && p.before().length == 0
            && p.after().length > 0), () -> "nobody told of " + Long.toHexString(program));
      }
    }
    List<Poke> programs = run.pokes().stream()
        .filter(p -> p.before().length == 0 && p.after().length == (x86 ? 32 : 96)).toList();
    long kinds = programs.stream().map(p -> p.after()[x86 ? 6 : 24]).distinct().count();
    assertEquals(x86 ? 3 : 2, kinds);
    assertTrue(programs.stream().map(Poke::address).distinct().count() < programs.size(), "rooms are used again");
  }

  /// Tracing is there each time a program comes: the text is not a NOP, so the program is refused, and no entry ever
  /// calls one.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void whoDoesNotAskFtraceIsRefused(String protocol) {
    GuestRun run = run(protocol, 1, List.of(0), "ftrace-managed");
    assertWhole(run);
    assertEquals(SITES * 2, word(run, "bpf_refused"));
    List<Long> programs = new ArrayList<>();
    for (int n = 0; n < SITES; n++) {
      calls(run, n, isX86(protocol), programs);
    }
    assertEquals(List.of(), programs);
  }

  /// If a program was there first, ftrace finds its call; if nobody looks, the call of tracing is overwritten.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void whoDoesNotAskFtraceIsFound(String protocol) {
    GuestRun found = run(protocol, 2, List.of(0), "ftrace-managed");
    assertTrue(found.lab().outcome().text().contains("the text before the poke is not what it should be at 0x"
        + Long.toHexString(found.image().address("site_1"))), found.lab().outcome()::text);
    GuestRun lost = run(protocol, 1, List.of(0), "ftrace-managed", "old-text");
    assertTrue(lost.lab().outcome().text().contains("a call was not counted as the state of its key says"),
        lost.lab().outcome()::text);
  }

  /// The trampoline calls the function that it was made for, which is replaced.
  @Test
  void aProgramThatDoesNotShareCallsWhatWasReplaced() {
    GuestRun run = run("int3-batch", 2, List.of(0), "share-ipmodify");
    assertTrue(run.lab().outcome().text().contains("a call was not counted as the state of its key says"),
        run.lab().outcome()::text);
  }

  /// The simulated BL has the last word on X30, and the function returns by what X9 has kept.
  @Test
  void aReturnProbeBehindMovX9IsLost() {
    GuestRun run = run("brk", 1, List.of(0), "rethook-place");
    assertTrue(run.lab().outcome().text().startsWith("panic: "), run.lab().outcome()::text);
    assertTrue(word(run, "rethook_entered") > word(run, "rethook_returned") + 2 * 3 * SITES,
        () -> word(run, "rethook_entered") + " entries, " + word(run, "rethook_returned") + " returns");
  }
}
