package dev.crosspatch.isa.arm64;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// SIMD and floating-point registers as the system sees them: traps, alignment, faults. What the instructions compute
/// is held against QEMU (Arm64QemuTest).
class Arm64VectorTest {
  private static final int MOVI = 0x4f00_0420; // movi v0.4s, #1
  private static final int FMOV = 0x9e67_0020; // fmov d0, x1
  private static final int LDR_Q = 0x3dc0_0020; // ldr q0, [x1]
  private static final int STR_Q = 0x3d80_0020; // str q0, [x1]
  private static final int LDP_Q = 0xad40_0420; // ldp q0, q1, [x1]
  private static final int LD4 = 0x4cdf_0820; // ld4 {v0.4s-v3.4s}, [x1], #64
  private static final int LDR_Q_SP = 0x3dc0_03e0; // ldr q0, [sp]
  private static final int MRS_FPCR = 0xd53b_4402;
  private static final int MSR_FPSR = 0xd51b_4422;
  private static final long TRAP = 0x1fe0_0000; // class 7, IL, CV, COND 0b1110
  private static final long ALIGNMENT = 0x9600_0021L; // class 0x25, IL
  private static final long WRITE = 0x40;
  private static final long PAGE = 0x40_0000;

  private final Arm64Lab lab = new Arm64Lab(1, "cortex-a72");
  private final Arm64Core core = lab.core(0);

  @BeforeEach
  void data() {
    lab.mapUser(PAGE, 0);
    core.r[1] = PAGE;
    Arrays.setAll(core.v, i -> 0x1111_1111_1111_1111L * i);
    open(3);
  }

  private void open(int fpen) {
    core.system.write(Arm64SystemRegister.CPACR_EL1, (long) fpen << 20);
  }

  @Test
  void cpacrTrapsEveryInstructionThatUsesTheRegisters() {
    long[] before = core.v.clone();
    for (int word : new int[] {MOVI, FMOV, LDR_Q, STR_Q, LD4, MRS_FPCR, MSR_FPSR}) {
      for (int fpen = 0; fpen < 4; fpen++) {
        for (int level = 0; level < 2; level++) {
          lab.enter(0, level);
          open(fpen);
          boolean trapped = fpen != 3 && (level == 0 || fpen != 1);
          String what = String.format("%08x at EL%d, FPEN %d", word, level, fpen);
          assertEquals(trapped ? TRAP : 0, lab.run(0, word), what);
          if (trapped) {
            assertArrayEquals(before, core.v, what);
          } else {
            before = core.v.clone();
          }
          core.r[1] = PAGE;
        }
      }
    }
  }

  @Test
  void statusKeepsSaturationAndExceptions() {
    core.system.write(Arm64SystemRegister.FPSR, -1);
    assertEquals(0x0800_009f, core.system.read(Arm64SystemRegister.FPSR));
    core.system.write(Arm64SystemRegister.FPSR, 0);
    assertEquals(0, lab.run(0, 0x5ee0_7820)); // sqabs d0, d1
    assertEquals(0, core.system.read(Arm64SystemRegister.FPSR));
    core.v[2] = Long.MIN_VALUE;
    assertEquals(0, lab.run(0, 0x5ee0_7820));
    assertEquals(Long.MAX_VALUE, core.v[0]);
    assertEquals(0x0800_0000, core.system.read(Arm64SystemRegister.FPSR));
  }

  @Test
  void aQuadwordIsAlignedToItsSizeIfSctlrSaysSo() {
    core.r[1] = PAGE + 8;
    assertEquals(0, lab.run(0, LDR_Q));
    long sctlr = core.system.get(Arm64SystemRegister.SCTLR_EL1);
    core.system.write(Arm64SystemRegister.SCTLR_EL1, sctlr | Arm64SystemRegisters.SCTLR_A);
    assertEquals(ALIGNMENT, lab.run(0, LDR_Q));
    assertEquals(ALIGNMENT | WRITE, lab.run(0, STR_Q));
    assertEquals(PAGE + 8, core.system.get(Arm64SystemRegister.FAR_EL1));
    core.r[1] = PAGE + 4;
    assertEquals(0, lab.run(0, LD4), "structures need the alignment of their elements");
    core.r[1] = PAGE + 2;
    assertEquals(ALIGNMENT, lab.run(0, LD4));
  }

  @Test
  void theStackPointerIsAlignedAsABase() {
    long sctlr = core.system.get(Arm64SystemRegister.SCTLR_EL1);
    core.system.write(Arm64SystemRegister.SCTLR_EL1, sctlr | Arm64SystemRegisters.SCTLR_SA);
    core.r[Arm64Core.SP] = PAGE + 16;
    assertEquals(0, lab.run(0, LDR_Q_SP));
    core.r[Arm64Core.SP] = PAGE + 8;
    assertEquals(0x9a00_0000L, lab.run(0, LDR_Q_SP), "class 0x26, IL");
  }

  @Test
  void aFaultInTheMiddleOfALoadChangesNothing() {
    long end = PAGE + 4096;
    long[] before = core.v.clone();
    for (int word : new int[] {LDR_Q, LDP_Q, LD4}) {
      core.r[1] = end - 8;
      long syndrome = lab.run(0, word);
      assertEquals(0x25, syndrome >>> 26, Integer.toHexString(word));
      assertEquals(end, core.system.get(Arm64SystemRegister.FAR_EL1));
      assertEquals(end - 8, core.r[1], "no write-back");
      assertArrayEquals(before, core.v);
    }
  }
}
