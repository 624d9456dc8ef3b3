package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.MachineConfig.Staleness;
import org.junit.jupiter.api.Test;

/// Data aborts of AArch64: what they say, and that the instruction that had one changed nothing it could not undo.
class Arm64FaultTest {
  private static final long IL = 1 << 25;
  private static final long DATA_ABORT = 0x25L << 26 | IL;
  private static final int WRITE = 1 << 6;
  private static final int TRANSLATION_LEVEL_0 = 0x04;
  private static final int TRANSLATION_LEVEL_3 = 0x07;
  private static final int PERMISSION_LEVEL_3 = 0x0f;
  private static final int ALIGNMENT = 0x21;
  /// An address at which nothing is mapped.
  private static final String HOLE = "mov x10, 0x1000\n";

  private static Arm64Guest run(String source) {
    return new Arm64Guest("vectors\n" + source + "\nstop\n").run();
  }

  private static void aborts(String source, int iss) {
    Arm64Guest g = run(source);
    assertEquals(DATA_ABORT | iss, g.x(20), () -> String.format("ESR_EL1 of %s is 0x%x", source, g.x(20)));
    assertEquals(g.address("bad"), g.x(21), source);
  }

  @Test
  void writeBackDoesNotHappen() {
    for (String access : new String[] {
        "ldr x11, [x10, 16]!", "ldr x11, [x10], 16", "ldrsb w11, [x10], -1", "ldp x11, x12, [x10, 32]!",
        "ldp w11, w12, [x10], 8", "ldpsw x11, x12, [x10, 8]!"}) {
      Arm64Guest g = run(HOLE + "bad: " + access);
      assertEquals(DATA_ABORT | TRANSLATION_LEVEL_0, g.x(20), access);
      assertEquals(0x1000, g.x(10), access + ": base");
      assertEquals(access.contains("[x10, ")
          ? 0x1000 + Integer.parseInt(access.replaceAll(".*, (\\d+)]!", "$1")) : 0x1000, g.x(22), access + ": FAR_EL1");
    }
    for (String access : new String[] {"str x11, [x10, 16]!", "strb w11, [x10], 1", "stp x11, x12, [x10, -16]!",
        "stp x11, x12, [x10], 16"}) {
      Arm64Guest g = run(HOLE + "bad: " + access);
      assertEquals(DATA_ABORT | WRITE | TRANSLATION_LEVEL_0, g.x(20), access);
      assertEquals(0x1000, g.x(10), access + ": base");
    }
  }

  @Test
  void pairsKeepABaseThatTheyLoad() {
    Arm64Guest g = run("""
        address x10, last
        mov x12, x10
        bad: ldp x10, x11, [x10]
        .data
        .balign 4096
        .space 4088, 0
        last: .quad 5
        .text
        """);
    assertEquals(DATA_ABORT | TRANSLATION_LEVEL_3, g.x(20));
    assertEquals(g.x(12), g.x(10), "the first register of the pair is the base");
    assertEquals(g.address("last") + 8, g.x(22), "FAR_EL1: the second access");
  }

  @Test
  void accessesThatCrossIntoAnAbsentPageFaultThere() {
    String data = """
        .data
        .balign 4096
        .space 4092, 0
        last: .word 5
        .text
        """;
    Arm64Guest load = run("address x10, last\nbad: ldr x11, [x10]\n" + data);
    assertEquals(load.address("last") + 4, load.x(22), "FAR_EL1");
    assertEquals(DATA_ABORT | TRANSLATION_LEVEL_3, load.x(20));
    Arm64Guest store = run("address x10, last\nmov x11, -1\nbad: str x11, [x10]\n" + data);
    assertEquals(store.address("last") + 4, store.x(22), "FAR_EL1");
    assertEquals(5, store.machine.readPhysical(Arm64Guest.MAP.imageBase()
        + store.address("last") - 4 - Arm64Guest.MAP.kernelBase()) >>> 32, "nothing was written");
  }

  @Test
  void atomicsSayReadWhereAReadWouldHaveFaulted() {
    for (String atomic : new String[] {
        "ldadd x11, x12, [x10]", "swpal w11, w12, [x10]", "casa x11, x12, [x10]", "ldsmaxb w11, w12, [x10]",
        "casp x12, x13, x14, x15, [x10]"}) {
      aborts(HOLE + "bad: " + atomic, TRANSLATION_LEVEL_0);
      aborts("address x10, start\nbad: " + atomic, PERMISSION_LEVEL_3 | WRITE);
    }
    aborts(HOLE + "bad: stxr w11, x12, [x10]", WRITE | TRANSLATION_LEVEL_0);
    aborts("address x10, start\nbad: str x12, [x10]", WRITE | PERMISSION_LEVEL_3);
  }

  /// The site runs, is overwritten through the alias, and runs again where nothing is mapped: from an instruction cache
  /// that was told nothing (CTR_EL0.DIC = 0), or refilled.
  private static long syndrome(String old, String now, boolean invalidated) {
    String source = """
        vectors
        address x10, word
        address x0, site
        bl site
        address x2, site
        adrp x3, start
        sub x2, x2, x3
        movz x3, TEXT_ALIAS & 0xffff
        movk x3, TEXT_ALIAS >> 16 & 0xffff, lsl 16
        movk x3, TEXT_ALIAS >> 32 & 0xffff, lsl 32
        movk x3, TEXT_ALIAS >> 48 & 0xffff, lsl 48
        address x4, replacement
        ldr w4, [x4]
        str w4, [x2, x3]
        INVALIDATE
        mov x10, 0x1000
        bl site
        stop
        .balign 64
        site: OLD
        ret
        replacement: NOW
        .data
        word: .quad 5
        .text
        """.replace("OLD", old).replace("NOW", now)
        .replace("INVALIDATE", invalidated ? "dsb ish\nic ivau, x0\ndsb ish\nisb" : "nop");
    Arm64Guest g = new Arm64Guest(source, 1, Staleness.TYPICAL, true, false).run();
    assertEquals(g.address("site"), g.x(21));
    assertEquals(invalidated ? 0 : 1, g.machine.counters(0).staleExecutions());
    return g.x(20);
  }

  /// Arm ARM D19.2.37, WnR of a data abort: 1 for a store, 0 for an atomic whose read would have faulted. It is that of
  /// the instruction executed, whatever memory holds by then.
  @Test
  void staleTextFaultsAsWhatItWas() {
    String atomic = "ldadd x11, x12, [x10]";
    String store = "str x12, [x10]";
    long byStore = DATA_ABORT | WRITE | TRANSLATION_LEVEL_0;
    long byAtomic = DATA_ABORT | TRANSLATION_LEVEL_0;
    assertEquals(byStore, syndrome(store, atomic, false));
    assertEquals(byAtomic, syndrome(store, atomic, true));
    assertEquals(byAtomic, syndrome(atomic, store, false));
    assertEquals(byStore, syndrome(atomic, store, true));
  }

  @Test
  void orderedExclusiveAndAtomicAccessesMustBeAligned() {
    String data = ".data\n.balign 64\nword: .quad 1, 2, 3\n.text\n";
    String odd = "address x10, word\nadd x10, x10, %d\nbad: ";
    for (String load : new String[] {
        "ldar x11, [x10]", "ldapr x11, [x10]", "ldxr x11, [x10]", "ldaxr w11, [x10]", "ldarh w11, [x10]",
        "ldadd x11, x12, [x10]", "cas w11, w12, [x10]"}) {
      aborts(odd.formatted(1) + load + "\n" + data, ALIGNMENT);
    }
    for (String store
        : new String[] {"stlr x11, [x10]", "stlrh w11, [x10]", "stxr w11, x12, [x10]", "stlxr w11, w12, [x10]"}) {
      aborts(odd.formatted(1) + store + "\n" + data, ALIGNMENT | WRITE);
    }
    aborts(odd.formatted(8) + "ldxp x11, x12, [x10]\n" + data, ALIGNMENT);
    aborts(odd.formatted(8) + "stxp w11, x12, x13, [x10]\n" + data, ALIGNMENT | WRITE);
    Arm64Guest plain =
        run(odd.formatted(1) + "ldr x11, [x10]\nldarb w12, [x10]\nstlrb w12, [x10]\nldxrb w13, [x10]\n" + data);
    assertEquals(2L << 56, plain.x(11), "plain accesses need not be");
  }

  @Test
  void exceptionReturnAndOwnClearTakeTheMonitor() {
    String data = ".data\n.balign 64\nword: .quad 1\nother: .quad 0\n.balign 64\nfar: .quad 0\n.text\n";
    String exclusive = "address x10, word\naddress x15, far\nldxr x11, [x10]\n%s\nstxr w12, x13, [x10]\n";
    String eret = "adr x16, 1f\nmsr elr_el1, x16\nmov x16, 0x3c5\nmsr spsr_el1, x16\neret\n1:";
    assertEquals(1, run(exclusive.formatted(eret) + data).x(12), "ERET");
    assertEquals(1, run(exclusive.formatted("clrex") + data).x(12), "CLREX");
    assertEquals(1, run(exclusive.formatted("ldxr x14, [x15]") + data).x(12), "LDXR of another line");
    assertEquals(1, run(exclusive.formatted("stxr w14, x13, [x10]") + data).x(12), "STXR");
    assertEquals(0, run(exclusive.formatted("str x13, [x15]") + data).x(12), "a store elsewhere");
    assertEquals(0, run(exclusive.formatted("isb\ndsb sy") + data).x(12), "barriers");
  }

  @Test
  void cacheGeometryIsThatOfTheModel() {
    Arm64Guest g =
        run(
            """
            msr csselr_el1, xzr
            isb
            mrs x10, ccsidr_el1
            mov x11, 2
            msr csselr_el1, x11
            isb
            mrs x11, ccsidr_el1
            """);
    assertEquals(255 << 13 | 3 << 3 | 2, g.x(10), "L1: 256 sets, 4 ways, lines of 64 bytes");
    assertEquals(2047 << 13 | 7 << 3 | 2, g.x(11), "L2: 2048 sets, 8 ways");
    assertTrue(run("bad: udf 0").x(20) != 0, "a fault would have been seen");
  }
}
