package dev.crosspatch.isa.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.machine.RunResult.End;
import org.junit.jupiter.api.Test;

final class X86CoreTest {
  @Test
  void runsStraightLineCode() {
    X86Lab lab = new X86Lab(1,
        "48 c7 c0 05 00 00 00", // mov rax, 5
        "48 8d 58 07", // lea rbx, [rax + 7]
        "01 d8", // add eax, ebx
        "f4"); // hlt
    assertEquals(End.DEADLOCK, lab.run().end());
    assertEquals(17, lab.core(0).r[X86Core.RAX]);
    assertEquals(12, lab.core(0).r[X86Core.RBX]);
  }
}
