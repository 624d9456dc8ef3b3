package dev.crosspatch.core.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.lab.Code;
import dev.crosspatch.core.lab.Lab;
import dev.crosspatch.core.lab.MicroCore;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.mem.CodeLine;
import dev.crosspatch.core.mem.DecodedLine;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.uop.Uop;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same bytes of a line are other instructions in another mode, and what was decoded in one stays while another
/// decodes.
final class ModeTest {
  /// `r0 = 5; r0 += 1` thrice, or `r0 = 0x0b0b0b05`.
  private static final int[] SITE = {10, 5, 11, 11, 11, 4};

  private static final long AS_64 = 8;
  private static final long AS_32 = 0x0b0b_0b05;

  /// Calls the site in one mode after the other; r5.. tell what it left in r0.
  private static Code calls(long start, long site, Mode... modes) {
    Code code = new Code(start);
    for (int i = 0; i < modes.length; i++) {
      code.helper(MicroCore.SET_MODE, modes[i].ordinal()).call(site).op(Uop.MOV, 5 + i, 0, Uop.ZERO, 3);
    }
    return code.stop();
  }

  /// 0x1000: the site is in one line; 0x103d: in mode CODE_32 it straddles two.
  @ParameterizedTest
  @ValueSource(longs = {0x1000, 0x103d})
  void theSameBytesInTwoModes(long offset) {
    long site = Lab.TEXT + offset;
    Lab lab = Lab.Setup.X86.lab().put(new Code(site).bytes(SITE))
        .put(calls(Lab.TEXT, site, Mode.CODE_64, Mode.CODE_32, Mode.CODE_64, Mode.CODE_32));
    lab.run();
    MicroCore core = lab.core(0);
    assertEquals(AS_64, core.r[5]);
    assertEquals(AS_32, core.r[6]);
    assertEquals(AS_64, core.r[7]);
    assertEquals(AS_32, core.r[8]);
    assertEquals(4 * 4 + 2 * (5 + 2) + 1, lab.machine.counters(0).retired());
  }

  @Test
  void twoCoresReadOneLineInTwoModes() {
    long site = Lab.TEXT + 0x103d;
    Lab lab = Lab.Setup.X86.cpus(2).lab().put(new Code(site).bytes(SITE));
    for (int cpu = 0; cpu < 2; cpu++) {
      Code loop = new Code(Lab.TEXT + cpu * 0x2000L);
      lab.put(loop.call(site).op(Uop.ADD, 9, 9, 0, 3).opi(Uop.ADDI, 8, 8, 1, 3).jump(loop.start));
      lab.core(cpu).pc = loop.start;
    }
    lab.core(1).reads = Mode.CODE_32;
    lab.machine.run(RunLimits.ofRetired(10_000));
    assertEquals(AS_64 * lab.core(0).r[8], lab.core(0).r[9]);
    assertEquals(AS_32 * lab.core(1).r[8], lab.core(1).r[9]);
  }

  @Test
  void eachModeDecodesAnew() {
    long site = Lab.TEXT + 0x1000;
    Lab lab = Lab.Setup.X86.lab().put(new Code(site).bytes(SITE)).put(calls(Lab.TEXT, site, Mode.CODE_64));
    lab.run();
    CodeLine line = lab.machine.code().current(0x1000 >> PhysicalMemory.LINE_SHIFT);
    DecodedLine as64 = line.in(Mode.CODE_64);
    assertEquals(2, Objects.requireNonNull(as64.instructions[0]).length());
    assertEquals(null, line.decoded(Mode.CODE_32));
    assertNotSame(as64, line.in(Mode.CODE_32));
    assertEquals(null, line.in(Mode.CODE_32).instructions[0]);
    assertSame(as64, line.in(Mode.CODE_64));
  }

  @Test
  void aModeThatIsNotThereIsRefused() {
    Lab lab = Lab.Setup.X86.lab().put(calls(Lab.TEXT, Lab.TEXT, Mode.CODE_16));
    assertEquals("micro decodes [CODE_64, CODE_32], not CODE_16",
        assertThrows(IllegalArgumentException.class, lab::run).getMessage());
  }
}
