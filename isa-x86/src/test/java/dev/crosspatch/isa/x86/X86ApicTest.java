package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The local APIC by its registers (SDM vol. 3 chapter 10).
final class X86ApicTest {
  private static final int TPR = 0x808;
  private static final int EOI = 0x80b;
  private static final int SIVR = 0x80f;
  private static final int ICR = 0x830;
  private static final int TIMER = 0x832;
  private static final int ERROR = 0x837;
  private static final int FIXED = 0;

  /// Machine of `cpus` cores that are halted with interrupts off and APICs enabled.
  private static X86Lab lab(int cpus) {
    X86Lab lab = new X86Lab(cpus, "f4");
    for (int i = 0; i < cpus; i++) {
      lab.core(i).apic.write(SIVR, 0x1ff);
    }
    return lab;
  }

  private static List<Integer> receivers(X86Lab lab, int vector) {
    lab.run();
    List<Integer> cores = new ArrayList<>();
    for (int i = 0; i < lab.machine.cpus(); i++) {
      if ((lab.core(i).apic.read(0x820 + vector / 32) >> vector % 32 & 1) != 0) {
        cores.add(i);
      }
    }
    return cores;
  }

  @Test
  void destinationsAndShorthands() {
    List<Integer> all = List.of(0, 1, 2, 3, 17);
    List<List<Integer>> expected = List.of(List.of(2), all, List.of(1, 3), List.of(17), List.of(1), all,
        List.of(0, 2, 3, 17));
    long[] commands = {
      2L << 32, // physical
      0xffff_ffffL << 32, // broadcast
      0xaL << 32 | 1 << 11, // logical, cluster 0, bits 1 and 3
      0x1_0002L << 32 | 1 << 11, // logical, cluster 1, bit 1
      1 << 18, 2 << 18, 3 << 18 // self, all, others
    };
    for (int i = 0; i < commands.length; i++) {
      X86Lab lab = lab(18);
      lab.core(1).apic.write(ICR, commands[i] | 0x40);
      List<Integer> got = new ArrayList<>(receivers(lab, 0x40));
      got.removeIf(c -> c > 3 && c < 17);
      assertEquals(expected.get(i), got, "command " + i);
    }
  }

  /// SDM vol. 3 10.4.7.2: all local vectors are masked while software has the APIC disabled.
  @Test
  void localVectorsAreMaskedWhileItIsDisabled() {
    X86Apic apic = lab(1).core(0).apic;
    apic.write(TIMER, 0x2_0030);
    apic.write(ERROR, 0x31);
    assertEquals(0x2_0030, apic.read(TIMER));
    apic.write(SIVR, 0xff);
    assertEquals(0x3_0030, apic.read(TIMER));
    assertEquals(0x1_0031, apic.read(ERROR));
    apic.write(TIMER, 0x30);
    apic.write(ERROR, 0x31);
    apic.write(SIVR, 0x1ff);
    assertEquals(0x1_0030, apic.read(TIMER));
    assertEquals(0x1_0031, apic.read(ERROR));
    apic.write(TIMER, 0x30);
    assertEquals(0x30, apic.read(TIMER));
  }

  @Test
  void lowestPriorityReachesOneOfTheTargets() {
    X86Lab lab = lab(4);
    lab.core(0).apic.write(ICR, 0xeL << 32 | 1 << 11 | 1 << 8 | 0x40);
    assertEquals(List.of(1), receivers(lab, 0x40));
  }

  @Test
  void prioritiesOrderInterruptsAndEndOfInterruptReleasesThem() {
    X86Lab lab = lab(1);
    X86Apic apic = lab.core(0).apic;
    apic.event(FIXED, 0x31);
    apic.event(FIXED, 0x52);
    assertEquals(0x52, apic.acknowledge());
    assertFalse(apic.pending(), "0x31 waits for the end of 0x52");
    apic.event(FIXED, 0x60);
    assertTrue(apic.pending());
    assertEquals(0x60, apic.acknowledge());
    apic.write(EOI, 0);
    apic.write(EOI, 0);
    assertEquals(0x31, apic.acknowledge());
    apic.write(EOI, 0);
    apic.write(TPR, 0x40);
    apic.event(FIXED, 0x4f);
    assertFalse(apic.pending(), "the task priority holds its own class back");
    assertEquals(0x40, apic.read(0x80a), "PPR");
    apic.write(TPR, 0);
    assertTrue(apic.pending());
  }

  @Test
  void aDisabledApicAndIllegalVectorsTakeNothing() {
    X86Lab lab = new X86Lab(1, "f4");
    lab.core(0).apic.event(FIXED, 0x40);
    assertFalse(lab.core(0).apic.pending());
    X86Lab enabled = lab(1);
    enabled.core(0).apic.event(FIXED, 15);
    assertFalse(enabled.core(0).apic.pending());
  }

  @Test
  void nonMaskableInterruptsPassTheMaskAndNestOnce() {
    X86Lab lab = new X86Lab(2,
        "0f 01 1c 25 00 00 10 81", // lidt [DATA]
        "48 c7 c4 00 80 10 81", // mov rsp, DATA + 0x8000
        "85 ff  75 0e", // test edi, edi; jne 21
        "b9 30 08 00 00  b8 00 04 0c 00  0f 30  f4  90", // 13: wrmsr ICR: NMI to all others; hlt
        "f4  eb fd"); // 21: hlt; jmp 21
    lab.gates(2, 0x40)
        .put(0x40, "49 ff c7  49 83 ff 02  73 10  b9 30 08 00 00  b8 00 04 04 00  0f 30  90 90 90 90  48 cf");
    // inc r15; cmp r15, 2; jae 59; wrmsr ICR: NMI to itself; 4 nop; 59: iretq
    lab.run();
    assertEquals(2, lab.core(1).r[15], "the second NMI comes after IRET");
  }

  @Test
  void tscDeadlineFiresOnceAtItsTime() {
    X86Lab lab = lab(1);
    X86Apic apic = lab.core(0).apic;
    apic.setDeadline(5000);
    assertEquals(0, apic.deadline(), "ignored in another mode");
    apic.write(0x832, 0x4_0055);
    apic.setDeadline(5000);
    assertEquals(5000, apic.deadline());
    lab.run();
    assertTrue(apic.pending());
    assertEquals(0x55, apic.acknowledge());
    assertEquals(5000, lab.core(0).ticks());
    assertEquals(0, apic.deadline());
  }

  @Test
  void registersThatDoNotExistRaiseGeneralProtection() {
    X86Core core = lab(1).core(0);
    assertFalse(core.apic.write(0x802, 1), "ID is read-only");
    assertFalse(core.apic.write(0x80e, 0), "there is no DFR in x2APIC mode");
    assertFalse(core.apic.write(TPR, 1L << 32), "reserved bits");
    core.apic.read(0x80b);
    assertEquals(X86Exceptions.GP, core.faultCode, "EOI is write-only");
  }
}
