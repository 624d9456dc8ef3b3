package dev.crosspatch.isa.x86;

import static dev.crosspatch.isa.x86.X86FaultRulesTest.LOAD_IDT;
import static dev.crosspatch.isa.x86.X86FaultRulesTest.SET_STACK;
import static dev.crosspatch.isa.x86.X86FaultRulesTest.TO_USER;
import static dev.crosspatch.isa.x86.X86FaultRulesTest.lab;
import static dev.crosspatch.isa.x86.X86FaultRulesTest.outcome;
import static dev.crosspatch.isa.x86.X86FaultRulesTest.program;
import static dev.crosspatch.isa.x86.X86FaultRulesTest.saved;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What user mode may read and write of the core's own registers, where a host has its own values in them, so that
/// X86HostCpuTest cannot compare; and what is undefined for ever.
final class X86UserRegistersTest {
  private static final long BASE = 0x7fff_8765_4321L;
  private static final String UD2 = " 0f 0b";
  private static final int SETUP = X86Lab.bytes(LOAD_IDT, SET_STACK).length;

  private static X86Lab kernel(String code) {
    X86Lab lab = lab("skylake", LOAD_IDT, SET_STACK, code + UD2);
    lab.core(0).cr4 |= X86Core.CR4_FSGSBASE;
    return lab;
  }

  /// Runs to the UD2 behind the code.
  private static X86Core after(X86Lab lab, int length) {
    assertEquals("vector 6", outcome(lab));
    assertEquals(X86Lab.TEXT + SETUP + length, saved(lab), "the UD2");
    return lab.core(0);
  }

  /// SDM vol. 2B RDFSBASE/RDGSBASE.
  @Test
  void basesAreRead() {
    // rdfsbase rax; rdfsbase ecx; rdgsbase r9; rdgsbase ebx
    X86Lab lab = kernel("f3 48 0f ae c0  f3 0f ae c1  f3 49 0f ae c9  f3 0f ae cb");
    X86Core core = lab.core(0);
    core.r[X86Core.FS_BASE] = BASE;
    core.r[X86Core.GS_BASE] = ~BASE;
    core.r[1] = -1;
    after(lab, 18);
    assertEquals(BASE, core.r[0]);
    assertEquals(0x8765_4321L, core.r[1], "zero-extended");
    assertEquals(~BASE, core.r[9]);
    assertEquals(0x789a_bcdeL, core.r[3]);
  }

  /// SDM vol. 2B RDRAND, RDSEED: the operand's width, CF set, the other arithmetic flags clear.
  @Test
  void randomNumbersHaveTheirWidthAndFlags() {
    // mov eax, 0x7fffffff; add eax, 1; rdrand rax; rdrand r9w; rdseed ecx; setb dl; seto bl
    X86Lab lab = kernel("b8 ff ff ff 7f  83 c0 01  48 0f c7 f0  66 41 0f c7 f1  0f c7 f9  0f 92 c2  0f 90 c3");
    X86Core core = lab.core(0);
    core.r[9] = -1;
    core.r[1] = -1;
    after(lab, 26);
    assertTrue(core.r[0] >>> 32 != 0 && core.r[1] != 0, "64 bits of one number, 32 of another");
    assertEquals(-1L >>> 16, core.r[9] >>> 16, "16 bits leave the others");
    assertTrue((core.r[9] & 0xffff) != 0xffff && core.r[1] >>> 32 == 0, "of 32 bits the upper half goes");
    assertEquals(1, core.r[2] & 0xff, "CF");
    assertEquals(0, core.r[3] & 0xff, "OF");
    assertEquals(1, core.rflags() & X86Core.ARITHMETIC, "CF alone");
  }

  @Test
  void everyCpuHasRandomNumbersOfItsOwn() {
    X86Lab lab = new X86Lab(2, "48 0f c7 f0  48 0f c7 f1  f4"); // rdrand rax; rdrand rcx; hlt
    lab.run();
    Set<Long> numbers = new HashSet<>();
    for (int cpu = 0; cpu < 2; cpu++) {
      numbers.add(lab.core(cpu).r[0]);
      numbers.add(lab.core(cpu).r[1]);
    }
    assertEquals(4, numbers.size());
  }

  /// SDM vol. 2D WRFSBASE/WRGSBASE.
  @Test
  void basesAreWritten() {
    // wrfsbase rdx; wrgsbase ebx; mov rax, fs:[0]
    X86Lab lab = kernel("f3 48 0f ae d2  f3 0f ae db  64 48 8b 04 25 00 00 00 00");
    X86Core core = lab.core(0);
    core.r[2] = X86Lab.DATA + 0x2000;
    core.r[3] = -1;
    lab.setData(0x2000, 0x1234);
    after(lab, 18);
    assertEquals(X86Lab.DATA + 0x2000, core.r[X86Core.FS_BASE]);
    assertEquals(0xffff_ffffL, core.r[X86Core.GS_BASE]);
    assertEquals(0x1234, core.r[0]);
  }

  @Test
  void basesThatAreNotCanonicalAreRefused() {
    for (String write : new String[] {"f3 48 0f ae d2", "f3 48 0f ae da"}) {
      X86Lab lab = kernel(write);
      lab.core(0).r[2] = 1L << 47;
      assertEquals("vector 13 0", outcome(lab));
      assertEquals(0, lab.core(0).r[X86Core.FS_BASE] | lab.core(0).r[X86Core.GS_BASE]);
    }
  }

  @Test
  void basesAreUndefinedWithoutTheirBit() {
    for (String access : new String[] {"f3 0f ae c0", "f3 0f ae c8", "f3 0f ae d0", "f3 0f ae d8"}) {
      X86Lab lab = kernel(access);
      lab.core(0).cr4 &= ~X86Core.CR4_FSGSBASE;
      after(lab, 0);
    }
  }

  /// SDM vol. 2B RDPID: IA32_TSC_AUX, all 64 bits of the register whatever the operand size.
  @Test
  void processorNumberIsRead() {
    X86Lab lab = kernel("f3 0f c7 f8");
    lab.core(0).tscAux = 0x8000_0003L;
    lab.core(0).r[0] = -1;
    assertEquals(0x8000_0003L, after(lab, 4).r[0]);
  }

  /// SDM vol. 2B MOV: zero-extended, but for 16 bits.
  @Test
  void selectorsAreRead() {
    // mov eax, ds; mov rcx, ds; mov dx, cs; mov ebx, fs
    X86Lab lab = kernel("8c d8  48 8c d9  66 8c ca  8c e3");
    X86Core core = lab.core(0);
    core.r[0] = -1;
    core.r[1] = -1;
    core.r[2] = -1;
    core.r[3] = -1;
    after(lab, 10);
    assertEquals(core.r[0], core.r[1]);
    assertEquals(0, core.r[0] >>> 16);
    assertEquals(-1L << 16 | 0x10, core.r[2], "CS of the kernel");
    assertEquals(0, core.r[3], "FS is null");
  }

  /// SDM vol. 2A CLAC, STAC: RFLAGS.AC; #UD above CPL 0.
  @Test
  void accessFlag() {
    assertEquals(X86Core.AC, after(kernel("0f 01 cb"), 3).rflags() & X86Core.AC);
    assertEquals(0, after(kernel("0f 01 cb  0f 01 ca"), 6).rflags() & X86Core.AC);
    assertEquals("vector 6", outcome(program("skylake", TO_USER, "0f 01 ca")));
    assertEquals("vector 6", outcome(program("skylake", TO_USER, "0f 01 cb")));
  }

  /// SDM vol. 2D UD.
  @Test
  void undefinedForEver() {
    for (String undefined : new String[] {"0f ff c1", "0f b9 c1", "0f b9 04 25 00 00 00 00", "48 0f ff 00"}) {
      X86Lab lab = kernel(undefined);
      after(lab, 0);
    }
  }

  /// SDM vol. 2B PTWRITE: undefined where leaf 14H does not tell of it, as here.
  @Test
  void traceWriteIsUndefined() {
    after(kernel("f3 0f ae e0"), 0);
    after(kernel("f3 48 0f ae 24 25 00 00 10 81"), 0);
  }
}
