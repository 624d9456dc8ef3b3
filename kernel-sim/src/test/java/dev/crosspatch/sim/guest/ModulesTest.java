package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.tracer.text.Poke;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Modules come, are linked with the kernel, change with it and go, and what they leave is used again: callers find
/// them in the state of their key, whole, or not at all.
final class ModulesTest {
  private static final Mechanism MECHANISM = Mechanisms.shipped("modules");
  private static final int PLT_ENTRY = 12;

  private static GuestRun run(String protocol, int keys, int flips, String... leftOut) {
    boolean x86 = MECHANISM.protocol(protocol).isa().equals("x86-64");
    List<SiteSpec> sites = IntStream.range(0, 6)
        .mapToObj(i -> new SiteSpec(i % keys, x86 ? 5 : 4, SiteSpec.Placement.ANY)).toList();
    return GuestRun.of(GuestConfig.builder(MECHANISM, MECHANISM.protocol(protocol)).cpus(3).keys(keys).sites(sites)
        .iterations(Work.ENDLESS).flips(flips).flipInterval(x86 ? 5000 : 400).tasks(2)
        .tickInterval(x86 ? 20_000 : 1000).leftOut(Set.of(leftOut)).build(), Staleness.ADVERSARIAL, x86);
  }

  private static void assertGood(GuestRun run) {
    assertEquals("exit 0", run.lab().outcome().text());
    for (int cpu = 0; cpu < 3; cpu++) {
      assertEquals(GuestKernel.expectedChecksum(run.config(), run.lab().counter(cpu, Counter.ITERATIONS)),
          run.lab().counter(cpu, Counter.CHECKSUM));
    }
    assertTrue(run.lab().total(Counter.SITES_ON) > 0, "calls of modules");
    assertTrue(run.lab().total(Counter.SITES_OFF) > 0, "calls while there was none");
  }

  /// The log says what is where: what goes away is what came, with all changes; the room of a module goes to another
  /// one, and that of an init text to a core text.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk", "nosync-kick"})
  void whatGoesIsWhatCameAndLeavesItsRoomToOthers(String protocol) {
    GuestRun run = run(protocol, 2, 24);
    assertGood(run);
    TreeMap<Long, byte[]> there = new TreeMap<>(Long::compareUnsigned);
    TreeMap<Long, byte[]> inits = new TreeMap<>(Long::compareUnsigned);
    TreeMap<Long, String> before = new TreeMap<>(Long::compareUnsigned);
    int others = 0;
    int ofInits = 0;
    for (Poke poke : run.pokes()) {
      Map.Entry<Long, byte[]> text = there.floorEntry(poke.address());
      if (poke.before().length == 0) {
        there.put(poke.address(), poke.after().clone());
        String last = before.put(poke.address(), poke.site());
        others += last == null || last.equals(poke.site()) ? 0 : 1;
        Map.Entry<Long, byte[]> init = inits.floorEntry(poke.address());
        ofInits += !poke.site().endsWith("_init") && init != null
            && poke.address() - init.getKey() < init.getValue().length ? 1 : 0;
      } else if (poke.after().length == 0) {
        assertArrayEquals(there.remove(poke.address()), poke.before(), poke.site());
        if (poke.site().endsWith("_init")) {
          inits.put(poke.address(), poke.before());
        }
      } else if (text != null && poke.address() - text.getKey() < text.getValue().length) {
        int at = (int) (poke.address() - text.getKey());
        assertArrayEquals(Arrays.copyOfRange(text.getValue(), at, at + poke.before().length), poke.before());
        System.arraycopy(poke.after(), 0, text.getValue(), at, poke.after().length);
      }
    }
    assertTrue(others > 2, others + " modules came where another one was");
    assertTrue(ofInits > 0, "no module came where init text was");
  }

  /// Loaded and switched on; another one, which gets the key's state before anybody calls it; traced; gone; and again
  /// with a key that is on. The sites of the kernel and the one of the module change in one batch.
  @ParameterizedTest
  @CsvSource({"int3-batch, 7", "brk, 6"})
  void aKeyChangesKernelAndModuleInOneBatch(String protocol, int batches) {
    GuestRun run = run(protocol, 1, 10);
    assertGood(run);
    assertEquals(batches, run.spans(Span.BATCH));
    List<Integer> branches = new ArrayList<>();
    for (int i = 0; i < run.pokes().size(); i++) {
      if (run.pokes().get(i).site().endsWith("_branch")) {
        branches.add(i);
      }
    }
    assertEquals(4, branches.size(), "two changes of the key, two modules that are loaded while it is on");
    List<String> first = run.pokes().subList(branches.getFirst() - 6, branches.getFirst()).stream().map(Poke::site)
        .toList();
    assertEquals(IntStream.range(0, 6).mapToObj(GuestKernel::siteSymbol).toList(), first);
  }

  /// A call in a module's core text goes to the kernel's function: over 128 MiB and more by the module's PLT.
  @Test
  void farModulesCallThroughThePlt() {
    GuestRun run = run("brk", 1, 5);
    assertGood(run);
    Poke module = run.pokes().stream().filter(p -> p.before().length == 0).findFirst().orElseThrow();
    assertTrue(module.address() - run.image().address("_etext") > 128 << 20);
    ByteBuffer text = ByteBuffer.wrap(module.after()).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(run.image().address("module_ops"), text.getLong(0));
    int call = IntStream.range(0, text.capacity() / 4).filter(i -> text.getInt(4 * i) >>> 26 == 0x25).findFirst()
        .orElseThrow() * 4;
    assertEquals(run.image().address("module_count"), behindPlt(module.address(), text, call, text.getInt(call)));

    Poke traced = run.pokes().stream()
        .filter(p -> p.site().equals("module_b") && p.before().length == 4).findFirst().orElseThrow();
    Poke other = run.pokes().stream()
        .filter(p -> p.site().equals("module_b") && p.before().length == 0).findFirst().orElseThrow();
    assertEquals(run.image().address("ftrace_caller"), behindPlt(other.address(),
        ByteBuffer.wrap(other.after()).order(ByteOrder.LITTLE_ENDIAN), (int) (traced.address() - other.address()),
        ByteBuffer.wrap(traced.after()).order(ByteOrder.LITTLE_ENDIAN).getInt()));
  }

  /// Where the branch `word` at `at` goes by an entry of the PLT in the same text.
  private static long behindPlt(long address, ByteBuffer text, int at, int word) {
    int entry = at + (word << 6 >> 4);
    assertTrue(entry > at && entry + PLT_ENTRY <= text.capacity(), () -> "to " + entry);
    int adrp = text.getInt(entry);
    int add = text.getInt(entry + 4);
    assertEquals(0x90000010, adrp & 0x9f00001f);
    assertEquals(0x91000210, add & 0xffc003ff);
    assertEquals(0xd61f0200, text.getInt(entry + 8));
    long pages = (long) (adrp << 8 >> 13) << 2 | (adrp >>> 29 & 3);
    return (address + entry & -4096) + (pages << 12) + (add >>> 10 & 0xfff);
  }

  /// x86-64's modules are within 2 GiB of the kernel and call it directly.
  @Test
  void nearModulesCallTheKernel() {
    GuestRun run = run("int3-batch", 1, 1);
    Poke module = run.pokes().stream().filter(p -> p.before().length == 0).findFirst().orElseThrow();
    ByteBuffer text = ByteBuffer.wrap(module.after()).order(ByteOrder.LITTLE_ENDIAN);
    int call = IntStream.range(0, text.capacity()).filter(i -> text.get(i) == (byte) 0xe8).findFirst().orElseThrow();
    assertEquals(run.image().address("module_count"), module.address() + call + 5 + text.getInt(call + 1));
  }

  /// The bytes of a module's text, where it is in its file, as it appears: `length` at a label of the file.
  private static byte[] appeared(GuestRun run, Poke module, String label, int length) {
    int at = (int) (run.image().address(label + module.site().substring("module".length()))
        - run.image().address(module.site()));
    return Arrays.copyOfRange(module.after(), at, at + length);
  }

  private static List<Poke> cores(GuestRun run) {
    List<Poke> cores = run.pokes().stream().filter(p -> p.before().length == 0 && !p.site().endsWith("_init")).toList();
    assertEquals(Set.of("module_a", "module_b", "module_c"),
        cores.stream().map(Poke::site).collect(Collectors.toSet()));
    return cores;
  }

  /// What appears is decided: a call of the kernel mended for where the module is, a jump that is short now, of two
  /// numbers the later. No event tells of it, and what was for features that are not there is not.
  @Test
  void nearAlternativesAreDecidedBeforeTheTextAppears() {
    GuestRun run = run("int3-batch", 1, 8);
    assertGood(run);
    for (Poke module : cores(run)) {
      ByteBuffer call = ByteBuffer.wrap(appeared(run, module, "call", 5)).order(ByteOrder.LITTLE_ENDIAN);
      assertEquals((byte) 0xe8, call.get(0));
      long next = module.address() + run.image().address("jump" + module.site().substring(6))
          - run.image().address(module.site());
      assertEquals(run.image().address("module_chosen"), next + call.getInt(1));
      assertArrayEquals(HexFormat.of().parseHex("eb060f1f00"), appeared(run, module, "jump", 5));
      assertArrayEquals(HexFormat.of().parseHex("ffcf0f1f4000"), appeared(run, module, "number", 6));
    }
    assertEquals(Set.of(5), changed(run));
  }

  /// The same far away: the call goes by the module's PLT, which the replacement's went by.
  @Test
  void farAlternativesAreDecidedBeforeTheTextAppears() {
    GuestRun run = run("brk", 1, 8);
    assertGood(run);
    for (Poke module : cores(run)) {
      ByteBuffer text = ByteBuffer.wrap(module.after()).order(ByteOrder.LITTLE_ENDIAN);
      int call = (int) (run.image().address("call" + module.site().substring(6)) - run.image().address(module.site()));
      assertEquals(0x25, text.getInt(call) >>> 26);
      assertEquals(run.image().address("module_chosen"), behindPlt(module.address(), text, call, text.getInt(call)));
      assertEquals(0x14000002, text.getInt(call + 4), "b, over one instruction");
      assertEquals(0xd1000400, text.getInt(call + 12), "sub x0, x0, 1");
    }
    assertEquals(Set.of(4), changed(run));
  }

  /// Lengths of text that changed.
  private static Set<Integer> changed(GuestRun run) {
    return run.pokes().stream().filter(p -> p.before().length == p.after().length).map(p -> p.after().length)
        .collect(Collectors.toSet());
  }

  @ParameterizedTest
  @CsvSource({"int3-batch, alternatives", "int3-batch, alternatives-order", "int3-batch, alternatives-nops",
      "brk, alternatives", "brk, alternatives-order"})
  void alternativesThatAreNotDecidedAreMissed(String protocol, String step) {
    String outcome = run(protocol, 2, 24, step).lab().outcome().text();
    assertTrue(outcome.startsWith("panic: a call was not counted as the state of its key says"), outcome);
  }

  @ParameterizedTest
  @CsvSource({"int3-batch, close", "int3-batch, load-sync", "int3-batch, alternatives-fixup", "brk, close",
      "brk, flush", "brk, plt", "brk, alternatives-fixup"})
  void whatIsLeftOutIsMissed(String protocol, String step) {
    assertNotEquals("exit 0", run(protocol, 2, 24, step).lab().outcome().text());
  }

  /// A caller sees the kernel's sites in one state and the module's in the other.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void keysThatAreLate(String protocol) {
    String outcome = run(protocol, 2, 24, "keys-order").lab().outcome().text();
    assertTrue(outcome.startsWith("panic: a call was not counted as the state of its key says"), outcome);
  }
}
