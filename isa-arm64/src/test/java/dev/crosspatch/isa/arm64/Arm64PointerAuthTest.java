package dev.crosspatch.isa.arm64;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// Pointer authentication (DDI0487 D8.10); codes of pointers are held against QEMU's by Arm64SystemProgramsTest.
final class Arm64PointerAuthTest {
  private static final long KEY_HIGH = 0x84be85ce9804e94bL;
  private static final long KEY_LOW = 0xec2802d4e0a488e9L;
  private static final int PACIA_X1_X2 = 0xdac10041;
  private static final int AUTIA_X1_X2 = 0xdac11041;
  private static final int PACIASP = 0xd503233f;
  private static final int RETAA = 0xd65f0bff;

  private final Arm64Lab lab = new Arm64Lab(1, "max");
  private final Arm64Core core = lab.core(0);

  private void enable(long bits) {
    core.system.set(Arm64SystemRegister.SCTLR_EL1, core.system.get(Arm64SystemRegister.SCTLR_EL1) | bits);
    core.system.set(Arm64SystemRegister.APIAKEYHI_EL1, KEY_HIGH);
    core.system.set(Arm64SystemRegister.APIAKEYLO_EL1, KEY_LOW);
  }

  /// Avanzi, "The QARMA Block Cipher Family", appendix: QARMA-64 with S-box sigma 2 and five rounds.
  @Test
  void theCipherHasThePublishedResult() {
    assertEquals(0xc003b93999b33765L, Arm64Qarma.encrypt(0xfb623599da6e8127L, 0x477d469dec0b8762L, KEY_HIGH, KEY_LOW));
  }

  @Test
  void aSignedPointerIsGivenBackToWhoHasItsModifier() {
    enable(1L << 31);
    long pointer = Arm64Lab.MAP.directMap() + 0x1234;
    core.r[1] = pointer;
    core.r[2] = 77;
    lab.run(0, PACIA_X1_X2);
    long signed = core.r[1];
    assertNotEquals(pointer, signed);
    lab.run(0, AUTIA_X1_X2);
    assertEquals(pointer, core.r[1]);
    core.r[1] = signed;
    core.r[2] = 78;
    lab.run(0, AUTIA_X1_X2);
    assertEquals((pointer & ~(3L << 61)) | 1L << 61, core.r[1], "error code 0b01 of an A key");
  }

  @Test
  void withoutItsEnableBitAKeyDoesNothing() {
    for (int word : new int[] {PACIA_X1_X2, AUTIA_X1_X2, PACIASP}) {
      core.r[1] = 0x1234;
      core.r[30] = 0x5678;
      assertEquals(0, lab.run(0, word));
      assertTrue(core.r[1] == 0x1234 && core.r[30] == 0x5678, Integer.toHexString(word));
    }
  }

  @Test
  void hintsAreNopsWithoutTheExtension() {
    Arm64Lab n1 = new Arm64Lab(1, "neoverse-n1");
    n1.core(0).r[30] = 0x1234;
    assertEquals(0, n1.run(0, PACIASP));
    assertEquals(0x1234, n1.core(0).r[30]);
    assertEquals(Arm64Syndrome.UNDEFINED, n1.run(0, PACIA_X1_X2));
    assertEquals(Arm64Syndrome.UNDEFINED, n1.run(0, RETAA));
  }
}
