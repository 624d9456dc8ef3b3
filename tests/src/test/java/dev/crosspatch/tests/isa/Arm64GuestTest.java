package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.tests.isa.Arm64Guest.Row;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Exceptions, translation and system registers of AArch64, as guest programs see them.
class Arm64GuestTest {
  private static final int ETM_CALL = 2;
  private static final int ETM_TRAP = 3;
  private static final int ETM_INSTRUCTION_DEBUG = 6;
  private static final int ETM_ALIGNMENT = 10;
  private static final int ETM_INSTRUCTION_FAULT = 11;
  private static final int ETM_DATA_FAULT = 12;
  private static final long IL = 1 << 25;

  private static long esr(int exceptionClass, long iss) {
    return (long) exceptionClass << 26 | IL | iss;
  }

  @Test
  void bootStateIsEl1WithEverythingMasked() {
    Arm64Guest g = new Arm64Guest("""
        mov x10, x0
        mrs x11, currentel
        mrs x12, daif
        mrs x13, spsel
        mrs x14, sctlr_el1
        mrs x15, mpidr_el1
        stop
        """).run();
    assertEquals(0, g.x(10));
    assertEquals(4, g.x(11));
    assertEquals(0x3c0, g.x(12));
    assertEquals(1, g.x(13));
    assertEquals(1, g.x(14) & 1, "SCTLR_EL1.M");
    assertEquals(0x8000_0000L, g.x(15));
  }

  @Test
  void breakpointTrapsWithoutRetiringAndEretReturnsBehindIt() {
    Arm64Guest g = new Arm64Guest("""
        vectors
        mov x10, 1
        site: brk 0x123
        mov x11, 2
        stop
        sync_handler:
        mrs x20, esr_el1
        mrs x21, elr_el1
        mrs x23, spsr_el1
        add x22, x21, 4
        msr elr_el1, x22
        back: eret
        """).run();
    long site = g.address("site");
    assertEquals(esr(0x3c, 0x123), g.x(20));
    assertEquals(site, g.x(21));
    assertEquals(0x3c5, g.x(23) & 0xfff_ffffL, "EL1h, all masked");
    assertEquals(2, g.x(11));
    long handler = g.address("vector_table") + 0x200;
    assertEquals(List.of(new Row(RetireRow.TRAP, site, handler, ETM_INSTRUCTION_DEBUG, FlowClass.OTHER, false, 1)),
        g.rows(0, RetireRow.TRAP));
    assertTrue(g.rows.getFirst().stream().noneMatch(r -> r.kind() == RetireRow.INSN && r.pc() == site), "BRK retired");
    Row eret = g.rows.getFirst().stream().filter(r -> r.pc() == g.address("back")).findFirst().orElseThrow();
    assertEquals(FlowClass.TRAP_RETURN, eret.flow());
    assertEquals(site + 4, eret.next());
    assertTrue(eret.taken());
  }

  @Test
  void systemCallFromEl0RetiresAndThenEnters() {
    Arm64Guest g = new Arm64Guest("""
        vectors
        mov x10, 0x3c0
        msr spsr_el1, x10
        adr x11, user
        msr elr_el1, x11
        mov x12, sp
        mov x13, 0x1000
        msr sp_el0, x13
        bl open_text
        eret
        """ + OPEN_TEXT + """
        user:
        mov x14, sp
        mov x15, 7
        call: svc 42
        mov x15, 8
        """).run();
    assertEquals(esr(0x15, 42), g.x(20));
    assertEquals(g.address("call") + 4, g.x(21));
    assertEquals(0x3c0, g.x(23) & 0xfff_ffffL, "EL0, all masked");
    assertEquals(0x400, g.x(24), "offset of the vector");
    assertEquals(0x1000, g.x(14), "SP_EL0");
    assertEquals(7, g.x(15));
    List<Row> calls = g.rows(0, RetireRow.CALL);
    assertEquals(1, calls.size());
    assertEquals(g.address("call") + 4, calls.getFirst().pc());
    assertEquals(ETM_CALL, calls.getFirst().vector());
    Row before = g.rows.getFirst().get(g.rows.getFirst().indexOf(calls.getFirst()) - 1);
    assertEquals(g.address("call"), before.pc());
    assertEquals(FlowClass.SYSTEM_CALL, before.flow());
    assertFalse(before.taken());
    assertEquals(0, before.privilege(), "SVC itself is still at EL0");
    assertEquals(1, calls.getFirst().privilege());
    assertEquals(1, g.machine.counters(0).exceptions());
    assertEquals(0, g.machine.counters(0).interrupts(), "a system call is no interrupt");
  }

  /// Lets EL0 execute the first 2 MiB of text, by a table of its own behind TTBR0... the kernel's leaf entries are
  /// rewritten in place.
  private static final String OPEN_TEXT = """
      open_text:
        mrs x0, ttbr1_el1
        mov x1, DIRECT_MAP & 0xffff000000000000
        orr x0, x0, x1
        ldr x2, [x0, 256 * 8]
        and x2, x2, 0xfffffffffffff000
        orr x2, x2, x1
        ldr x2, [x2]
        and x2, x2, 0xfffffffffffff000
        orr x2, x2, x1
        ldr x2, [x2, 128 * 8]
        and x2, x2, 0xfffffffffffff000
        orr x2, x2, x1
        ldr x3, [x2]
        bic x3, x3, 1 << 54
        orr x3, x3, 1 << 6
        str x3, [x2]
        dsb ish
        tlbi vmalle1
        dsb ish
        isb
        ret
      """;

  private static Arm64Guest faulting(String source) {
    return new Arm64Guest("vectors\n" + source + "\nstop\n").run();
  }

  private static void fault(Arm64Guest g, int etmType, long syndrome) {
    assertEquals(syndrome, g.x(20), () -> String.format("ESR_EL1 0x%x", g.x(20)));
    assertEquals(g.address("bad"), g.x(21));
    List<Row> faults = g.rows(0, RetireRow.FAULT);
    assertEquals(List.of(new Row(RetireRow.FAULT, g.address("bad"), g.address("vector_table") + 0x200, etmType,
        FlowClass.OTHER, false, 1)), faults);
  }

  @Test
  void undefinedInstructionsHaveClassZero() {
    fault(faulting("bad: udf 7"), ETM_TRAP, esr(0, 0));
    fault(faulting("bad: .word 0x1e204000 // fmov"), ETM_TRAP, esr(7, 0x1e0_0000));
    fault(faulting("bad: smc 0"), ETM_TRAP, esr(0, 0));
    fault(faulting("bad: hvc 1"), ETM_TRAP, esr(0, 0));
    fault(faulting("bad: .word 0xd53bf000 // mrs x0, s3_3_c15_c0_0"), ETM_TRAP, esr(0, 0));
    fault(faulting("bad: .word 0xd5180000 // msr midr_el1, x0"), ETM_TRAP, esr(0, 0));
  }

  @Test
  void textIsReadOnlyAndItsAliasIsNot() {
    Arm64Guest g = faulting("""
        ldr x10, =TEXT_ALIAS
        address x11, word
        and x12, x11, 0xffff
        ldr w13, [x10, x12]
        mov w14, 0x1234
        str w14, [x10, x12]
        ldr w15, [x11]
        bad: str w14, [x11]
        .ltorg
        word: .word 0xabcd
        """);
    assertEquals(0xabcd, g.x(13));
    assertEquals(0x1234, g.x(15), "store through the alias");
    assertEquals(g.address("word"), g.x(22), "FAR_EL1");
    fault(g, ETM_DATA_FAULT, esr(0x25, 1 << 6 | 0x0f));
  }

  @Test
  void abortsSayWhatAndWhere() {
    Arm64Guest unmapped = faulting("mov x10, 0x1000\nbad: ldr x0, [x10]");
    fault(unmapped, ETM_DATA_FAULT, esr(0x25, 0x04));
    assertEquals(0x1000, unmapped.x(22));
    Arm64Guest hole = faulting("mov x10, 1 << 48\nbad: str x0, [x10]");
    fault(hole, ETM_DATA_FAULT, esr(0x25, 1 << 6 | 0x04));
    Arm64Guest misaligned = faulting("address x10, bad\nadd x10, x10, 2\nbad: ldxr x0, [x10]");
    fault(misaligned, ETM_ALIGNMENT, esr(0x25, 0x21));
    Arm64Guest maintenance = faulting("mov x10, 0x1000\nbad: dc cvau, x10");
    fault(maintenance, ETM_DATA_FAULT, esr(0x25, 1 << 8 | 1 << 6 | 0x04));
  }

  @Test
  void badFetchesFaultAtTheirTarget() {
    Arm64Guest data = faulting("ldr x10, =TEXT_ALIAS\nbr x10\n.ltorg");
    assertEquals(esr(0x21, 0x0e), data.x(20), "permission fault at level 2");
    assertEquals(data.x(10), data.x(21));
    assertEquals(ETM_INSTRUCTION_FAULT, data.rows(0, RetireRow.FAULT).getFirst().vector());
    Arm64Guest odd = faulting("adr x10, start\nadd x10, x10, 2\nbr x10");
    assertEquals(esr(0x22, 0), odd.x(20));
    assertEquals(odd.x(10), odd.x(22), "FAR_EL1");
    assertEquals(ETM_ALIGNMENT, odd.rows(0, RetireRow.FAULT).getFirst().vector());
  }

  @Test
  void identificationSpaceReadsZeroWhereNothingIs() {
    Arm64Guest g = faulting("""
        mov x10, -1
        mov x11, -1
        .word 0xd53803ea // mrs x10, s3_0_c0_c3_7
        .word 0xd538048b // mrs x11, id_aa64zfr0_el1
        mrs x12, ctr_el0
        mrs x13, dczid_el0
        mrs x14, id_aa64isar0_el1
        """);
    assertEquals(0, g.x(10));
    assertEquals(0, g.x(11));
    assertEquals(0x8444_c004L, g.x(12), "neither IDC nor DIC");
    assertEquals(4, g.x(13));
    assertEquals(0x1200_1000_1021_1120L, g.x(14), "all there is: preset max");
    Arm64Guest coherent = new Arm64Guest("mrs x12, ctr_el0\nstop\n", 1,
        dev.crosspatch.core.machine.MachineConfig.Staleness.TYPICAL, true, true).run();
    assertEquals(0xb444_c004L, coherent.x(12), "IDC and DIC");
  }

  @Test
  void returnToAnUnknownModeIsAnIllegalState() {
    Arm64Guest g = faulting("""
        adr x10, bad
        msr elr_el1, x10
        mov x10, 0x3c9
        msr spsr_el1, x10
        eret
        bad: mov x11, 5
        """);
    fault(g, ETM_TRAP, esr(0x0e, 0));
    assertEquals(1 << 20, g.x(23) & 1 << 20, "SPSR_EL1.IL");
    assertEquals(0, g.x(11));
  }

  @Test
  void contextRegisterWriteIsReported() {
    Arm64Guest g = faulting("mov x10, 0x55\nmsr contextidr_el1, x10");
    List<Row> rows = g.rows(0, RetireRow.CONTEXT);
    assertEquals(1, rows.size());
    assertEquals(0x55, rows.getFirst().next());
  }

  @Test
  void stackPointersAreBanked() {
    Arm64Guest g = faulting("""
        mov x10, 0x100
        mov sp, x10
        msr spsel, 0
        mov x11, 0x200
        mov sp, x11
        msr spsel, 1
        mov x12, sp
        mrs x13, sp_el0
        """);
    assertEquals(0x100, g.x(12));
    assertEquals(0x200, g.x(13));
  }

  @Test
  void addressTranslationGoesToPar() {
    Arm64Guest g = faulting("""
        address x10, start
        at s1e1r, x10
        isb
        mrs x11, par_el1
        at s1e1w, x10
        isb
        mrs x12, par_el1
        """);
    assertEquals(0xff00_0000_4000_0000L | 1 << 11 | 1 << 9 | 3 << 7, g.x(11),
        "write-back memory, RES1, NS, inner shareable");
    assertEquals(1 << 11 | 1 | 0x0f << 1, g.x(12), "text is not writable: permission fault at level 3");
  }

  @Test
  void userMayNotTouchTheKernel() {
    Arm64Guest g = new Arm64Guest("""
        vectors
        mov x10, 0x3c0
        msr spsr_el1, x10
        adr x11, bad
        msr elr_el1, x11
        bl open_text
        address x12, secret
        eret
        """ + OPEN_TEXT + """
        bad: ldr x0, [x12]
        .data
        secret: .quad 1
        .text
        """).run();
    assertEquals(esr(0x24, 0x0f), g.x(20), "from a lower level");
    assertEquals(g.address("secret"), g.x(22));
    assertEquals(0x400, g.x(24));
  }

  @Test
  void trappedRegisterOfUserSaysWhich() {
    Arm64Guest g = new Arm64Guest("""
        vectors
        mov x10, 0x3c0
        msr spsr_el1, x10
        adr x11, bad
        msr elr_el1, x11
        bl open_text
        eret
        """ + OPEN_TEXT + """
        bad: mrs x5, cntvct_el0
        """).run();
    // Op0 3, Op2 2, Op1 3, CRn 14, Rt 5, CRm 0, read
    assertEquals(esr(0x18, 3 << 20 | 2 << 17 | 3 << 14 | 14 << 10 | 5 << 5 | 1), g.x(20));
  }

  @Test
  void privilegedAccessNeverStopsUserAccess() {
    Arm64Guest g = faulting("""
        bl open_text
        address x10, start
        msr pan, 1
        ldtr w11, [x10]
        bad: ldr w12, [x10]
        stop
        """ + OPEN_TEXT);
    assertEquals(esr(0x25, 0x0f), g.x(20), "PAN: permission fault at level 3");
    assertTrue(g.x(11) != 0, "LDTR");
  }
}
