package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.tracer.text.Poke;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Features decide what stands at a place, in order, moved and padded; what depends on how many CPUs are online is
/// changed while one is, and what a feature decides later while all others are stopped.
final class AlternativesTest {
  private static final Mechanism MECHANISM = Mechanisms.shipped("alternatives");
  private static final int SITES = 10;
  private static final int FLIPS = 24;

  private static GuestRun x86(int length, String... leftOut) {
    return GuestRun.of(config("smp-lock", length).cpus(2).hotplug(new Hotplug(1, 2)).flipInterval(10_000)
        .leftOut(Set.of(leftOut)).build(), Staleness.ADVERSARIAL, true);
  }

  /// CPU `patching` asks for each flip.
  private static GuestRun arm64(int patching, boolean coherent, String... leftOut) {
    return GuestRun.of(config("feature-stop", 4).cpus(3).patchingCpu(patching).flipInterval(300)
        .leftOut(Set.of(leftOut)).build(), Staleness.ADVERSARIAL, coherent);
  }

  private static GuestConfig.Builder config(String protocol, int length) {
    List<SiteSpec> sites = IntStream.range(0, SITES)
        .mapToObj(i -> new SiteSpec(i & 1, length, SiteSpec.Placement.ANY)).toList();
    return GuestConfig.builder(MECHANISM, MECHANISM.protocol(protocol)).sites(sites).keys(2)
        .iterations(Work.ENDLESS).flips(FLIPS);
  }

  private static void assertKept(GuestRun run) {
    assertEquals("exit 0", run.lab().outcome().text());
    assertEquals(new Contract(List.of(), List.of()), Contract.of(run));
    for (int cpu = 0; cpu < run.config().work().cpus(); cpu++) {
      assertEquals(GuestKernel.expectedChecksum(run.config(), run.lab().counter(cpu, Counter.ITERATIONS)),
          run.lab().counter(cpu, Counter.CHECKSUM));
    }
    assertEquals(HexFormat.of().formatHex(run.expectedText()), HexFormat.of().formatHex(run.textInRam()));
  }

  /// What is in memory at the end, from a symbol on.
  private static ByteBuffer memory(GuestRun run, String symbol) {
    int at = run.textAt() + (int) (run.image().address(symbol) - run.text().address());
    return ByteBuffer.wrap(run.machine().memory().data()).order(ByteOrder.LITTLE_ENDIAN).position(at).slice()
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String bytes(GuestRun run, String symbol, int count) {
    byte[] bytes = new byte[count];
    memory(run, symbol).get(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static List<Poke> at(GuestRun run, String symbol) {
    return run.pokes().stream().filter(p -> p.address() == run.image().address(symbol)).toList();
  }

  @Test
  void replacementsAreAppliedInOrderMovedAndPadded() {
    GuestRun run = x86(9);
    assertKept(run);
    assertEquals(List.of("b8ffffffff", "b8feffffff", "b801000000"), List.of(
        HexFormat.of().formatHex(at(run, "alternative_0").get(0).before()),
        HexFormat.of().formatHex(at(run, "alternative_0").get(1).before()), bytes(run, "alternative_0", 5)));
    long inc = run.image().address("alternative_inc");
    assertEquals(0xe8, memory(run, "alternative_1").get(0) & 0xff);
    assertEquals(inc, run.image().address("alternative_1") + 5 + memory(run, "alternative_1").getInt(1));
    // a short jump over what is left, three bytes of which are one NOP, and over two instructions of two bytes
    assertEquals("eb07" + "0f1f00", bytes(run, "alternative_2", 5));
    assertEquals("ffc0" + "0f1f00", bytes(run, "alternative_3", 5));
    assertEquals("ffc0", bytes(run, "alternative_4", 2), "nobody has the feature");
    assertTrue(at(run, "alternative_4").isEmpty());
  }

  /// Each flip while one CPU is online finds its key locked; before the other comes up all is locked again.
  @ParameterizedTest
  @CsvSource({"1,f0,3e", "9,f048ff020f1f440000,488b0248ffc0488902"})
  void textIsPlainWhileOneCpuIsOnline(int length, String locked, String plain) {
    GuestRun run = x86(length);
    assertKept(run);
    for (int n = 0; n < SITES; n++) {
      List<Poke> pokes = at(run, "site_" + n);
      assertEquals(FLIPS / 2, pokes.size());
      for (int i = 0; i < pokes.size(); i++) {
        assertEquals(0, pokes.get(i).cpu());
        assertEquals(i % 2 == 0 ? locked : plain, HexFormat.of().formatHex(pokes.get(i).before()));
        assertEquals(i % 2 == 0 ? plain : locked, HexFormat.of().formatHex(pokes.get(i).after()));
      }
    }
    long added = run.lab().total(Counter.SITES_OFF);
    assertEquals(added, memory(run, "smp_shared").getLong(0));
  }

  @Test
  void plainTextOnTwoCpusLosesUpdates() {
    GuestRun run = x86(9, "smp-restore");
    assertTrue(run.lab().outcome().text().startsWith("panic: what CPUs added to a counter was lost"),
        run.lab().outcome()::text);
    assertTrue(run.lab().outcome().text().contains(Long.toHexString(run.image().address("smp_shared"))));
  }

  @ParameterizedTest
  @CsvSource({"0", "1"})
  void cpu0PatchesForWhoeverAsks(int patching) {
    GuestRun run = arm64(patching, false);
    assertKept(run);
    assertTrue(run.lab().total(Counter.SITES_ON) > 0 && run.lab().total(Counter.SITES_OFF) > 0);
    assertTrue(run.pokes().stream().allMatch(p -> p.cpu() == 0));
    for (int cpu = 0; cpu < 3; cpu++) {
      assertEquals(cpu == patching ? 0 : FLIPS, run.lab().counter(cpu, Counter.IPIS));
    }
    for (int n = 0; n < SITES; n++) {
      assertEquals(FLIPS / 2, at(run, "site_" + n).size());
      assertEquals(0xd280000d | n << 5, memory(run, "number_" + n).getInt(0), "MOV X13, n");
    }
  }

  /// An odd number of flips of each key leaves what the feature has: BL, ADRP and what the callback made.
  @Test
  void branchesAndPagesAreMovedAndCallbacksAsked() {
    GuestRun run = GuestRun.of(config("feature-stop", 4).cpus(2).flips(2).flipInterval(300).build(),
        Staleness.ADVERSARIAL, false);
    assertKept(run);
    long site1 = run.image().address("site_1");
    int bl = memory(run, "site_1").getInt(0);
    assertEquals(0x94000000, bl & 0xfc000000);
    assertEquals(run.image().address("alternative_on"), site1 + ((long) bl << 38 >> 36));
    int adrp = memory(run, "site_2").getInt(0);
    assertEquals(0x9000000c, adrp & 0x9f00001f);
    long pages = ((long) adrp << 40 >> 45) << 2 | (adrp >> 29 & 3);
    assertEquals(run.image().address("counter_on"), (run.image().address("site_2") & -4096) + (pages << 12));
    int movz = memory(run, "site_3").getInt(0);
    assertEquals(0xd280000c, movz & 0xffe0001f);
    assertEquals(memory(run, "counter_on").getLong(0), movz >> 5 & 0xffff);
  }

  @ParameterizedTest
  @CsvSource({"0,false,alternatives-wait", "1,false,alternatives-isb", "1,false,dc-cvau", "1,false,ic-ivau",
      "0,true,local-isb"})
  void whoIsNotWaitedForOrMaintainedRunsOldWords(int patching, boolean coherent, String step) {
    GuestRun run = arm64(patching, coherent, step);
    assertFalse(Contract.of(run).late().isEmpty(), step);
    if (step.endsWith("isb")) {
      assertTrue(Contract.of(run).late().stream().allMatch(s -> s.cpu() == patching),
          "others return from an interrupt");
    }
  }

  @ParameterizedTest
  @CsvSource({"smp-lock,alternatives-order", "smp-lock,alternatives-fixup", "smp-lock,alternatives-nops",
      "feature-stop,alternatives-order", "feature-stop,alternatives-fixup"})
  void whatIsAppliedWronglyEndsInAPanic(String protocol, String step) {
    GuestRun run = protocol.equals("smp-lock") ? x86(9, step) : arm64(1, false, step);
    String why = step.endsWith("order") ? "panic: what ran has another result" : "panic: unexpected exception";
    assertTrue(run.lab().outcome().text().startsWith(why), run.lab().outcome()::text);
  }
}
