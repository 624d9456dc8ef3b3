package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.tracer.text.Poke;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Programs that the kernel makes, attaches, chains by tail calls and frees while others run them; callers look how
/// often they ran, and end the run if that is wrong.
final class BpfJitTest {
  private static final Mechanism MECHANISM = Mechanisms.shipped("bpf-jit");
  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int PACK_SIZE = 4096;

  /// Flips of a key until all is as it was.
  private static final int CYCLE = 6;

  /// Bytes of a program that a tail call passes over.
  private static final int TAIL_CALL_OFFSET = 15;

  /// Programs in a call that makes all its tail calls.
  private static final int CHAIN = 4;

  private static GuestRun run(String protocol, int flips, String... leftOut) {
    return run(protocol, 2, flips, leftOut);
  }

  private static GuestRun run(String protocol, int keys, int flips, String... leftOut) {
    boolean x86 = MECHANISM.protocol(protocol).isa().equals("x86-64");
    List<SiteSpec> sites = IntStream.range(0, 4 * keys)
        .mapToObj(i -> new SiteSpec(i / 4, x86 ? 5 : 4, SiteSpec.Placement.ANY)).toList();
    return GuestRun.of(GuestConfig.builder(MECHANISM, MECHANISM.protocol(protocol)).cpus(3).keys(keys).sites(sites)
        .iterations(Work.ENDLESS).flips(flips).flipInterval(x86 ? 5000 : 400).tasks(2)
        .tickInterval(x86 ? 20_000 : 1000).leftOut(Set.of(leftOut)).build(), Staleness.ADVERSARIAL, x86);
  }

  private static GuestRun whole(String protocol, int flips) {
    GuestRun run = run(protocol, flips);
    assertEquals("exit 0", run.lab().outcome().text());
    for (int cpu = 0; cpu < 3; cpu++) {
      assertEquals(GuestKernel.expectedChecksum(run.config(), run.lab().counter(cpu, Counter.ITERATIONS)),
          run.lab().counter(cpu, Counter.CHECKSUM));
    }
    return run;
  }

  private static int operand(byte[] branch) {
    return (int) INT.get(branch, 1);
  }

  private static boolean isJump(byte[] text) {
    return text.length == 5 && (text[0] & 0xff) == 0xe9;
  }

  private static boolean isProgram(Poke poke) {
    return poke.site().equals("bpf_prog");
  }

  /// Where the jump `text` at `address` goes.
  private static long target(long address, byte[] text) {
    return address + 5 + operand(text);
  }

  /// The slot of a tail call goes from one program to the next by one jump in place of another, while callers run
  /// through it, who see all programs of the chain each time; the old one goes away behind that, and not before.
  @Test
  void aTailCallIsRetargetedUnderLoad() {
    GuestRun run = whole("int3-batch", 2 * CYCLE);
    assertTrue(run.lab().total(Counter.TRAPS) > 0, "nobody came by");
    int retargeted = 0;
    List<Poke> pokes = run.pokes();
    for (int i = 0; i < pokes.size(); i++) {
      Poke poke = pokes.get(i);
      if (!isProgram(poke) || !isJump(poke.before()) || !isJump(poke.after())) {
        continue;
      }
      retargeted++;
      long old = target(poke.address(), poke.before()) - TAIL_CALL_OFFSET;
      long now = target(poke.address(), poke.after()) - TAIL_CALL_OFFSET;
      assertNotEquals(old, now);
      assertTrue(last(pokes.subList(0, i), now).before().length == 0, "the new program is there");
      assertTrue(last(pokes.subList(0, i), old).before().length == 0, "the old one still is");
    }
    assertTrue(retargeted >= 4, retargeted + " slots");
  }

  /// More programs, trampolines and dispatchers than a page holds: the kernel says so.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void aPackThatIsFullEndsTheRun(String protocol) {
    String end = run(protocol, 24, 24).lab().outcome().text();
    assertTrue(end.contains("panic: no room is left at "), end);
  }

  /// What appeared or went away last at `address`.
  private static Poke last(List<Poke> pokes, long address) {
    return pokes.reversed().stream()
        .filter(p -> p.address() == address && (p.before().length == 0 || p.after().length == 0)).findFirst()
        .orElseThrow();
  }

  /// A way in is opened when the jump behind it is there, and closed before the jump goes.
  @Test
  void theWayToAJumpIsOpenOnlyWhileItIsThere() {
    int opened = 0;
    int closed = 0;
    Map<Long, byte[]> text = new HashMap<>();
    for (Poke poke : whole("int3-batch", 2 * CYCLE).pokes()) {
      if (!isProgram(poke) || poke.before().length != 5) {
        continue;
      }
      text.put(poke.address(), poke.after());
      // The way around a jump goes over POPs and an ADD to behind it.
      if (isJump(poke.before()) && operand(poke.before()) == 20) {
        assertTrue(isJump(text.getOrDefault(poke.address() + 20, new byte[0])), "it leads to no jump");
        opened++;
      } else if (isJump(poke.after()) && operand(poke.after()) == 20) {
        assertTrue(isJump(text.getOrDefault(poke.address() + 20, new byte[0])), "the jump has gone");
        closed++;
      }
    }
    assertTrue(opened >= 4 && closed >= 4, opened + " opened, " + closed + " closed");
  }

  /// Chunks go to other code at the same address, and what nobody has is full of breakpoints.
  @ParameterizedTest
  @CsvSource({"int3-batch, cc", "brk, 002020d4"})
  void whatIsFreedIsUsedAgainForOtherCode(String protocol, String hole) {
    GuestRun run = whole(protocol, 4 * CYCLE + 3);
    TreeMap<Long, byte[]> there = new TreeMap<>();
    Map<Long, byte[]> before = new HashMap<>();
    int others = 0;
    for (Poke poke : run.pokes()) {
      if (poke.before().length == 0) {
        byte[] old = before.get(poke.address());
        others += old == null || Arrays.equals(old, poke.after()) ? 0 : 1;
        there.put(poke.address(), poke.after().clone());
      } else if (poke.after().length == 0) {
        assertArrayEquals(there.get(poke.address()), poke.before());
        before.put(poke.address(), there.remove(poke.address()));
      } else if (isProgram(poke)) {
        Map.Entry<Long, byte[]> image = there.floorEntry(poke.address());
        int at = (int) (poke.address() - image.getKey());
        assertArrayEquals(poke.before(), Arrays.copyOfRange(image.getValue(), at, at + poke.before().length));
        System.arraycopy(poke.after(), 0, image.getValue(), at, poke.after().length);
      }
    }
    assertTrue(others >= 8, "only " + others + " images lie where another one was");

    long room = GuestLayout.textRoom(run.isa(), run.config());
    byte[] bytes = HexFormat.of().parseHex(hole);
    byte[] expected = new byte[PACK_SIZE];
    for (int i = 0; i < PACK_SIZE; i++) {
      expected[i] = bytes[i % bytes.length];
    }
    there.forEach((at, text) -> System.arraycopy(text, 0, expected, (int) (at - room), text.length));
    int at = run.textAt() + (int) (room - run.text().address());
    assertArrayEquals(expected, Arrays.copyOfRange(run.machine().memory().data(), at, at + PACK_SIZE));
  }

  /// Every call that goes to the program counts it once, or as often as tail calls are allowed.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void programsRun(String protocol) {
    GuestRun run = whole(protocol, 2 * CYCLE);
    long calls = IntStream.range(0, 3).mapToLong(cpu -> run.lab().counter(cpu, Counter.ITERATIONS)).sum() * 8;
    long programs = run.lab().total(Counter.SITES_ON);
    assertTrue(programs > 0 && programs < calls * CHAIN, () -> programs + " in " + calls + " calls");
  }

  /// One BL goes by the PLT as long as anything is attached: going on to another trampoline is data, no text event.
  @Test
  void aPltIsWrittenAsData() {
    GuestRun run = whole("brk", CYCLE * 2);
    List<List<Poke>> bySite = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String site = "site_" + i;
      bySite.add(run.pokes().stream().filter(p -> p.site().equals(site)).toList());
    }
    // Key 0 has half of the flips: attached, on to another, detached.
    assertEquals(List.of(3, 3, 2, 2), bySite.stream().map(List::size).toList());
    for (int i = 2; i < 4; i++) {
      Poke poke = bySite.get(i).getFirst();
      int word = (int) INT.get(poke.after(), 0);
      assertEquals(i == 2 ? 0x25 : 5, word >>> 26, "BL or B");
      assertEquals(run.image().address("site_" + i + "_on"), poke.address() + ((long) (word << 6) >> 4));
    }
  }

  @ParameterizedTest
  @CsvSource({"int3-batch, tail-order", "int3-batch, old-text", "brk, old-text"})
  void callersSeeThatProgramsAreLost(String protocol, String step) {
    GuestOutcome.Panic panic = assertInstanceOf(GuestOutcome.Panic.class,
        run(protocol, 2 * CYCLE, step).lab().outcome());
    assertEquals(PanicCode.COUNT_DIFFERS.code(), panic.code());
  }
}
