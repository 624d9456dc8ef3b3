package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import org.junit.jupiter.api.Test;

/// Self-modifying code: the full sequence always works, and each of its steps is needed on some machine (DDI0487 B2.7.4; the litmus
/// tests SM and SM+cachesync-isb).
class Arm64CoherenceTest {
  private static final String DC = "dc cvau, x11\n";
  private static final String DSB = "dsb ish\n";
  private static final String IC = "ic ivau, x11\n";
  private static final String ISB = "isb\n";

  /// Rewrites `f` from MOV X0, #1 to MOV X0, #2 after having called it, and calls it again; X10 counts the calls that ran the old word.
  private static long stale(String sync, Staleness staleness, boolean idc, boolean dic) {
    String source = """
        mov x19, 16
        mov x10, 0
        adr x11, f
        ldr x12, =TEXT_ALIAS
        and x13, x11, 0xffff
        add x12, x12, x13
        ldr w14, two
        ldr w15, [x11]
        1: bl f
        str w14, [x12]
        """ + sync + """
        bl f
        cmp x0, 2
        cinc x10, x10, ne
        str w15, [x12]
        """ + DC + DSB + IC + DSB + ISB + """
        subs x19, x19, 1
        b.ne 1b
        stop
        two: mov x0, 2
        .ltorg
        .balign 64
        f: mov x0, 1
        ret
        """;
    return new Arm64Guest(source, 1, staleness, idc, dic).run().x(10);
  }

  @Test
  void fullSequenceNeverRunsTheOldWord() {
    for (Staleness staleness : Staleness.values()) {
      assertEquals(0, stale(DC + DSB + IC + DSB + ISB, staleness, false, false), staleness + " neither");
      assertEquals(0, stale(DSB + IC + DSB + ISB, staleness, true, false), staleness + " IDC");
      assertEquals(0, stale(DSB + ISB, staleness, true, true), staleness + " IDC and DIC");
    }
  }

  @Test
  void nothingIsCoherentByItself() {
    assertEquals(16, stale("", Staleness.TYPICAL, false, false));
  }

  @Test
  void everyStepIsNeeded() {
    Staleness worst = Staleness.ADVERSARIAL;
    assertTrue(stale(DSB + IC + DSB + ISB, worst, false, false) > 0, "without DC CVAU");
    assertTrue(stale(DC + DSB + ISB, worst, false, false) > 0, "without IC IVAU");
    assertTrue(stale(DC + DSB + IC + ISB, worst, false, false) > 0, "without the last DSB");
    assertTrue(stale(DC + "dsb ishst\n" + IC + "dsb ishst\n" + ISB, worst, false, false) > 0, "with DSBs for stores only");
  }

  @Test
  void barrierBetweenCleanAndInvalidateIsNeededByAnotherCpu() {
    assertTrue(staleElsewhere(DC + IC + DSB + ISB) > 0, "without the DSB between");
    assertEquals(0, staleElsewhere(DC + DSB + IC + DSB + ISB));
  }

  /// CPU 1 runs `f` over and over while CPU 0 rewrites it, then context-synchronizes and runs it once more: was that the old word?
  private static long staleElsewhere(String sync) {
    String source = """
        mov x19, 64
        mov x20, 1
        address x21, round
        address x22, done
        adr x11, f
        ldr x12, =TEXT_ALIAS
        and x13, x11, 0xffff
        add x12, x12, x13
        ldr w14, two
        ldr w15, [x11]
        1: mov x16, 200
        2: subs x16, x16, 1
        b.ne 2b
        str w14, [x12]
        """ + sync + """
        stlr x20, [x21]
        3: ldar x16, [x22]
        cmp x16, x20
        b.ne 3b
        str w15, [x12]
        """ + DC + DSB + IC + DSB + ISB + """
        add x20, x20, 1
        stlr x20, [x21]
        4: ldar x16, [x22]
        cmp x16, x20
        b.ne 4b
        add x20, x20, 1
        subs x19, x19, 1
        b.ne 1b
        address x22, stale
        ldr x10, [x22]
        stop
        two: mov x0, 2
        .ltorg
        .balign 64
        f: mov x0, 1
        ret
        .balign 64
        secondary_start:
        mov x20, 1
        mov x10, 0
        address x21, round
        address x22, done
        address x23, stale
        1: bl f
        ldar x16, [x21]
        cmp x16, x20
        b.ne 1b
        isb
        bl f
        tst x20, 1
        b.eq 2f
        cmp x0, 2
        cinc x10, x10, ne
        str x10, [x23]
        2: stlr x20, [x22]
        add x20, x20, 1
        b 1b
        .data
        .balign 64
        round: .quad 0
        .balign 64
        done: .quad 0
        .balign 64
        stale: .quad 0
        """;
    return new Arm64Guest(source, 2, Staleness.ADVERSARIAL, false, false).run().x(10);
  }
}
