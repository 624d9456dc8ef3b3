package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.guest.SiteSpec.Placement;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.tracer.text.Poke;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuestKernelTest {

  private static GuestConfig.Builder small(String protocol) {
    return Keys.builder(protocol).iterations(200L).flips(10).flipInterval(Keys.isX86(protocol) ? 20_000 : 500);
  }

  /// The kernel ended by itself, every CPU passed every site once per iteration, one way or the other, and memory holds
  /// the image with the reported pokes.
  private static void assertDone(GuestRun run) {
    assertEquals("exit 0", run.lab().outcome().text());
    GuestConfig config = run.config();
    for (int cpu = 0; cpu < config.work().cpus(); cpu++) {
      long iterations = run.lab().counter(cpu, Counter.ITERATIONS);
      if (config.work().iterations().get(cpu) != Work.ENDLESS) {
        assertEquals(config.work().iterations().get(cpu), iterations);
      }
      assertEquals(
          iterations * config.sites().count(),
          run.lab().counter(cpu, Counter.SITES_OFF) + run.lab().counter(cpu, Counter.SITES_ON),
          "sites passed on CPU " + cpu);
      assertEquals(GuestKernel.expectedChecksum(config, iterations), run.lab().counter(cpu, Counter.CHECKSUM));
    }
    assertArrayEquals(run.expectedText(), run.textInRam());
  }

  /// Changes the image's text.
  private static void plant(Image image, long address, byte[] bytes) {
    Section text = image.section(".text").orElseThrow();
    System.arraycopy(bytes, 0, text.bytes(), (int) (address - text.address()), bytes.length);
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk", "nosync-kick"})
  void bootsPatchesAndEnds(String protocol) {
    GuestRun run = GuestRun.of(small(protocol).build());
    assertDone(run);
    assertEquals("crosspatch " + Keys.protocol(protocol).isa() + " guest kernel\n", run.lab().console());
    assertEquals(run.config().pokes(), run.pokes().size());
    assertTrue(run.lab().total(Counter.SITES_ON) > 0, "some site must have run with its key on");
    assertTrue(run.lab().total(Counter.SITES_OFF) > 0, "some site must have run with its key off");
    if (!protocol.equals("nosync-kick")) {
      assertTrue(run.lab().total(Counter.TRAPS) > 0, "some CPU must have met a breakpoint");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk", "nosync-kick"})
  void survivesTheStalestFetchWithoutCoherence(String protocol) {
    assertDone(GuestRun.of(small(protocol).sites(24).build(), Staleness.ADVERSARIAL, Keys.isX86(protocol)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk", "nosync-kick"})
  void everyRoundIsAnsweredByAllOthers(String protocol) {
    GuestRun run = GuestRun.of(small(protocol).build());
    long rounds = run.spans(Span.SYNC);
    for (int cpu = 0; cpu < run.config().work().cpus(); cpu++) {
      assertEquals(cpu == run.config().patching().cpu() ? 0 : rounds, run.lab().counter(cpu, Counter.IPIS),
          "calls answered by CPU " + cpu);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk", "nosync-kick"})
  void batchesShareTheirRounds(String protocol) {
    long perBatch = switch (protocol) {
      case "int3-batch" -> 3;
      case "brk" -> 2;
      default -> 1;
    };
    assertEquals(perBatch, roundsOfOneFlip(protocol, 256));
    assertEquals(perBatch * 2, roundsOfOneFlip(protocol, 28));
    assertEquals(perBatch * 56, roundsOfOneFlip(protocol, 1));
  }

  private static long roundsOfOneFlip(String protocol, int batchLimit) {
    GuestRun run = GuestRun.of(small(protocol).sites(56).iterations(Work.ENDLESS).flips(1)
        .batchLimit(batchLimit).build());
    assertDone(run);
    assertEquals((56 + batchLimit - 1) / batchLimit, run.spans(Span.BATCH));
    assertEquals(1, run.spans(Span.FLIP));
    return run.spans(Span.SYNC);
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void idleCpusAnswerAndTimersTick(String protocol) {
    GuestRun run = GuestRun.of(small(protocol).iterations(300L, 0L, 300L, Work.ENDLESS).patchingCpu(2)
        .tickInterval(Keys.isX86(protocol) ? 5_000 : 300).build());
    assertDone(run);
    assertEquals(0, run.lab().counter(1, Counter.ITERATIONS));
    assertEquals(run.spans(Span.SYNC), run.lab().counter(1, Counter.IPIS));
    for (int cpu = 0; cpu < 4; cpu++) {
      assertTrue(run.lab().counter(cpu, Counter.TICKS) > 5, "ticks of CPU " + cpu);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpuid", "iret", "serialize"})
  void x86SyncsWithEveryKind(String kind) {
    assertDone(GuestRun.of(small("int3-batch").sync(kind).alias(Alias.DIRECT_MAP).build()));
  }

  @Test
  void sitesStandWhereTheyArePlaced() {
    List<SiteSpec> sites = new ArrayList<>();
    for (int before = 1; before < 5; before++) {
      sites.add(new SiteSpec(0, 5, Placement.line(64 - before)));
      sites.add(new SiteSpec(1, 5, Placement.page(before)));
      sites.add(new SiteSpec(0, 5, Placement.window16(16 - before)));
      sites.add(new SiteSpec(1, 5, Placement.window32(32 - before)));
    }
    sites.add(new SiteSpec(1, 2, Placement.line(63)));
    sites.add(new SiteSpec(1, 2, Placement.page(1)));
    GuestRun run = GuestRun.of(small("int3-batch").keys(2).sites(sites).build());
    for (int i = 0; i < sites.size(); i++) {
      Symbol site = run.image().find("site_" + i).orElseThrow();
      Placement place = sites.get(i).placement();
      assertEquals(place.offset(), Math.floorMod(site.address(), (long) place.boundary()), site.name());
      assertEquals(sites.get(i).length(), site.size());
    }
    assertDone(run);
    assertEquals(run.config().pokes(), run.pokes().size());
  }

  @Test
  void pokesSayWhatChanges() {
    GuestRun run = GuestRun.of(small("int3-batch").flips(2).build());
    Poke first = run.pokes().getFirst();
    assertEquals(run.image().address("site_0"), first.address());
    assertEquals("jump_label", first.mechanism());
    assertEquals("site_0", first.site());
    byte[] jump = run.isa().patchKit().jump(first.address(), run.image().address("site_0_on"), 5);
    assertArrayEquals(run.isa().patchKit().nop(5), first.before());
    assertArrayEquals(jump, first.after());
    assertArrayEquals(jump, run.pokes().get(16).before());
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk", "nosync-kick"})
  void withoutReportThePokeLogIsEmpty(String protocol) {
    GuestRun run = GuestRun.of(small(protocol).leftOut(Set.of("report")).flips(3).build());
    assertEquals("exit 0", run.lab().outcome().text());
    assertEquals(0, run.pokes().size());
  }

  /// A kernel whose text differs from what its keys say refuses to patch, naming the site.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void refusesToPatchForeignText(String protocol) {
    Isa isa = GuestRun.isa(protocol);
    GuestConfig config = small(protocol).build();
    Image image = GuestKernel.build(isa, GuestRun.assembler(isa), config);
    long site = image.address("site_5");
    plant(image, site,
        isa.patchKit().jump(site, site + config.sites().list().get(5).length(), config.sites().list().get(5).length()));
    GuestRun run = GuestRun.of(isa, config, image, Staleness.TYPICAL, true);
    GuestOutcome.Panic panic = (GuestOutcome.Panic) run.lab().outcome();
    assertEquals(PanicCode.OLD_TEXT_DIFFERS.code(), panic.code());
    assertEquals(site, panic.address());
    assertTrue(panic.text()
        .contains("the text before the poke is not what it should be at 0x" + Long.toHexString(site)), panic.text());
  }

  /// A breakpoint in the text that no poke put there.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void reportsABreakpointNobodyOwns(String protocol) {
    Isa isa = GuestRun.isa(protocol);
    GuestConfig config = small(protocol).build();
    Image image = GuestKernel.build(isa, GuestRun.assembler(isa), config);
    long leaf = image.address("leaf_3");
    plant(image, leaf, isa.patchKit().trap());
    GuestRun run = GuestRun.of(isa, config, image, Staleness.TYPICAL, true);
    assertEquals(leaf, ((GuestOutcome.UnclaimedTrap) run.lab().outcome()).address());
    assertTrue(run.lab().outcome().text().endsWith("breakpoint nobody owns at 0x" + Long.toHexString(leaf)),
        run.lab().outcome().text());
  }

  /// An exception the kernel does not expect ends in a panic that names vector and address.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void panicsOnAnUnexpectedException(String protocol) {
    Isa isa = GuestRun.isa(protocol);
    GuestConfig config = small(protocol).build();
    Image image = GuestKernel.build(isa, GuestRun.assembler(isa), config);
    long leaf = image.address("leaf_0");
    plant(image, leaf, Keys.isX86(protocol) ? new byte[] {0x0f, 0x0b} : new byte[4]); // UD2; UDF #0
    GuestRun run = GuestRun.of(isa, config, image, Staleness.TYPICAL, true);
    GuestOutcome.Panic panic = (GuestOutcome.Panic) run.lab().outcome();
    assertEquals(leaf, panic.address());
    assertEquals(PanicCode.EXCEPTION.code() + (Keys.isX86(protocol) ? 6 : 4 * 64), panic.code());
  }

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void runsOnOneCpuAndOnMany(String protocol) {
    for (int cpus : new int[] {1, Work.CPUS_MAX}) {
      GuestRun run = GuestRun.of(small(protocol).cpus(cpus).sites(4).iterations(5L).flips(1).build());
      assertDone(run);
      assertEquals((cpus - 1) * run.spans(Span.SYNC), run.lab().total(Counter.IPIS));
    }
  }

  @Test
  void refusesMoreTextThanThereIsRoomFor() {
    Isa isa = GuestRun.isa("brk");
    List<SiteSpec> sites = Collections.nCopies(4100, new SiteSpec(0, 4, Placement.page(0)));
    GuestConfig config = small("brk").sites(sites).build();
    var error = assertThrows(IllegalArgumentException.class,
        () -> GuestKernel.build(isa, GuestRun.assembler(isa), config));
    String message = String.valueOf(error.getMessage());
    assertTrue(message.matches("section .text ends at 0x[0-9a-f]+, behind the start of section .rodata at 0x[0-9a-f]+"),
        message);
  }

  @Test
  void everyFunctionHasAKindAndASize() {
    for (String protocol : List.of("int3-batch", "brk")) {
      Isa isa = GuestRun.isa(protocol);
      Image image = GuestKernel.build(isa, GuestRun.assembler(isa), small(protocol).build());
      for (String name : List.of("start", "secondary_start", "cpu_main", "poke_finish", "await_calls", "work_0",
          "leaf_7", "work_iteration")) {
        Symbol symbol = image.find(name).orElseThrow();
        assertEquals(Symbol.Kind.FUNCTION, symbol.kind(), name);
        assertTrue(symbol.size() > 0, name);
      }
    }
  }
}
