package dev.crosspatch.core.uop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.lab.Lab;
import org.junit.jupiter.api.Test;

/// README's example of a micro-op: CTZ is a row and an arm, and runs.
final class UopWorkedExampleTest {
  @Test
  void runs() {
    Lab lab = Lab.Setup.X86.lab().put(Lab.text().li(4, 0x50).op(Uop.CTZ, 5, 4, Uop.ZERO, 3).stop());
    lab.run();
    assertEquals(4, lab.core(0).r[5]);
  }
}
