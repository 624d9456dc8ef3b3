package dev.crosspatch.tests.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// A device with an interrupt line, an event and DMA on the lab board with AArch64 cores, through the GIC's distributor
/// (IHI0069 4.1, 12.9, 12.11).
final class Arm64DeviceTest {
  /// A core lets interrupts of all priorities come to its handler.
  private static final String TAKES_INTERRUPTS = """
        ldr x9, =vectors
        msr vbar_el1, x9
        mov x9, 0xf0
        msr icc_pmr_el1, x9
        mov x9, 1
        msr icc_igrpen1_el1, x9
        isb
        msr daifclr, 2
      """;

  private static final int INPUT = 5;
  private static final long GICD = DeviceGuest.deviceMap("aarch64") + 0x0800_0000L;
  private static final long GICR = DeviceGuest.deviceMap("aarch64") + 0x080a_0000L;

  /// Sends for `LETTERS` letters, one after the other, and looks at each after `PATIENCE` turns.
  private static final String SOURCE = """
      .text
      start:
        mov x19, x0
        ldr x9, =vectors
        msr vbar_el1, x9
        ldr x10, =GICD
        ldr w11, =ENABLE
        str w11, [x10, 0x104]
        ldr w11, =PRIORITY
        strb w11, [x10, 0x425]
        ldr w11, =CONFIGURATION
        str w11, [x10, 0xc08]
        ldr x12, =GICD + 0x6128
        ldr x11, =ROUTE
        str x11, [x12]
        mov x9, 0xf0
        msr icc_pmr_el1, x9
        mov x9, 1
        msr icc_igrpen1_el1, x9
        isb
        msr daifclr, 2
        ldr x12, =COURIER
        ldr x14, =letter
        ldr x13, =LINK_OFFSET
        sub x13, x14, x13
        mov x15, 1
      1:
        str x13, [x12]
        str x15, [x12, 8]
        mov x16, 3000
        str x16, [x12, 16]
        ldr x16, =PATIENCE
      2:
        subs x16, x16, 1
        b.ne 2b
        ldr x17, [x14]
        ldr x18, =sum
        ldr x16, [x18]
        add x16, x16, x17
        str x16, [x18]
        add x15, x15, 1
        cmp x15, LETTERS
        b.ls 1b
        msr daifset, 2
        msr icc_igrpen1_el1, xzr
        isb
      3:
        wfi
        b 3b
      secondary_start:
        mov x19, x0
      """ + TAKES_INTERRUPTS + """
      4:
        wfi
        b 4b
      handler:
        mrs x25, icc_iar1_el1
        cmp x25, 32 + INPUT
        b.ne 5f
        ldr x26, =taken
        ldr x27, [x26, x19, lsl 3]
        add x27, x27, 1
        str x27, [x26, x19, lsl 3]
      5:
      .if ANSWERS
        ldr x26, =COURIER
        str x26, [x26, 24]
      .endif
      .if ENDS
        msr icc_eoir1_el1, x25
      .endif
        eret
        .ltorg
        .balign 2048
      vectors:
        .zero 0x280
        b handler
      .data
      .balign 64
      letter: .quad 0
      .balign 64
      taken: .quad 0, 0
      sum: .quad 0
      """;

  private static final Map<String, Long> USUAL = Map.of(
      "LETTERS", 3L, "ANSWERS", 1L, "ENDS", 1L, "ENABLE", 1L << INPUT, "PRIORITY", 0x80L, "CONFIGURATION", 0L, "ROUTE",
      0L, "INPUT", (long) INPUT, "PATIENCE", 12_000L, "GICD", GICD);
  private static final Map<String, Long> EDGES = Map.of("CONFIGURATION", 2L << (2 * INPUT));

  private static DeviceGuest guest(Map<String, Long> unusual) {
    Map<String, Long> symbols = new TreeMap<>(USUAL);
    symbols.putAll(unusual);
    return new DeviceGuest("aarch64", 2, SOURCE, INPUT, symbols);
  }

  private static List<Long> result(DeviceGuest guest) {
    return List.of(guest.get("taken", 0), guest.get("taken", 8), guest.get("sum", 0));
  }

  private static List<Long> end(DeviceGuest guest) {
    assertEquals(RunResult.End.DEADLOCK, guest.machine.run(RunLimits.ofCycles(2_000_000)).end());
    return result(guest);
  }

  @Test
  void theGuestTakesItsInterruptsAndSeesWhatTheDeviceWrote() {
    assertEquals(List.of(3L, 0L, 6L), end(guest(Map.of())));
    assertEquals(List.of(0L, 3L, 6L), end(guest(Map.of("ROUTE", 1L))), "to the other core");
    assertEquals(List.of(3L, 0L, 6L), end(guest(EDGES)), "edges");
  }

  @Test
  void withoutItsEndNoSecondInterruptComes() {
    assertEquals(List.of(1L, 0L, 6L), end(guest(Map.of("ENDS", 0L))));
  }

  @Test
  void aDisabledInterruptAndOneOfNoPriorityInterruptNobody() {
    assertEquals(List.of(0L, 0L, 6L), end(guest(Map.of("ENABLE", 0L))));
    assertEquals(List.of(0L, 0L, 6L), end(guest(Map.of("PRIORITY", 0xf0L))));
    assertEquals(List.of(0L, 0L, 6L), end(guest(Map.of("ROUTE", 7L))), "to nobody");
  }

  @Test
  void aLevelThatStaysInterruptsAgainAndAnEdgeDoesNot() {
    DeviceGuest level = guest(Map.of("ANSWERS", 0L));
    level.machine.run(RunLimits.ofCycles(100_000));
    assertTrue(result(level).getFirst() > 10);
    TreeMap<String, Long> edge = new TreeMap<>(EDGES);
    edge.put("ANSWERS", 0L);
    assertEquals(List.of(1L, 0L, 6L), end(guest(edge)), "the line never falls, so it never rises");
  }

  @Test
  void aSnapshotInTheMiddleGoesOnBitForBit() throws IOException {
    for (int cycle = 1000; cycle < 40_000; cycle += 4777) {
      DeviceGuest whole = guest(Map.of("ROUTE", 1L));
      DeviceGuest other = guest(Map.of("ROUTE", 1L));
      whole.machine.run(RunLimits.ofCycles(cycle));
      other.load(whole.save());
      assertEquals(end(whole), end(other), "saved at " + cycle);
      assertEquals(whole.state(), other.state(), "saved at " + cycle);
    }
  }

  // ---- registers, and private interrupts

  /// What a guest's `results` hold after the statements.
  private static List<Long> results(String statements, int count) {
    DeviceGuest guest = new DeviceGuest("aarch64", 1, """
        .text
        start:
          ldr x10, =GICD
          ldr x11, =GICR
          ldr x12, =results
          ldr x9, =vectors
          msr vbar_el1, x9
          mov x9, 0xf0
          msr icc_pmr_el1, x9
          mov x9, 1
          msr icc_igrpen1_el1, x9
          isb
        """ + statements + """

          msr icc_igrpen1_el1, xzr
          isb
        1:
          wfi
          b 1b
          .ltorg
        .balign 2048
        vectors:
          .zero 0x800
        .data
        results: .zero 128
        """, INPUT, Map.of("GICD", GICD, "GICR", GICR));
    assertEquals(RunResult.End.DEADLOCK, guest.machine.run(RunLimits.ofCycles(100_000)).end());
    return java.util.stream.IntStream.range(0, count).mapToObj(i -> guest.get("results", 8L * i)).toList();
  }

  @Test
  void registersSayWhatThereIs() {
    // GICD_CTLR: DS, ARE, EnableGrp1; TYPER: ITLinesNumber 2, 10 bits, No1N; PIDR2: v3; GICR_TYPER: Last; WAKER; ICFGR0
    assertEquals(List.of(0x52L, 0x248_0002L, 0x3bL, 0x10L, 0L, 0xaaaa_aaaaL, 0xffff_ffffL, 0xa0L), results("""
        ldr w1, [x10]
        str x1, [x12]
        ldr w1, [x10, 4]
        str x1, [x12, 8]
        ldr x2, =GICD + 0xffe8
        ldr w1, [x2]
        str x1, [x12, 16]
        ldr x1, [x11, 8]
        str x1, [x12, 24]
        ldr w1, [x11, 0x14]
        str x1, [x12, 32]
        ldr x2, =GICR + 0x10000
        ldr w1, [x2, 0xc00]
        str x1, [x12, 40]
        ldr w1, [x2, 0x100]
        str x1, [x12, 48]
        ldrb w1, [x2, 0x403]
        str x1, [x12, 56]
        """, 8));
  }

  /// Makes SGI 3 (priority 0x60) and SGI 5 (0x20) pending, and acknowledges what comes.
  private static List<Long> acknowledged(String before) {
    return results("""
        ldr x2, =GICR + 0x10000
        mov w1, 0x60
        strb w1, [x2, 0x403]
        mov w1, 0x20
        strb w1, [x2, 0x405]
        """ + before + """

        mov w1, 0x28
        str w1, [x2, 0x200]
        isb
        mrs x1, icc_iar1_el1
        str x1, [x12]
        mrs x1, icc_rpr_el1
        str x1, [x12, 8]
        mrs x1, icc_iar1_el1
        str x1, [x12, 16]
        mov x1, 5
        msr icc_eoir1_el1, x1
        isb
        mrs x1, icc_iar1_el1
        str x1, [x12, 24]
        """, 4);
  }

  @Test
  void theMoreUrgentIsFirstAndTheOtherWaitsForItsEnd() {
    assertEquals(List.of(5L, 0x20L, 1023L, 3L), acknowledged(""));
  }

  @Test
  void whatIsDisabledAsleepOrOfGroupZeroIsNotSignalled() {
    assertEquals(List.of(3L, 0x60L, 1023L, 1023L), acknowledged("""
        mov w1, 0x20
        str w1, [x2, 0x180]
        """), "SGI 5 is disabled");
    assertEquals(List.of(3L, 0x60L, 1023L, 1023L), acknowledged("""
        mov w1, ~0x20
        str w1, [x2, 0x80]
        """), "SGI 5 is in group 0");
    assertEquals(List.of(1023L, 0xffL, 1023L, 1023L), acknowledged("""
        mov w1, 2
        str w1, [x11, 0x14]
        """), "the redistributor sleeps");
    assertEquals(List.of(1023L, 0xffL, 1023L, 1023L), acknowledged("str wzr, [x10]"), "the distributor is off");
    assertEquals(List.of(5L, 0x20L, 1023L, 1023L), acknowledged("""
        mov x1, 0x60
        msr icc_pmr_el1, x1
        """), "SGI 3 is not above the mask");
  }

  /// IHI0069 4.8.2, 12.2.5: a binary point below the least one is the least one. 12.2.1: what is active may be cleared.
  @Test
  void registersOfTheCpuInterfaceKeepWhatTheyCan() {
    assertEquals(List.of(3L, 5L, 0x20L, 0xffL), results("""
        msr icc_bpr1_el1, xzr
        isb
        mrs x1, icc_bpr1_el1
        str x1, [x12]
        mov x1, 5
        msr icc_bpr1_el1, x1
        isb
        mrs x1, icc_bpr1_el1
        str x1, [x12, 8]
        ldr x2, =GICR + 0x10000
        mov w1, 0x28
        strb w1, [x2, 0x403]
        mov w1, 8
        str w1, [x2, 0x200]
        isb
        mrs x1, icc_iar1_el1
        mrs x1, icc_rpr_el1
        str x1, [x12, 16]
        msr icc_ap1r0_el1, xzr
        isb
        mrs x1, icc_rpr_el1
        str x1, [x12, 24]
        """, 4));
  }

  /// Number of the interrupt that core 1 takes, and whether it does so no sooner than core 0 makes it possible, by
  /// `before` and, much later, `after`.
  private static List<Object> takenAfter(String before, String after, String meanwhile) {
    DeviceGuest guest = new DeviceGuest("aarch64", 2, """
        .text
        start:
          ldr x10, =GICD
          ldr x11, =GICR + 0x30000
          ldr x12, =times
          mov x1, 1
          ldr x2, =GICD + 0x6128
          str x1, [x2]
          mov w3, 1 << INPUT
        """ + before + """

          mov x16, 5000
        2:
          subs x16, x16, 1
          b.ne 2b
          isb
          mrs x1, cntvct_el0
          str x1, [x12]
        """ + after + """

        3:
          wfi
          b 3b
        secondary_start:
        """ + TAKES_INTERRUPTS + """
        1:
        """ + meanwhile + """

          b 1b
        handler:
          mrs x25, icc_iar1_el1
          mrs x24, cntvct_el0
          ldr x26, =times
          str x24, [x26, 8]
          str x25, [x26, 16]
        4:
          wfi
          b 4b
          .ltorg
          .balign 2048
        vectors:
          .zero 0x280
          b handler
        .data
        times: .quad 0, 0, 0
        """, INPUT, Map.of("GICD", GICD, "GICR", GICR, "INPUT", (long) INPUT));
    guest.machine.run(RunLimits.ofCycles(200_000));
    return List.of(guest.get("times", 16), guest.get("times", 8) >= guest.get("times", 0));
  }

  /// Whatever makes a pending interrupt one that is signalled: the core that waits for it, or runs, hears of it then.
  @Test
  void whoWaitsHearsOfItThen() {
    String pending = "str w3, [x10, 0x204]\n";
    String enable = "str w3, [x10, 0x104]\n";
    String masked = "mov w4, 0xf8\n strb w4, [x10, 0x425]\n";
    String urgent = "mov w4, 0x40\n strb w4, [x10, 0x425]\n";
    String sgi = "mov w4, 8\n str w4, [x11, 0x200]\n";
    String sleep = "mov w4, 2\n str w4, [x9]\n";
    String redistributor = "ldr x9, =GICR + 0x20014\n";
    List<List<Object>> ways = List.of(
        List.of(37L, "enabled", pending, enable), List.of(37L, "pending", enable, pending),
        List.of(3L, "an SGI made pending", "", sgi),
        List.of(3L, "distributor on", "str wzr, [x10]\n" + sgi, "mov w4, 2\n str w4, [x10]\n"),
        List.of(3L, "redistributor awake", redistributor + sleep + sgi, "str wzr, [x9]\n"),
        List.of(37L, "priority of an SPI", masked + enable + pending, urgent));
    for (List<Object> way : ways) {
      for (String meanwhile : List.of("wfi", "nop")) {
        assertEquals(List.of(way.getFirst(), true),
            takenAfter((String) way.get(2), (String) way.get(3), meanwhile), way.get(1) + ", meanwhile " + meanwhile);
      }
    }
  }

  // ---- text

  /// A site that a device patches; runs it before if `before`, and invalidates it behind if `invalidates`.
  private static long patched(boolean before, boolean invalidates) {
    DeviceGuest guest = new DeviceGuest("aarch64", 1, """
        .text
        start:
          ldr x12, =COURIER
          ldr x14, =site
          ldr x13, =LINK_OFFSET
          sub x13, x14, x13
        .if BEFORE
          bl site
        .endif
          str x13, [x12]
          ldr x15, =0xd65f03c0d2800040
          str x15, [x12, 8]
          mov x16, 3000
          str x16, [x12, 16]
          ldr x16, =12000
        2:
          subs x16, x16, 1
          b.ne 2b
        .if INVALIDATES
          ic ivau, x14
          dsb ish
        .endif
          isb
          bl site
          ldr x1, =result
          str x0, [x1]
        3:
          wfi
          b 3b
          .ltorg
          .balign 64
        site:
          mov x0, 1
          ret
        .data
        result: .quad 0
        """, INPUT, Map.of("BEFORE", before ? 1L : 0L, "INVALIDATES", invalidates ? 1L : 0L));
    assertEquals(RunResult.End.DEADLOCK, guest.machine.run(RunLimits.ofCycles(100_000)).end());
    return guest.get("result", 0);
  }

  @Test
  void textThatADeviceWritesIsStaleUntilItsLineIsInvalidated() {
    assertEquals(1, patched(true, false), "the instruction cache holds the old line");
    assertEquals(2, patched(true, true));
    assertEquals(2, patched(false, false), "the line comes from the point of unification");
  }
}
