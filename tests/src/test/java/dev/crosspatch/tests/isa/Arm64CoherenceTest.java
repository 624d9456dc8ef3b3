package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import org.junit.jupiter.api.Test;

/// Self-modifying code: the full sequence always works, and each of its steps is needed on some machine (DDI0487
/// B2.7.4; the litmus tests SM and SM+cachesync-isb).
class Arm64CoherenceTest {
  private static final String DC = "dc cvau, x11\n";
  private static final String DSB = "dsb ish\n";
  private static final String IC = "ic ivau, x11\n";
  private static final String ISB = "isb\n";

  /// Rewrites `f` from MOV X0, #1 to MOV X0, #2 after having called it, and calls it again; X10 counts the calls that
  /// ran the old word.
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
    assertTrue(stale(DC + "dsb ishst\n" + IC + "dsb ishst\n" + ISB, worst, false, false) > 0,
        "with DSBs for stores only");
  }

  /// On a machine with IDC and DIC, where nothing but the context synchronization is left to do.
  @Test
  void contextSynchronizationIsNeededAndExceptionReturnIsOne() {
    Staleness worst = Staleness.ADVERSARIAL;
    assertTrue(stale(DSB, worst, true, true) > 0, "without ISB");
    assertTrue(stale(DSB + "nop\ndmb ish\nsb\nssbb\n", worst, true, true) > 0, "with other barriers instead of ISB");
    String eret = """
        adr x16, 9f
        msr elr_el1, x16
        mov x16, 0x3c5
        msr spsr_el1, x16
        eret
        9:
        """;
    assertEquals(0, stale(DSB + eret, worst, true, true), "with ERET instead of ISB");
    assertTrue(stale(DSB + eret.replace("eret\n", "nop\n"), worst, true, true) > 0, "with all of that but ERET");
    assertEquals(0, stale(DC + DSB + IC + DSB, worst, false, false),
        "a CPU's own IC needs no ISB: litmus SM.B+dc.cvau-dsb.ish-ic.vau-dsb.ish is forbidden");
  }

  @Test
  void otherMaintenanceThatReachesFarEnoughServesAsWell() {
    for (Staleness staleness : Staleness.values()) {
      // DC IVAC needs the right to write
      for (String clean : new String[] {"dc civac, x11\n", "dc cvac, x11\n", "dc ivac, x12\n"}) {
        assertEquals(0, stale(clean + DSB + IC + DSB + ISB, staleness, false, false), staleness + " " + clean);
      }
      for (String invalidate : new String[] {"ic iallu\n", "ic ialluis\n"}) {
        assertEquals(0, stale(DC + DSB + invalidate + DSB + ISB, staleness, false, false),
            staleness + " " + invalidate);
      }
    }
    for (String invalidate : new String[] {"ic iallu\n", "ic ialluis\n"}) {
      assertTrue(stale(DC + DSB + invalidate + ISB, Staleness.ADVERSARIAL, false, false) > 0,
          invalidate + " without the DSB behind it");
      assertEquals(0, stale(DC + DSB + invalidate + DSB, Staleness.ADVERSARIAL, false, false),
          invalidate + " of a CPU's own needs no ISB either");
    }
    assertTrue(stale(DC + DSB + "dc civac, x11\n" + DSB + ISB, Staleness.ADVERSARIAL, false, false) > 0,
        "DC CIVAC does not touch instruction caches");
  }

  /// DC CSW over all sets and ways of the L1 data cache (64 sets of 8, as CCSIDR_EL1 says), or over level 2 only.
  private static String bySetAndWay(String operation, int level) {
    return """
        msr csselr_el1, xzr
        isb
        mrs x16, ccsidr_el1
        ubfx x17, x16, 13, 15
        ubfx x18, x16, 3, 10
        mov x24, %d
        7: mov x21, x17
        8: lsl x22, x21, 6
        lsl x23, x18, 29
        orr x22, x22, x23
        orr x22, x22, x24
        %s, x22
        subs x21, x21, 1
        b.ge 8b
        subs x18, x18, 1
        b.ge 7b
        """.formatted(level << 1, operation);
  }

  @Test
  void maintenanceBySetAndWayReachesTheCacheOfThisCore() {
    String rest = DSB + IC + DSB + ISB;
    for (String operation : new String[] {"dc csw", "dc cisw", "dc isw"}) {
      assertEquals(0, stale(bySetAndWay(operation, 0) + rest, Staleness.TYPICAL, false, false), operation);
    }
    assertEquals(16, stale(bySetAndWay("dc csw", 1) + rest, Staleness.TYPICAL, false, false), "L2 only");
  }

  @Test
  void invalidationOfAllIsLocalUnlessItSaysOtherwise() {
    assertEquals(0, staleElsewhere(DC + DSB + "ic ialluis\n" + DSB));
    assertTrue(staleElsewhere(DC + DSB + "ic iallu\n" + DSB) > 0, "IC IALLU does not reach the other CPU");
    assertTrue(staleElsewhere(DC + DSB + DSB) > 0, "without IC IALLUIS");
    assertTrue(staleElsewhere(DC + DSB + "ic ialluis\n") > 0, "without the DSB behind it");
  }

  @Test
  void barriersCompleteTheMaintenanceOfTheirOwnCpuAndDomainOnly() {
    assertTrue(staleElsewhere(DC + DSB + IC + "dsb nsh\n") > 0, "DSB of this CPU's domain only");
    assertTrue(staleElsewhere(DC + DSB + IC) > 0, "CPU 1's own DSB and ISB do not complete what CPU 0 began");
    assertEquals(0, staleElsewhere(DC + "dsb sy\n" + IC + "dsb sy\n"));
    assertEquals(0, staleElsewhere(DC + "dsb osh\n" + IC + "dsb osh\n"));
  }

  /// Cycles of 200 loads, each behind the instruction given.
  private static long cycles(String between) {
    return new Arm64Guest("""
        ldr x11, =TEXT_ALIAS + 0x20000
        mov x10, 200
        1: ldr x12, [x11]
        """ + between + """
        dsb sy
        subs x10, x10, 1
        b.ne 1b
        stop
        .ltorg
        """).run().core(0).cycles();
  }

  @Test
  void invalidatedDataLinesAreFetchedAnew() {
    long clean = cycles("dc cvac, x11\n");
    long cleanAndInvalidate = cycles("dc civac, x11\n");
    assertTrue(cleanAndInvalidate - clean >= 199 * 200,
        clean + " cycles with DC CVAC, " + cleanAndInvalidate + " with DC CIVAC: 200 to memory each time");
  }

  @Test
  void barrierBetweenCleanAndInvalidateIsNeededByAnotherCpu() {
    assertTrue(staleElsewhere(DC + IC + DSB + ISB) > 0, "without the DSB between");
    assertEquals(0, staleElsewhere(DC + DSB + IC + DSB + ISB));
  }

  /// CPU 1 runs `f` over and over while CPU 0 rewrites it, then context-synchronizes and runs it once more: was that
  /// the old word?
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
        dsb sy
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

  /// An instruction is fetched in one, so a core that fetches less than a line at a time tears none; but of two that
  /// one line brings it may run the second old behind the first new.
  @Test
  void lessThanALineAtATimeIsOfSeveralVersions() {
    assertEquals(0, newThenOld(64), "both are of one fetch");
    for (int fetch : new int[] {32, 16, 4}) {
      assertTrue(newThenOld(fetch) > 0, "fetch " + fetch);
    }
  }

  /// CPU 1 runs `f` while CPU 0 rewrites two of its instructions and cleans and invalidates their line: how often was
  /// the first new and the second old?
  private static long newThenOld(int fetch) {
    String maintain = DC + DSB + IC + DSB;
    String source = """
        mov x19, 32
        mov x20, 0
        address x21, round
        address x22, done
        adr x11, f
        ldr x12, =TEXT_ALIAS
        and x13, x11, 0xffff
        add x12, x12, x13
        ldr w14, two
        ldr w15, two + 4
        ldr w17, [x11]
        ldr w18, [x11, 32]
        1: mov x16, 200
        2: subs x16, x16, 1
        b.ne 2b
        str w14, [x12]
        str w15, [x12, 32]
        """ + maintain + """
        mov x16, 500
        3: subs x16, x16, 1
        b.ne 3b
        add x20, x20, 1
        stlr x20, [x21]
        4: ldar x16, [x22]
        cmp x16, x20
        b.ne 4b
        str w17, [x12]
        str w18, [x12, 32]
        """ + maintain + """
        add x20, x20, 1
        stlr x20, [x21]
        5: ldar x16, [x22]
        cmp x16, x20
        b.ne 5b
        subs x19, x19, 1
        b.ne 1b
        stop
        two: mov x0, 2
        mov x1, 2
        .ltorg
        .balign 64
        f: mov x0, 1
        .rept 7
        nop
        .endr
        mov x1, 1
        ret
        .balign 64
        secondary_start:
        mov x20, 0
        mov x10, 0
        address x21, round
        address x22, done
        1: bl f
        cmp x0, 2
        ccmp x1, 1, 0, eq
        cinc x10, x10, eq
        ldar x16, [x21]
        cmp x16, x20
        b.eq 1b
        mov x20, x16
        stlr x20, [x22]
        2: ldar x16, [x21]
        cmp x16, x20
        b.eq 2b
        isb
        mov x20, x16
        stlr x20, [x22]
        b 1b
        .data
        .balign 64
        round: .quad 0
        .balign 64
        done: .quad 0
        """;
    return new Arm64Guest(source, 2, Staleness.TYPICAL, false, false, fetch).run().core(1).r[10];
  }
}
