package dev.crosspatch.isa.x86;

import static dev.crosspatch.isa.x86.X86FaultRulesTest.LOAD_IDT;
import static dev.crosspatch.isa.x86.X86FaultRulesTest.SET_STACK;
import static dev.crosspatch.isa.x86.X86FaultRulesTest.lab;
import static dev.crosspatch.isa.x86.X86FaultRulesTest.outcome;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// When vector instructions may run: CR0, CR4 and XCR0, which user mode cannot set, so that no host tells (SDM vol. 2A
/// tables 2-18 to 2-25; vol. 3 2.5, 14.1).
final class X86VectorRulesTest {
  private static final String UNDEFINED = "vector 6";
  private static final String NOT_AVAILABLE = "vector 7";
  private static final String RAN = "vector 37";

  private static String run(String code, Consumer<X86Core> change) {
    X86Lab lab = lab("skylake", LOAD_IDT, SET_STACK, code, "cd 25");
    change.accept(lab.core(0));
    return outcome(lab);
  }

  /// addps, paddb, crc32, movaps from memory; vaddps, vpaddb; fxsave, xsave; fninit, fwait, emms; mulx;
  /// paddb, movd and pinsrw of MMX; movq2dq, movdq2q, cvtpi2ps, cvtpi2pd from memory, cvtps2pi.
  @ParameterizedTest
  @CsvSource({
    "0f 58 c1, 37, 6, 7, 6, 37", "66 0f fc c1, 37, 6, 7, 6, 37", "f2 0f 38 f1 c3, 37, 37, 37, 37, 37",
    "0f 28 04 25 00 20 10 81, 37, 6, 7, 6, 37", "c5 f8 58 c1, 37, 37, 7, 37, 6", "c5 f9 fc c1, 37, 37, 7, 37, 6",
    "0f ae 04 25 00 20 10 81, 37, 7, 7, 37, 37", "0f ae 24 25 00 20 10 81, 37, 37, 7, 37, 6",
    "db e3, 37, 7, 7, 37, 37", "9b, 37, 37, 7, 37, 37", "0f 77, 37, 6, 7, 37, 37", "c4 e2 f3 f6 c1, 37, 37, 37, 37, 37",
    "0f fc c1, 37, 6, 7, 37, 37", "0f 7e c1, 37, 6, 7, 37, 37", "0f c4 c1 00, 37, 6, 7, 37, 37",
    "f3 0f d6 c1, 37, 6, 7, 6, 37", "f2 0f d6 c1, 37, 6, 7, 6, 37", "0f 2a c1, 37, 6, 7, 6, 37",
    "66 0f 2a 04 25 00 20 10 81, 37, 6, 7, 6, 37", "0f 2d c1, 37, 6, 7, 6, 37"
  })
  void bitsOfControlRegisters(String code, int plain, int emulate, int switched, int noFxsr, int noXsave) {
    assertEquals("vector " + plain, run(code, core -> { }), code);
    assertEquals("vector " + emulate, run(code, core -> core.cr0 |= X86Core.CR0_EM), code + " with CR0.EM");
    assertEquals("vector " + switched, run(code, core -> core.cr0 |= X86Core.CR0_TS), code + " with CR0.TS");
    assertEquals("vector " + noFxsr, run(code, core -> core.cr4 &= ~X86Core.CR4_OSFXSR), code + " without OSFXSR");
    assertEquals("vector " + noXsave, run(code, core -> core.cr4 &= ~X86Core.CR4_OSXSAVE), code + " without OSXSAVE");
  }

  /// A pending exception is #MF before an instruction that touches a register of MMX, and one that does makes all of
  /// them valid and R0 the top. Makers differ in whether CVTPI2PS from memory is one.
  @ParameterizedTest
  @CsvSource({
    "0f fc c1, 16, 16", "0f 77, 16, 16", "0f 7f 04 25 00 20 10 81, 16, 16", "0f 2a c1, 16, 16", "66 0f 2a c1, 16, 16",
    "0f 2a 04 25 00 20 10 81, 16, 37", "66 0f 2a 04 25 00 20 10 81, 37, 37", "0f 2d 04 25 00 20 10 81, 16, 16"
  })
  void exceptionsOfX87ComeBeforeMmx(String code, int intel, int amd) {
    for (String preset : new String[] {"skylake", "zen4"}) {
      int vector = preset.equals("zen4") ? amd : intel;
      X86Lab lab = lab(preset, LOAD_IDT, SET_STACK, code, "cd 25");
      lab.core(0).x87.control = 0x37e;
      lab.core(0).x87.status = 0x9881;
      assertEquals("vector " + vector, outcome(lab), code);
      assertEquals(0x9881, lab.core(0).x87.status, code);
      lab = lab(preset, LOAD_IDT, SET_STACK, code, "cd 25");
      lab.core(0).x87.status = 3 << 11;
      lab.core(0).x87.tags = 0x12;
      assertEquals(RAN, outcome(lab), code);
      assertEquals(vector == 37 ? 3 << 11 : 0, lab.core(0).x87.status, code);
      assertEquals(vector == 37 ? 0x12 : code.equals("0f 77") ? 0 : 0xff, lab.core(0).x87.tags, code);
    }
  }

  /// SDM vol. 1 9.2.1: the registers are x87's, whatever its top; what is written is no number to x87.
  @Test
  void registersAreThoseOfX87() {
    // fldpi; fld1; movq mm0, mm7; emms
    X86Lab lab = lab("skylake", LOAD_IDT, SET_STACK, "d9 eb  d9 e8  0f 6f c7  0f 77", "cd 25");
    assertEquals(RAN, outcome(lab));
    X86FloatState x87 = lab.core(0).x87;
    assertEquals(0xc90f_daa2_2168_c235L, x87.significand[7], "R7 has pi");
    assertEquals(0x4000, x87.exponent[7]);
    assertEquals(0x8000_0000_0000_0000L, x87.significand[6], "R6 has 1");
    assertEquals(0xc90f_daa2_2168_c235L, x87.significand[0], "MM0 has what MM7 had");
    assertEquals(0xffff, x87.exponent[0]);
    assertEquals(0, x87.tags);
  }

  @Test
  void waitMindsTaskSwitchesOnlyWithMonitoring() {
    assertEquals(RAN, run("9b", core -> core.cr0 = (core.cr0 | X86Core.CR0_TS) & ~2));
    assertEquals(NOT_AVAILABLE, run("0f 06  0f 58 c1  0f 20 c0  0c 08  0f 22 c0  0f 58 c1", core ->
        core.cr0 |= X86Core.CR0_TS), "clts; addps; set TS; addps");
  }

  @Test
  void avxNeedsItsStateEnabled() {
    assertEquals(UNDEFINED, run("c5 f8 58 c1", core -> core.xcr0 = 3));
    assertEquals(RAN, run("0f 58 c1", core -> core.xcr0 = 3));
    // xor ecx, ecx; mov eax, 3; xor edx, edx; xsetbv; vaddps
    assertEquals(UNDEFINED, run("31 c9  b8 03 00 00 00  31 d2  0f 01 d1  c5 f8 58 c1", core -> { }));
  }

  /// SDM vol. 2D XSETBV.
  @ParameterizedTest
  @CsvSource({"0, 0, 13 0", "1, 0, 37", "2, 0, 13 0", "3, 0, 37", "5, 0, 13 0", "7, 0, 37",
    "15, 0, 13 0", "7, 1, 13 0"})
  void stateThatCannotBeEnabled(int value, int register, String vector) {
    String code = String.format("b9 %02x 00 00 00  b8 %02x 00 00 00  31 d2  0f 01 d1", register, value);
    assertEquals("vector " + vector, run(code, core -> { }));
  }

  /// Divides by zero, not masked: #XM, or #UD to a system that does not know of it; MXCSR tells, and XMM0 stays.
  @Test
  void exceptionsThatAreNotMasked() {
    // xorps xmm1, xmm1; pcmpeqd xmm0, xmm0; pslld xmm0, 25; psrld xmm0, 2 (1.0); divps xmm0, xmm1
    String divide = "0f 57 c9  66 0f 76 c0  66 0f 72 f0 19  66 0f 72 d0 02  0f 5e c1";
    for (boolean known : new boolean[] {true, false}) {
      X86Lab lab = lab("skylake", LOAD_IDT, SET_STACK, divide, "cd 25");
      X86Core core = lab.core(0);
      X86Floats.setMxcsr(core, 0x1f80 & ~0x200);
      core.cr4 = known ? core.cr4 : core.cr4 & ~X86Core.CR4_OSXMMEXCPT;
      assertEquals(known ? "vector 19" : UNDEFINED, outcome(lab));
      assertEquals(0x1d84, core.mxcsr);
      assertEquals(0x3f80_0000_3f80_0000L, core.v[0]);
    }
  }

  /// SDM vol. 1 13.3: OSXSAVE and the size of the area are told as they are set.
  @Test
  void cpuidFollowsControlRegisters() {
    X86Core core = lab("skylake", LOAD_IDT).core(0);
    core.r[X86Core.RAX] = 1;
    X86Cpuid.cpuid(core, 0, 0);
    assertEquals(1, core.r[X86Core.RCX] >>> 27 & 1);
    core.cr4 &= ~X86Core.CR4_OSXSAVE;
    core.r[X86Core.RAX] = 1;
    X86Cpuid.cpuid(core, 0, 0);
    assertEquals(0, core.r[X86Core.RCX] >>> 27 & 1);
    for (int[] size : new int[][] {{1, 576}, {3, 576}, {7, 832}}) {
      core.xcr0 = size[0];
      core.r[X86Core.RAX] = 0xd;
      core.r[X86Core.RCX] = 0;
      X86Cpuid.cpuid(core, 0, 0);
      assertEquals(size[1], core.r[X86Core.RBX]);
      assertEquals(832, core.r[X86Core.RCX]);
    }
  }
}
