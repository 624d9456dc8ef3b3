package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.core.time.EventCost;
import dev.crosspatch.core.time.TimingModel;
import dev.crosspatch.core.uop.CostClass;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Page walks are loads and locked stores of the core that walks (SDM vol. 3 4.8, 11.7): they cost cache misses, and
/// all who care for stores hear of the accessed and dirty bits.
final class X86WalkTest {
  private static final long VA = 0x40_0000;
  private static final long PAGE = X86Mmu.PRESENT | X86Mmu.USER | X86Mmu.WRITABLE;

  private final X86Lab lab = new X86Lab(2, "f4");
  private final long page = lab.mapUser(VA, PAGE);
  private final long leaf = entry(lab, 0);

  /// Physical address of the entry of [#VA] at a level.
  private static long entry(X86Lab lab, int level) {
    long table = lab.core(0).cr3;
    for (int i = 3; i > level; i--) {
      table = lab.machine.readPhysical(table + ((VA >>> (12 + 9 * i) & 511) << 3)) & -4096;
    }
    return table + ((VA >>> (12 + 9 * level) & 511) << 3);
  }

  private static long walk(Core core, int access) {
    core.translations.flush(false);
    long before = core.clock();
    assertTrue(core.translate(VA, access) != -1);
    return core.clock() - before;
  }

  @Test
  void aWalkCostsTheMissesOfItsEntries() {
    TimingModel timing = lab.machine.timing();
    long hit = timing.cost(EventCost.TLB_MISS);
    long marks = 4L * timing.cost(CostClass.ATOMIC);
    long tables = 3L * timing.cost(EventCost.WALK_LEVEL);
    assertEquals(hit + tables + 4L * timing.cost(EventCost.MEMORY) + marks, walk(lab.core(0), Core.READ));
    assertEquals(hit, walk(lab.core(0), Core.READ), "the walk cache knows the last table, and the bits are set");
    assertEquals(hit + tables + 4L * timing.cost(EventCost.REMOTE_LINE), walk(lab.core(1), Core.READ),
        "the other core has them modified");
    assertEquals(hit + marks / 4 + timing.cost(EventCost.REMOTE_LINE), walk(lab.core(1), Core.WRITE),
        "the dirty bit needs the leaf's line alone");
  }

  @Test
  void accessedAndDirtyBitsBreakTheMonitorsOfOthers() {
    for (int access : new int[] {Core.READ, Core.WRITE}) {
      lab.core(1).monitor.set(leaf);
      walk(lab.core(0), access);
      assertFalse(lab.core(1).monitor.claim(leaf), "kind " + access + ": a bit was set");
      lab.core(1).monitor.set(leaf);
      walk(lab.core(0), access);
      assertTrue(lab.core(1).monitor.claim(leaf), "kind " + access + ": it was set already");
    }
  }

  @Test
  void thoseWhoHearStoresHearOfThem() {
    List<Event> heard = new ArrayList<>();
    lab.machine.probe().textStores.hear(heard::add);
    lab.machine.watchText(leaf, 8);
    walk(lab.core(0), Core.READ);
    long value = page | PAGE | X86Mmu.ACCESSED;
    long cycle = lab.core(0).cycles();
    assertEquals(List.of(new Event.TextStored(0, cycle, leaf, 8, value)), heard);
    walk(lab.core(0), Core.READ);
    assertEquals(1, heard.size(), "nothing was stored");
  }

  // ---- a page table in a line of executed code

  private static final int F = 0x306;
  private static final int ROUNDS = 64;

  /// Calls `f: mov rax, imm64; ret`, whose immediate is the leaf entry of an address, loads from that address, and
  /// calls f again: how often that has not yet the accessed bit. Then the bit is cleared through an alias.
  private static long stale(Staleness staleness, String between) {
    long va = 0x60_0000 + (F + 2) / 8 * 4096L;
    String loop = call(0) + "49 8b 0f" + between; // mov rcx, [r15]
    loop += call(X86Lab.bytes(loop).length)
        + "a8 20  75 03  49 ff c6" // test al, 0x20; jnz 1f; inc r14; 1:
        + "41 c6 04 24 07  41 0f 01 3f" // mov byte [r12], 7; invlpg [r15]
        + "41 ff cd  0f 85"; // dec r13d; jnz loop
    loop += little(-X86Lab.bytes(loop).length - 4, 4) + "f4";
    String start = "48 c7 c4 00 80 10 81" // mov rsp, DATA + 0x8000
        + "49 bf" + little(va, 8) + "49 bc" + little(X86Lab.DIRECT_MAP + text() + F + 2, 8)
        + "41 bd 40 00 00 00"; // mov r13d, 64
    X86Lab lab = new X86Lab(1, staleness, start, "e9", little(0x100 - X86Lab.bytes(start).length - 5, 4));
    lab.put(0x100, loop);
    long data = lab.mapUser(va, PAGE);
    long table = lab.machine.readPhysical((lab.machine.readPhysical(lab.core(0).cr3) & -4096)) & -4096;
    lab.machine.writePhysical(table + (va >>> 21) * 8, text() | PAGE);
    lab.put(F, "48 b8", little(data | PAGE, 8), "c3");
    lab.run();
    assertEquals(0, lab.core(0).r[13], "rounds left");
    assertEquals(lab.core(0).r[14], lab.machine.counters(0).staleExecutions());
    return lab.core(0).r[14];
  }

  private static long text() {
    return X86Lab.TEXT - X86Lab.LINK_OFFSET;
  }

  private static String call(int at) {
    return "e8" + little(F - (0x100 + at + 5), 4);
  }

  private static String little(long value, int bytes) {
    return HexFormat.of().toHexDigits(Long.reverseBytes(value)).substring(0, 2 * bytes);
  }

  @Test
  void anEntryInExecutedTextMakesItStale() {
    long stale = stale(Staleness.ADVERSARIAL, "");
    assertTrue(stale > 0 && stale < ROUNDS, stale + " of " + ROUNDS);
    assertEquals(0, stale(Staleness.ADVERSARIAL, "31 c0  0f a2"), "CPUID drops what was fetched ahead");
    assertEquals(0, stale(Staleness.TYPICAL, ""), "a core clears what its own stores change");
  }
}
