package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.event.Event.BarrierExecuted;
import dev.crosspatch.core.event.Event.ContextSynchronized;
import dev.crosspatch.core.event.Event.Diverted;
import dev.crosspatch.core.event.Event.InterruptSent;
import dev.crosspatch.core.event.Event.Maintenance;
import dev.crosspatch.core.event.Event.MaintenanceBegun;
import dev.crosspatch.core.event.Event.MaintenanceCompleted;
import dev.crosspatch.core.event.Event.TextStored;
import dev.crosspatch.core.event.Event.TranslationsDropped;
import dev.crosspatch.core.event.Event.VersionExecuted;
import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.isa.arm64.Arm64Isa;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a machine tells of itself, against what a program does by the manual.
final class ProbeTest {
  /// The full sequence of DDI0487 B2.7.4 for one word, a TLBI, and an interrupt to CPU 1, whose handler stops.
  private static final String PATCHING = """
      adr x11, f
      ldr x12, =TEXT_ALIAS
      and x13, x11, 0xffff
      add x12, x12, x13
      ldr w14, two
      bl f
      str w14, [x12]
      dc cvau, x11
      dsb ish
      ic ivau, x11
      dsb ish
      isb
      bl f
      tlbi vaae1is, x19
      address x11, ready
      1: ldar x15, [x11]
      cbz x15, 1b
      mov x10, 2
      orr x10, x10, 7 << 24
      msr icc_sgi1r_el1, x10
      2: wfi
      b 2b
      two: mov x0, 2
      .ltorg
      .balign 64
      f: mov x0, 1
      ret
      secondary_start:
      vectors
      mov x9, 0xf0
      msr icc_pmr_el1, x9
      mov x9, 1
      msr icc_igrpen1_el1, x9
      isb
      msr daifclr, 2
      address x11, ready
      mov x9, 1
      stlr x9, [x11]
      3: wfi
      b 3b
      irq_handler:
      stop
      .data
      .balign 64
      ready: .quad 0
      """;

  private static List<Event> events(Staleness staleness) {
    Arm64Guest g = new Arm64Guest(PATCHING, 2, staleness, false, false);
    List<Event> all = new ArrayList<>();
    g.machine.watchText(Arm64Guest.MAP.imageBase(), 0x4000);
    g.machine.probe().hearAll(all::add);
    g.run();
    return all;
  }

  private static <E extends Event> List<E> of(Class<E> kind, List<Event> all) {
    return all.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  @Test
  void everyStepOfPatchingIsTold() {
    List<Event> all = events(Staleness.TYPICAL);
    TextStored store = of(TextStored.class, all).getFirst();
    assertEquals(0xd2800040L, store.value(), "mov x0, 2");
    assertEquals(4, store.length());
    long line = store.address() & -64;
    assertEquals(List.of(Maintenance.CLEAN, Maintenance.INVALIDATE),
        of(MaintenanceBegun.class, all).stream().map(MaintenanceBegun::what).toList());
    assertTrue(of(MaintenanceCompleted.class, all).stream().allMatch(e -> e.line() == line && e.cpu() == 0));
    assertEquals(2, of(BarrierExecuted.class, all).size());
    assertTrue(of(ContextSynchronized.class, all).size() >= 2, "an ISB, and CPU 1's exception entry");
    assertEquals(2, of(TranslationsDropped.class, all).stream().map(Event::cpu).distinct().count(), "IS: on both");
    List<InterruptSent> sent = of(InterruptSent.class, all);
    assertEquals(1, sent.size());
    assertEquals(List.of(0, 1, 7), List.of(sent.getFirst().cpu(), sent.getFirst().target(), sent.getFirst().vector()));
    Diverted taken = of(Diverted.class, all).getLast();
    assertEquals(List.of(1, RetireRow.INTERRUPT), List.of(taken.cpu(), taken.kind()));
    assertTrue(taken.cycle() > sent.getFirst().cycle(), "it takes time");
  }

  @Test
  void aVersionIsToldWhenItIsExecuted() {
    List<VersionExecuted> versions = of(VersionExecuted.class, events(Staleness.TYPICAL));
    assertEquals(1, versions.size(), "up to the first the line is as it was loaded");
    assertEquals(0x40, versions.getFirst().bytes()[0], "mov x0, 2");
  }

  /// A typical core maintains at once, an adversarial one at its next DSB.
  @Test
  void maintenanceComesToPassAtTheBarrier() {
    for (Staleness staleness : Staleness.values()) {
      List<Event> all = events(staleness);
      int begun = all.indexOf(of(MaintenanceBegun.class, all).getFirst());
      int completed = all.indexOf(of(MaintenanceCompleted.class, all).getFirst());
      int barrier = all.indexOf(of(BarrierExecuted.class, all).getFirst());
      assertTrue(begun < completed && completed < barrier, staleness.name());
      boolean late = staleness == Staleness.ADVERSARIAL;
      assertEquals(late ? 1 : 0, ((BarrierExecuted) all.get(barrier)).completed(), staleness.name());
    }
  }
}
