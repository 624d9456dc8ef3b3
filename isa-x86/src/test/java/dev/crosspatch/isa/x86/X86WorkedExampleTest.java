package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.machine.RunResult.End;
import org.junit.jupiter.api.Test;

/// README's example of an instruction: LAHF is a row and a method, and runs.
final class X86WorkedExampleTest {
  /// AH = SF ZF 0 AF 0 PF 1 CF (SDM vol. 2A LAHF): ZF and PF after XOR of a register with itself.
  @Test
  void runs() {
    X86Lab lab = new X86Lab(1,
        "31 c0", // xor eax, eax
        "9f", // lahf
        "f4"); // hlt
    assertEquals(End.DEADLOCK, lab.run().end());
    assertEquals(0x4600, lab.core(0).r[X86Core.RAX]);
  }
}
