package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Symbol;
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
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Static calls: no call of a site or a trampoline is lost or made twice while they are written, and what is written is
/// what Linux's arch/x86/kernel/static_call.c has.
final class StaticCallTest {
  private static final Mechanism MECHANISM = Mechanisms.shipped("static-call");
  private static final int SITES = 20;

  private static GuestRun run(String protocol, String... leftOut) {
    List<SiteSpec> sites = new ArrayList<>();
    for (int i = 0; i < SITES; i++) {
      sites.add(new SiteSpec(0, i < 4 ? 5 : 6, i == 0 ? SiteSpec.Placement.line(61) : SiteSpec.Placement.ANY));
    }
    return GuestRun.of(GuestConfig.builder(MECHANISM, MECHANISM.protocol(protocol)).cpus(3).sites(sites)
        .iterations(Work.ENDLESS).flips(16).flipInterval(2000).leftOut(Set.of(leftOut)).build(),
        Staleness.ADVERSARIAL, true);
  }

  private static List<Poke> pokes(GuestRun run, String name) {
    return run.pokes().stream().filter(p -> p.site().equals(name)).toList();
  }

  /// What was written there, in words: where it goes to by the name of the function.
  private static Set<String> written(GuestRun run, String name) {
    return pokes(run, name).stream().map(p -> words(run, p)).collect(Collectors.toCollection(TreeSet::new));
  }

  private static String words(GuestRun run, Poke poke) {
    byte[] bytes = poke.after();
    int opcode = bytes.length - 4;
    if ((bytes[0] & 0xfe) != 0xe8 && bytes.length == 5) {
      return HexFormat.of().formatHex(bytes);
    }
    long target = poke.address() + bytes.length + ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(opcode);
    return HexFormat.of().formatHex(bytes, 0, opcode) + " " + run.image().symbols().stream()
        .filter(s -> s.address() == target && s.kind() == Symbol.Kind.FUNCTION).findFirst().orElseThrow().name();
  }

  /// Each pass of a site makes one call there and one by the trampoline, and each ends in one count: with f or none in
  /// that of SITES_OFF, with g or the function that returns 0 in the other.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "return-thunk"})
  void noCallIsLostAndNoConditionForgotten(String protocol) {
    GuestRun run = run(protocol);
    assertEquals("exit 0", run.lab().outcome().text());
    assertEquals(16 * (SITES + 1), run.pokes().size());
    assertTrue(run.lab().total(Counter.TRAPS) > 20, "handlers emulate");
    for (int cpu = 0; cpu < 3; cpu++) {
      long passes = run.lab().counter(cpu, Counter.ITERATIONS) * SITES;
      assertEquals(2 * passes, run.lab().counter(cpu, Counter.SITES_OFF) + run.lab().counter(cpu, Counter.SITES_ON));
      assertEquals(GuestKernel.expectedChecksum(run.config(), run.lab().counter(cpu, Counter.ITERATIONS)),
          run.lab().counter(cpu, Counter.CHECKSUM));
    }
  }

  @Test
  void whatIsWrittenIsWhatLinuxWrites() {
    GuestRun run = run("int3-batch");
    assertEquals(Set.of("0f1f440000", "2e2e2e31c0", "e8 static_call_f", "e8 static_call_g"), written(run, "site_0"));
    assertEquals(Set.of("c3cccccccc", "e9 static_call_f", "e9 static_call_g", "e9 static_call_return0"),
        written(run, "site_1"));
    assertEquals(written(run, "site_1"), written(run, "static_call_tramps"));
    assertEquals(Set.of("0f8c static_call_f", "0f8c static_call_g", "0f8c static_call_return",
        "0f8c static_call_return0"), written(run, "site_12"));
    run = run("return-thunk");
    assertEquals(Set.of("e9 return_thunk", "e9 static_call_f", "e9 static_call_g", "e9 static_call_return0"),
        written(run, "site_1"));
    assertEquals(Set.of("0f8c return_thunk", "0f8c static_call_f", "0f8c static_call_g", "0f8c static_call_return0"),
        written(run, "site_12"));
  }

  @Test
  void theTrampolineIsFirst() {
    GuestRun run = run("int3-batch");
    for (int i = 0; i < run.pokes().size(); i++) {
      assertEquals(i % (SITES + 1) == 0, run.pokes().get(i).site().equals("static_call_tramps"), "poke " + i);
    }
  }

  @Test
  void anXorCannotBeEmulated() {
    assertEquals(PanicCode.CANNOT_EMULATE.code(),
        assertInstanceOf(GuestOutcome.Panic.class, run("int3-batch", "emulate").lab().outcome()).code());
  }
}
