package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Software-generated interrupts, the timer, and waiting for them.
class Arm64InterruptTest {
  private static final int ETM_IRQ = 14;

  /// CPU 0 sends what X10 says to ICC_SGI1R_EL1; every CPU counts interrupts by number at `counts + cpu * 128 + number
  /// * 8`.
  private static String sending(String value) {
    return """
        mov x19, 0
        bl init
        1: address x11, ready
        ldar x12, [x11]
        cmp x12, 3
        b.ne 1b
        ldr x10, =%s
        msr icc_sgi1r_el1, x10
        isb
        mov x12, 20000
        2: subs x12, x12, 1
        b.ne 2b
        stop
        .ltorg
        secondary_start:
        mov x19, x0
        bl init
        address x11, ready
        3: ldaxr x12, [x11]
        add x12, x12, 1
        stlxr w13, x12, [x11]
        cbnz w13, 3b
        4: wfi
        b 4b
        init:
        vectors
        mov x9, 0xf0
        msr icc_pmr_el1, x9
        mov x9, 1
        msr icc_igrpen1_el1, x9
        isb
        msr daifclr, 2
        ret
        irq_handler:
        mrs x25, icc_iar1_el1
        address x26, counts
        add x26, x26, x19, lsl 7
        ldr x27, [x26, x25, lsl 3]
        add x27, x27, 1
        str x27, [x26, x25, lsl 3]
        msr icc_eoir1_el1, x25
        eret
        .data
        .balign 64
        ready: .quad 0
        .balign 64
        counts: .zero 512
        """.formatted(value);
  }

  /// How often each of four CPUs got interrupt `number`.
  private static List<Long> received(String value, int number) {
    Arm64Guest g = new Arm64Guest(sending(value), 4, Staleness.TYPICAL, false, false).run();
    long at = g.address("counts") - 0xffff_8000_1000_0000L + 0x4000_0000L + 8L * number;
    return List.of(g.machine.readPhysical(at), g.machine.readPhysical(at + 128), g.machine.readPhysical(at + 256),
        g.machine.readPhysical(at + 384));
  }

  @Test
  void everyFormOfTargetsIsUnderstood() {
    assertEquals(List.of(0L, 1L, 1L, 1L), received("(1 << 40) + (5 << 24)", 5), "IRM: all but self");
    assertEquals(List.of(1L, 0L, 1L, 0L), received("(3 << 24) + 0x5", 3), "target list with self");
    assertEquals(List.of(0L, 0L, 0L, 0L), received("(1 << 16) + (3 << 24) + 0xf", 3), "another cluster by Aff1");
    assertEquals(List.of(0L, 0L, 0L, 0L), received("(1 << 44) + (3 << 24) + 0xf", 3),
        "range selector beyond the cluster");
  }

  @Test
  void interruptIsARowAtTheInstructionNotRun() {
    Arm64Guest g = new Arm64Guest(sending("(1 << 40) + (5 << 24)"), 2 + 2, Staleness.TYPICAL, false, false).run();
    List<Arm64Guest.Row> rows = g.rows(1, RetireRow.INTERRUPT);
    assertEquals(1, rows.size());
    assertEquals(ETM_IRQ, rows.getFirst().vector());
    assertEquals(g.address("vector_table") + 0x280, rows.getFirst().next());
    assertEquals(1, g.rows(1, RetireRow.WAKE).size(), "left WFI once");
  }

  @Test
  void timerInterruptsWhenItsTimeComesAndNotBefore() {
    Arm64Guest g = new Arm64Guest("""
        vectors
        mov x9, 0xf0
        msr icc_pmr_el1, x9
        mov x9, 1
        msr icc_igrpen1_el1, x9
        mrs x10, cntvct_el0
        mov x11, 1000
        msr cntv_tval_el0, x11
        mov x11, 1
        msr cntv_ctl_el0, x11
        isb
        mrs x16, cntv_ctl_el0
        msr daifclr, 2
        1: wfi
        b 1b
        irq_handler:
        mrs x12, cntvct_el0
        sub x12, x12, x10
        mrs x13, icc_iar1_el1
        mrs x14, cntv_ctl_el0
        mrs x17, icc_rpr_el1
        msr cntv_ctl_el0, xzr
        msr icc_eoir1_el1, x13
        mrs x15, icc_iar1_el1
        mrs x18, icc_rpr_el1
        stop
        """).run();
    assertTrue(g.x(12) >= 1000 && g.x(12) < 1050, "after " + g.x(12) + " ticks");
    assertEquals(27, g.x(13), "virtual timer");
    assertEquals(1, g.x(16), "condition not met yet");
    assertEquals(5, g.x(14), "enabled, condition met");
    assertEquals(1023, g.x(15), "nothing more");
    assertEquals(0xa0, g.x(17), "running priority in the handler");
    assertEquals(0xff, g.x(18), "idle priority afterwards");
  }

  @Test
  void maskedInterruptWakesAndStaysPending() {
    Arm64Guest g = new Arm64Guest("""
        vectors
        mov x9, 0xf0
        msr icc_pmr_el1, x9
        mov x9, 1
        msr icc_igrpen1_el1, x9
        mov x11, 100
        msr cntp_tval_el0, x11
        mov x11, 1
        msr cntp_ctl_el0, x11
        isb
        wfi
        mrs x12, isr_el1
        mrs x13, icc_hppir1_el1
        mov x14, 0x80
        msr icc_pmr_el1, x14
        mrs x15, icc_iar1_el1
        mrs x16, isr_el1
        stop
        """).run();
    assertEquals(0x80, g.x(12), "ISR_EL1.I");
    assertEquals(30, g.x(13), "physical timer");
    assertEquals(1023, g.x(15), "masked by priority");
    assertEquals(0, g.x(16));
    assertEquals(0, g.rows(0, RetireRow.INTERRUPT).size());
  }

  @Test
  void endAndDeactivationMayBeSeparate() {
    Arm64Guest g = new Arm64Guest("""
        mov x9, 0xf0
        msr icc_pmr_el1, x9
        mov x9, 1
        msr icc_igrpen1_el1, x9
        mov x9, 2
        msr icc_ctlr_el1, x9
        bl send
        mrs x10, icc_iar1_el1
        mrs x11, icc_rpr_el1
        msr icc_eoir1_el1, x10
        mrs x12, icc_rpr_el1
        bl send
        mrs x13, icc_iar1_el1
        msr icc_dir_el1, x10
        mrs x14, icc_iar1_el1
        stop
        send:
        ldr x9, =(7 << 24) + 1
        msr icc_sgi1r_el1, x9
        mov x9, 20000
        1: subs x9, x9, 1
        b.ne 1b
        ret
        .ltorg
        """).run();
    assertEquals(7, g.x(10));
    assertEquals(0xa0, g.x(11));
    assertEquals(0xff, g.x(12), "priority dropped");
    assertEquals(1023, g.x(13), "still active");
    assertEquals(7, g.x(14), "after deactivation");
  }

  @Test
  void exclusiveStoreFailsAfterAnotherCpuWroteTheLine() {
    Arm64Guest g = new Arm64Guest("""
        address x10, word
        address x11, turn
        ldxr x12, [x10]
        mov x13, 1
        str x13, [x11]
        1: ldar x13, [x11]
        cmp x13, 2
        b.ne 1b
        stxr w14, x12, [x10]
        ldxr x12, [x10]
        stxr w15, x13, [x10]
        ldr x16, [x10]
        stop
        secondary_start:
        address x10, word
        address x11, turn
        1: ldar x13, [x11]
        cbz x13, 1b
        str x13, [x10, 8]
        mov x13, 2
        stlr x13, [x11]
        2: wfi
        b 2b
        .data
        .balign 64
        word: .quad 7, 0
        .balign 64
        turn: .quad 0
        """, 2, Staleness.TYPICAL, false, false).run();
    assertEquals(1, g.x(14), "monitor lost");
    assertEquals(0, g.x(15), "monitor kept");
    assertEquals(2, g.x(16));
  }
}
