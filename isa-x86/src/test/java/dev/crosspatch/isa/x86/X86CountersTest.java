package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.cpu.Counters;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.core.machine.RunLimits;
import org.junit.jupiter.api.Test;

/// What a core counts, on programs of which the numbers are known.
final class X86CountersTest {
  private static final String LOAD_IDT = "0f 01 1c 25 00 00 10 81"; // lidt [DATA]
  private static final String SET_STACK = "48 c7 c4 00 80 10 81"; // mov rsp, DATA + 0x8000

  private static Counters counters(X86Lab lab) {
    lab.machine.run(RunLimits.ofCycles(1_000_000));
    return lab.machine.counters(0);
  }

  /// Eight jumps, each to a line of its own, twenty times around.
  @Test
  void everyLineMissesOnceAndHitsAfterwards() {
    X86Lab lab = new X86Lab(1, "b9 14 00 00 00", "eb 39"); // mov ecx, 20; jmp TEXT + 0x40
    for (int i = 1; i < 8; i++) {
      lab.put(0x40 * i, "eb 3e"); // jmp to the next line
    }
    lab.put(0x200, "ff c9  0f 85 38 fe ff ff  f4"); // dec ecx; jne TEXT + 0x40; hlt
    Counters c = counters(lab);
    assertEquals(2 + 20 * 9 + 1, c.retired());
    assertEquals(9, c.icacheMisses());
    assertTrue(c.icacheHits() >= 19 * 8 - 1, "entries of a line already there: " + c.icacheHits());
    assertEquals(0, c.staleExecutions() + c.exceptions() + c.interrupts());
    assertTrue(c.cycles() >= 9 * 12, "refills of 12 cycles and more: " + c.cycles());
  }

  @Test
  void trapsFaultsAndInterruptsAreCountedApart() {
    X86Lab lab = new X86Lab(1, LOAD_IDT, SET_STACK, "cc  cc  cc  0f 0b", // int3 thrice; ud2
        "b9 0f 08 00 00  b8 ff 01 00 00  31 d2  0f 30", // enable the APIC
        "b9 3f 08 00 00  b8 40 00 00 00  0f 30", // send vector 0x40 to self
        "fb  f4  fa  f4"); // sti; hlt; cli; hlt
    lab.gates(3, 0x80, 6, 0x90, 0x40, 0xa0);
    // iretq; add qword [rsp], 2; iretq; iretq
    lab.put(0x80, "48 cf").put(0x90, "48 83 04 24 02  48 cf").put(0xa0, "48 cf");
    Counters c = counters(lab);
    assertEquals(4, c.exceptions(), "three INT3 and one #UD");
    assertEquals(1, c.interrupts());
  }

  /// A loop of 100 rounds with a branch that is taken every other time, and the same with one that never is.
  @Test
  void unpredictableBranchesAreMispredicted() {
    // mov ecx, 100; 5: mov eax, ecx; test al, imm; jne 9; 9: dec ecx; jne 5; hlt
    String loop = "b9 64 00 00 00  89 c8  a8 %s  75 00  ff c9  75 f6  f4";
    long never = counters(new X86Lab(1, loop.formatted("00"))).mispredicts();
    long alternating = counters(new X86Lab(1, loop.formatted("01"))).mispredicts();
    assertTrue(never <= 4, "first meetings and the end of the loop: " + never);
    assertTrue(alternating > never,
        "the alternating branch is met before it is learnt: " + alternating + ", against " + never);
  }

  @Test
  void walksAndDataMissesAreCounted() {
    // [DATA] thrice, [DATA + 0x40], [DATA + 0x1000]
    X86Lab lab = new X86Lab(1, "8b 04 25 00 00 10 81".repeat(3) + "8b 04 25 40 00 10 81  8b 04 25 00 10 10 81  f4");
    Counters c = counters(lab);
    assertEquals(3 + 5, c.dcacheMisses(), "three lines of data; of page tables one at each level, two at the last");
    assertEquals(3, c.tlbMisses(), "text and two pages of data");
  }

  @Test
  void codeThatMemoryNoLongerHoldsIsCountedAsStale() {
    assertEquals(0, staleAfter("0f 01 e8"), "behind SERIALIZE");
    assertTrue(staleAfter("90") > 0, "behind NOP");
  }

  /// Sixty-four times: a store through the alias over the immediate of an instruction that ran before, then one
  /// instruction, then that again.
  private static long staleAfter(String between) {
    long alias = X86Lab.DIRECT_MAP + X86Lab.TEXT - X86Lab.LINK_OFFSET + 0x101;
    // mov r12, alias
    X86Lab lab = new X86Lab(1, Staleness.ADVERSARIAL, SET_STACK,
        "49 bc" + String.format("%016x", Long.reverseBytes(alias)),
        "41 bd 40 00 00 00", // mov r13d, 64
        "e8 e4 00 00 00", // 17: call TEXT + 0x100
        "45 88 2c 24", // mov [r12], r13b
        between + "  90".repeat(3 - between.replace(" ", "").length() / 2),
        "e8 d8 00 00 00", // call TEXT + 0x100
        "0f 01 e8  41 ff cd  75 e7  f4"); // serialize; dec r13d; jne 17; hlt
    lab.put(0x100, "b8 ff 00 00 00  c3"); // mov eax, 255; ret
    return counters(lab).staleExecutions();
  }
}
