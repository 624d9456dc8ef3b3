package dev.crosspatch.isa.x86;

import static dev.crosspatch.isa.x86.X86FaultRulesTest.HANDLERS;
import static dev.crosspatch.isa.x86.X86FaultRulesTest.LOAD_IDT;
import static dev.crosspatch.isa.x86.X86FaultRulesTest.LOAD_TASK;
import static dev.crosspatch.isa.x86.X86FaultRulesTest.SET_STACK;
import static dev.crosspatch.isa.x86.X86FaultRulesTest.TO_USER;
import static dev.crosspatch.isa.x86.X86FaultRulesTest.lab;
import static dev.crosspatch.isa.x86.X86FaultRulesTest.outcome;
import static dev.crosspatch.isa.x86.X86FaultRulesTest.program;
import static dev.crosspatch.isa.x86.X86FaultRulesTest.saved;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.machine.RunResult.End;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Rules of system registers, SYSRET and what an exception's frame holds, by section of the manual.
final class X86SystemRulesTest {
  private static final long BS = 1 << 14;
  private static final String DONE = "cd 25";

  private static long frame(X86Lab lab, int offset) {
    return lab.data((int) (lab.core(0).r[X86Core.RSP] - X86Lab.DATA) + offset);
  }

  /// SDM vol. 3 6.15, #PF: the second fault's address replaces the first's, even if both are a double fault.
  @Test
  void theSecondPageFaultOverwritesCr2() {
    X86Lab lab = lab("skylake", LOAD_IDT, SET_STACK, LOAD_TASK, "48 8b 04 25 00 00 00 00"); // mov rax, [0]
    lab.setData(0x320, 0x5000L << 32); // IST1 is not mapped
    lab.setData(0x328, 0);
    lab.gate(14, HANDLERS + 16 * 14, 0, 1);
    assertEquals("vector 8 0", outcome(lab));
    assertEquals(0x4ff8, lab.core(0).cr2);
  }

  /// SDM vol. 2B RDTSC: CR4.TSD forbids it at CPL 1 and 2 as well.
  @Test
  void timeIsForbiddenAboveRing0() {
    for (int cpl = 0; cpl < 4; cpl++) {
      X86Lab lab = cpl == 3 ? program("skylake", TO_USER, "0f 31  0f 0b") : lab("skylake", "0f 31  0f 0b");
      X86Core core = lab.core(0);
      core.cr4 |= X86Core.CR4_TSD;
      if (cpl < 3) {
        core.privilege = cpl;
        tables(lab);
      }
      assertEquals(cpl == 0 ? "vector 6" : "vector 13 0", outcome(lab), "CPL " + cpl);
    }
  }

  private static void tables(X86Lab lab) {
    X86Core core = lab.core(0);
    core.idtBase = X86Lab.DATA + X86Lab.IDT;
    core.idtLimit = 0xfff;
    core.tssBase = X86Lab.DATA + 0x300;
    core.tssLimit = 0x67;
    core.r[X86Core.RSP] = X86Lab.DATA + 0x8000;
  }

  // ---- SYSRET (SDM vol. 2B, APM vol. 3)

  private static X86Lab sysret(String preset, long rcx, long r11) {
    X86Lab lab = program(preset, "48 0f 07", "90 0f 0b");
    X86Core core = lab.core(0);
    core.efer |= X86Core.EFER_SCE;
    core.star = 0x20L << 48;
    core.r[X86Core.RCX] = rcx;
    core.r[X86Core.R11] = r11;
    return lab;
  }

  @Test
  void sysretToAnAddressThatIsNotCanonical() {
    X86Lab intel = sysret("skylake", 1L << 47, 2);
    assertEquals("vector 13 0", outcome(intel));
    assertEquals(0x10, frame(intel, 16), "at CPL 0");
    X86Lab amd = sysret("zen4", 1L << 47, 2);
    assertEquals("vector 13 0", outcome(amd));
    assertEquals(1L << 47, frame(amd, 8), "at the target");
    assertEquals(0x33, frame(amd, 16), "at CPL 3");
  }

  @Test
  void sysretThatSetsTheTrapFlagTrapsAtOnce() {
    X86Lab lab = sysret("skylake", 0x40_0000, 0x102);
    assertEquals("vector 1", outcome(lab));
    assertEquals(0x40_0000, saved(lab), "before the first instruction");
    assertEquals(BS, lab.core(0).dr[6]);
    X86Lab plain = sysret("skylake", 0x40_0000, 2);
    assertEquals("vector 6", outcome(plain));
    X86Lab disabled = sysret("skylake", 0x40_0000, 2);
    disabled.core(0).efer &= ~X86Core.EFER_SCE;
    assertEquals("vector 6", outcome(disabled));
    assertEquals(0x10, frame(disabled, 8), "SYSRET itself is undefined");
  }

  /// SDM vol. 3 17.3.1.1: RF in the frame of a fault, and of what comes between two elements of a repetition.
  @Test
  void resumeFlagInTheFrame() {
    String stepping = TO_USER.replace("6a 02", "68 02 01 00 00");
    String three = "b9 03 00 00 00  be 00 00 40 00 "; // mov ecx, 3; mov esi, 0x400000
    assertEquals(X86Core.RF, flags(program("skylake", three + stepping, "f3 ac")), "rep lodsb: two elements are left");
    assertEquals(0, flags(program("skylake", three.replace("b9 03", "b9 01") + stepping, "f3 ac")), "the last one");
    assertEquals(0, flags(program("skylake", stepping, "90")), "single step");
    assertEquals(X86Core.RF, flags(program("skylake", TO_USER, "0f 0b")), "#UD is a fault");
    assertEquals(0, flags(program("skylake", TO_USER, "cc")), "INT3 is a trap");
  }

  /// RF lasts for one instruction, and so does the engine's stepping: what comes behind retires in runs again.
  @Test
  void aResumedInstructionIsSteppedAlone() {
    String resumed = TO_USER.replace("6a 02", "68 02 00 01 00"); // RF in the frame
    // mov ecx, 3; six nops; dec ecx; jnz; ud2: what is met again is chained
    X86Lab lab = program("skylake", resumed, "b9 03 00 00 00  90 90 90 90 90 90  ff c9  75 f6  0f 0b");
    List<Long> lengths = new ArrayList<>(); // of runs, without their last instruction
    lab.machine.attach(0, new RetireSink() {
      @Override
      public void retired(RetireBatch batch) {
        for (int i = 0; i < batch.runs(); i++) {
          if (batch.run(i).kind() == RetireRow.INSN && batch.run(i).startPc() >>> 12 == 0x400) {
            lengths.add(batch.run(i).pc - batch.run(i).startPc());
          }
        }
      }
    });
    assertEquals("vector 6", outcome(lab));
    lab.machine.end();
    assertEquals(0, lengths.getFirst(), lengths::toString);
    assertTrue(Collections.max(lengths) > 1, lengths::toString);
  }

  private static long flags(X86Lab lab) {
    outcome(lab);
    return frame(lab, 16) & X86Core.RF;
  }

  // ---- x2APIC (SDM vol. 3 10.12.1.2): what is reserved, absent, or of the other direction raises #GP

  @Test
  void x2ApicRegistersRefuseWhatTheyHaveNot() {
    int[][] good = {{0x808, 0x20}, {0x80b, 0}, {0x80f, 0x1ff}, {0x828, 0}, {0x83e, 11}, {0x838, 5}, {0x832, 0x1_0000}};
    int[][] bad = {{0x808, 0x100}, {0x80b, 1}, {0x80f, 0x400}, {0x828, 1}, {0x83e, 4}, {0x83f, 0x100}, {0x830, 0x2000},
        {0x830, 1 << 20}, {0x802, 0}, {0x80a, 0}, {0x810, 0},
      {0x839, 0}, {0x801, 0}, {0x80c, 0}, {0x80e, 0}, {0x8ff, 0}};
    for (int[] one : good) {
      assertEquals("vector 37", write(one[0], one[1]), Integer.toHexString(one[0]));
    }
    for (int[] one : bad) {
      assertEquals("vector 13 0", write(one[0], one[1]), Integer.toHexString(one[0]));
    }
    for (int absent : new int[] {0x80b, 0x83f, 0x801, 0x80c, 0x80e, 0x831, 0x8ff}) {
      assertEquals("vector 13 0",
          outcome(lab("skylake", LOAD_IDT, SET_STACK, "b9" + X86FaultRulesTest.displacement(absent), "0f 32", DONE)),
          Integer.toHexString(absent));
    }
  }

  private static String write(int msr, int value) {
    return outcome(lab("skylake", LOAD_IDT, SET_STACK, "b9" + X86FaultRulesTest.displacement(msr),
        "b8" + X86FaultRulesTest.displacement(value), "31 d2  0f 30", DONE));
  }

  // ---- IRET and gates: a descriptor at selector 8 (SDM vol. 2A IRET; vol. 3 6.12, 6.13)

  private static final long CODE = 0x00af_9a00_0000_ffffL;
  private static final long WRITABLE_DATA = 0x00cf_9200_0000_ffffL;
  private static final long ABSENT = 1L << 47;
  private static final long DPL_3 = 3L << 45;

  private static String iret(int cs, int ss, long descriptor) {
    // push ss, DATA + 0x8000, 2, cs, TEXT + 0x600; iretq
    String code = String.format("6a %02x  68 00 80 10 81  6a 02  6a %02x  68 00 06 00 81  48 cf", ss, cs);
    X86Lab lab = lab("skylake", LOAD_IDT, SET_STACK, LOAD_TASK, code).put(0x600, DONE);
    lab.gate(37, 0x380, 3, 0);
    lab.put(0x380, "f4");
    lab.setData(0x208, descriptor);
    End end = lab.run().end();
    assertEquals(End.DEADLOCK, end);
    return lab.core(0).pc - X86Lab.TEXT == 0x380 || lab.core(0).pc - X86Lab.TEXT == 0x381 ? "returned" : outcome(lab);
  }

  @Test
  void returnsCheckSelectors() {
    assertEquals("returned", iret(8, 0x18, CODE));
    assertEquals("returned", iret(8, 0, CODE), "null SS at CPL 0");
    assertEquals("vector 13 0", iret(0, 0x18, CODE), "null CS");
    assertEquals("vector 13 0", iret(3, 0x2b, CODE), "null CS of RPL 3");
    assertEquals("vector 13 8", iret(8, 0x18, WRITABLE_DATA), "CS is data");
    assertEquals("vector 13 8", iret(8, 0x18, CODE & ~(1L << 53)), "not 64-bit code");
    assertEquals("vector 13 8", iret(8, 0x18, CODE | 1L << 54), "L and D");
    assertEquals("vector 13 8", iret(8, 0x18, CODE | DPL_3), "DPL 3, RPL 0");
    assertEquals("vector 13 8", iret(0x0b, 0x2b, CODE), "DPL 0, RPL 3");
    assertEquals("vector 13 8", iret(8, 0x18, CODE | DPL_3 | 1L << 42), "conforming, DPL above RPL");
    assertEquals("returned", iret(8, 0x18, CODE | 1L << 42), "conforming");
    assertEquals("vector 11 8", iret(8, 0x18, CODE & ~ABSENT), "not present");
    assertEquals("vector 13 48", iret(0x48, 0x18, CODE), "beyond the table");
    assertEquals("vector 13 c", iret(0x0c, 0x18, CODE), "no local table");
    assertEquals("vector 12 8", iret(0x10, 8, WRITABLE_DATA & ~ABSENT), "SS not present");
    assertEquals("vector 13 8", iret(0x10, 8, WRITABLE_DATA | DPL_3), "SS of DPL 3");
    assertEquals("vector 13 8", iret(0x10, 8, WRITABLE_DATA & ~(1L << 41)), "SS read only");
    assertEquals("vector 13 18", iret(0x10, 0x1b, CODE), "SS of RPL 3");
    assertEquals("vector 13 0", iret(0x33, 0, CODE), "null SS for CPL 3");
    assertEquals("vector 13 0", iret(0x33, 3, CODE), "null SS for CPL 3");
    assertEquals("vector 13 18", iret(0x33, 0x18, CODE), "SS of RPL 0 for CPL 3");
  }

  private static String throughGate(String code, int vector, long descriptor) {
    X86Lab lab = lab("skylake", LOAD_IDT, SET_STACK, LOAD_TASK, code);
    int at = X86Lab.IDT + 16 * vector;
    lab.setData(at, (lab.data(at) & ~(0xffffL << 16)) | 8 << 16);
    lab.setData(0x208, descriptor);
    return outcome(lab);
  }

  @Test
  void gatesCheckTheirSegment() {
    for (String code : new String[] {"cd 25", "0f 0b"}) {
      int vector = code.equals("cd 25") ? 37 : 6;
      String external = vector == 6 ? "9" : "8";
      assertEquals("vector " + vector, throughGate(code, vector, CODE), code);
      assertEquals("vector " + vector, throughGate(code, vector, CODE | 1L << 42), "conforming");
      assertEquals("vector 11 " + external, throughGate(code, vector, CODE & ~ABSENT), "not present");
      assertEquals("vector 13 " + external, throughGate(code, vector, CODE | DPL_3), "outer privilege");
      assertEquals("vector 13 " + external, throughGate(code, vector, CODE & ~(1L << 53)), "32-bit code");
      assertEquals("vector 13 " + external, throughGate(code, vector, WRITABLE_DATA), "data");
    }
    for (int type : new int[] {0, 2, 5, 6, 7, 9, 0xb, 0xc, 0x1e}) { // 5 is a task gate
      X86Lab lab = lab("skylake", LOAD_IDT, SET_STACK, LOAD_TASK, "cd 25");
      int at = X86Lab.IDT + 16 * 37;
      lab.setData(at, (lab.data(at) & ~(0x1fL << 40)) | (long) type << 40);
      assertEquals("vector 13 12a", outcome(lab), "gate of type " + type);
    }
  }

  /// SDM vol. 2A LAR, LSL, tables of types in IA-32e mode; LAR gives bits 23:8 of the upper half.
  @Test
  void accessRightsAndLimitsByType() {
    for (int type = 0; type < 32; type++) {
      long descriptor = (0x00c0_8001_0000_1234L & ~(0x1fL << 40)) | (long) type << 40 | 0xfL << 48;
      boolean both = type >= 16 || type == 2 || type == 9 || type == 0xb;
      // lar eax, ecx; lsl ebx, ecx
      X86Lab lab = lab("skylake", LOAD_IDT, SET_STACK, LOAD_TASK,
          "b9 08 00 00 00  31 c0  31 db  0f 02 c1  0f 94 c2  0f 03 d9  0f 94 c6  cd 25");
      lab.setData(0x208, descriptor);
      assertEquals("vector 37", outcome(lab));
      X86Core core = lab.core(0);
      assertEquals(both || type == 0xc ? descriptor >>> 32 & 0xff_ff00 : 0, core.r[0], "LAR of type " + type);
      assertEquals(both ? 0xf_1234L << 12 | 0xfff : 0, core.r[3], "LSL of type " + type);
      assertEquals((both || type == 0xc ? 1 : 0) | (both ? 0x100 : 0), core.r[2] & 0xffff, "ZF of type " + type);
    }
  }
}
