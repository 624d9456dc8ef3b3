package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.tracer.text.Poke;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Room for text is found, freed and found again at the same address; the kernel itself tries several hundred slots at
/// boot, and gives up if one is not where first fit has it.
final class TextAllocTest {
  private static final Mechanism SLOTS = Mechanisms.find(
      "./slots", Path.of("src/test/resources/dev/crosspatch/sim/mechanism/x.yaml"));

  private static GuestRun run(String protocol) {
    List<SiteSpec> sites = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      sites.add(new SiteSpec(i, SLOTS.on(SLOTS.protocol(protocol).isa()).usualLength(), SiteSpec.Placement.ANY));
    }
    return GuestRun.of(GuestConfig.builder(SLOTS, SLOTS.protocol(protocol)).cpus(3).keys(8).sites(sites)
        .flipOrder(List.of(0, 1, 2, 3, 0, 4, 5, 2, 6, 4, 7, 5, 3, 7, 1, 6)).iterations(Work.ENDLESS).flips(64)
        .flipInterval(protocol.equals("bytes") ? 3000 : 200).build(), Staleness.ADVERSARIAL, false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes", "words"})
  void freedRoomIsUsedAgainAtOnce(String protocol) {
    GuestRun run = run(protocol);
    assertEquals("exit 0", run.lab().outcome().text());
    assertTrue(run.lab().total(Counter.SITES_ON) > 0, "slots have run");
    Map<Long, Poke> there = new HashMap<>();
    Map<Long, String> last = new HashMap<>();
    int handedOn = 0;
    for (Poke poke : run.pokes()) {
      if (poke.before().length == 0) {
        there.values().forEach(p -> assertTrue(p.address() + p.after().length <= poke.address()
            || poke.address() + poke.after().length <= p.address(), () -> poke + " lies over " + p));
        there.put(poke.address(), poke);
        handedOn += poke.site().equals(last.getOrDefault(poke.address(), poke.site())) ? 0 : 1;
        last.put(poke.address(), poke.site());
      } else {
        Poke came = Objects.requireNonNull(there.remove(poke.address()));
        assertEquals(poke.site(), came.site());
      }
    }
    assertEquals(64, run.pokes().size());
    assertTrue(handedOn > 4, "only " + handedOn + " slots lie where one of another key was");
    assertTrue(last.size() < 12, "first fit does with few addresses, not " + last.size());
  }

  /// What nobody has traps: bytes that were text are so no more, and others of the pages in use never were.
  @ParameterizedTest
  @ValueSource(strings = {"bytes", "words"})
  void whatIsFreeTraps(String protocol) {
    GuestRun run = run(protocol);
    byte[] ram = run.machine().memory().data();
    int room = (int) (GuestLayout.textRoom(run.isa(), run.config()) - run.text().address()) + run.textAt();
    byte[] page = Arrays.copyOfRange(ram, room, room + 4096);
    for (Poke poke : run.pokes()) {
      int at = (int) (poke.address() - GuestLayout.textRoom(run.isa(), run.config()));
      byte[] text = poke.after().length > 0 ? poke.after() : trap(run, poke.before().length);
      System.arraycopy(text, 0, page, at, text.length);
    }
    assertEquals(Arrays.toString(Arrays.copyOfRange(ram, room, room + 4096)), Arrays.toString(page));
    for (int at = 2048; at < 4096; at++) {
      assertEquals(trap(run, 1)[0], page[at], "byte " + at + " of the room");
    }
  }

  private static byte[] trap(GuestRun run, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) (run.isa().coherentFetch() ? 0xcc : 0));
    return bytes;
  }
}
