package dev.crosspatch.isa.arm64;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// README's example of an instruction: SEVL is a row and a method, and runs.
final class Arm64WorkedExampleTest {
  /// SEVL sets the event register of its core (DDI0487 C6.2 SEVL).
  @Test
  void runs() {
    Arm64Lab lab = new Arm64Lab(1, "max");
    lab.core(0).eventRegister = false;
    assertEquals(0, lab.run(0, 0xd50320bf));
    assertTrue(lab.core(0).eventRegister);
  }
}
