package dev.crosspatch.core.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.choice.SeededChoices;
import dev.crosspatch.core.lab.Code;
import dev.crosspatch.core.lab.Lab;
import dev.crosspatch.core.lab.MicroCore;
import dev.crosspatch.core.lab.MicroIsa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.uop.Uop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Loads, stores, translation, faults, devices, monitors of one core.
final class MemoryTest {
  private static final int DATA_OFFSET = 0x10000;
  private static final long HANDLER = Lab.TEXT + 0x8000;

  /// A machine whose fault handler stops; r20..r23 tell what happened.
  private static Lab lab() {
    Lab lab = Lab.Setup.X86.lab().put(Lab.text(0x8000).stop());
    lab.core(0).vector = HANDLER;
    return lab;
  }

  private static void assertFault(Lab lab, int code, long pc, long address) {
    MicroCore core = lab.core(0);
    assertEquals(code, core.r[22], "fault code");
    assertEquals(pc, core.r[20], "pc");
    assertEquals(address, core.r[23], "address");
  }

  @Test
  void randomAccessesAgreeWithArray() {
    Random random = new Random(7);
    byte[] model = new byte[8192];
    Lab lab = lab();
    List<long[]> loads = new ArrayList<>();
    Code code = Lab.text().li(4, Lab.DATA);
    for (int i = 0; i < 1500; i++) {
      int width = random.nextInt(4);
      int at = random.nextInt(model.length - 8);
      if (random.nextBoolean()) {
        long value = random.nextLong();
        code.li(5, value).store(5, 4, at, width, 0);
        for (int k = 0; k < 1 << width; k++) {
          model[at + k] = (byte) (value >>> (8 * k));
        }
      } else {
        code.load(6, 4, at, width, 0);
        long expected = 0;
        for (int k = (1 << width) - 1; k >= 0; k--) {
          expected = expected << 8 | (model[at + k] & 0xff);
        }
        loads.add(new long[] {code.here(), expected});
      }
    }
    lab.put(code.stop());
    for (long[] load : loads) {
      while (lab.core(0).pc != load[0]) {
        lab.machine.run(RunLimits.ofRetired(lab.core(0).retired() + 1));
      }
      assertEquals(load[1], lab.core(0).r[6], () -> String.format("seed 7, load before 0x%x", load[0]));
    }
    lab.run();
    byte[] ram = lab.machine.memory().data();
    assertArrayEquals(model, Arrays.copyOfRange(ram, DATA_OFFSET, DATA_OFFSET + model.length));
  }

  @Test
  void signedAndWordLoads() {
    Lab lab = lab();
    Code code = Lab.text().li(4, Lab.DATA).li(5, 0x80).store(5, 4, 0, 0, 0);
    code.load(6, 4, 0, 0, Uop.F_SIGNED).load(7, 4, 0, 0, Uop.F_SIGNED | Uop.F_WORD).load(8, 4, 0, 0, 0).stop();
    lab.put(code).run();
    assertEquals(-128, lab.core(0).r[6]);
    assertEquals(0xffff_ff80L, lab.core(0).r[7]);
    assertEquals(0x80, lab.core(0).r[8]);
  }

  @Test
  void storeToUnmappedPageFaultsPrecisely() {
    Lab lab = lab();
    Code code = Lab.text().li(4, 0x5000).li(5, 1).set0(7);
    long faulting = code.here();
    lab.put(code.store(5, 4, 8, 3, 0).set0(9).stop()).run();
    assertFault(lab, MicroCore.PAGE_FAULT, faulting, 0x5008);
    assertEquals(7, lab.core(0).r[0]);
    assertEquals(1, lab.machine.counters(0).exceptions());
  }

  @Test
  void writeToTextFaultsAndAliasDoesNot() {
    Lab lab = lab();
    Code code = Lab.text().li(4, Lab.ALIAS).li(5, 0x55).store(5, 4, 0x1000, 3, 0).li(4, Lab.TEXT);
    long faulting = code.here();
    lab.put(code.store(5, 4, 0x1000, 3, 0).stop()).run();
    assertFault(lab, MicroCore.PAGE_FAULT, faulting, Lab.TEXT + 0x1000);
    assertEquals(0x55, lab.ram(0x1000));
  }

  @Test
  void jumpToDataFaultsAtTarget() {
    Lab lab = lab();
    lab.put(Lab.text().li(4, Lab.DATA).uop(Uop.word(Uop.JREG, Uop.SINK, 4, 0, 0, 3, 0, 0, 0), 0)).run();
    assertFault(lab, MicroCore.PAGE_FAULT, Lab.DATA, Lab.DATA);
  }

  @Test
  void storeAcrossPagesWritesNothingIfSecondPageFaults() {
    Lab lab = lab();
    long last = Lab.DATA + 0xfffc;
    Code code = Lab.text().li(4, last).li(5, -1);
    long faulting = code.here();
    lab.put(code.store(5, 4, 0, 3, 0).stop()).run();
    assertFault(lab, MicroCore.PAGE_FAULT, faulting, Lab.DATA + 0x10000);
    assertEquals(0, lab.ram(DATA_OFFSET + 0xfff8));
    assertEquals(0, lab.ram(DATA_OFFSET + 0x10000));
  }

  @Test
  void readModifyWriteNeedsWritePermissionFirst() {
    Lab lab = lab();
    Code code = Lab.text().li(4, Lab.TEXT).load(5, 4, 0, 3, 0);
    long faulting = code.here();
    lab.put(code.load(6, 4, 0, 3, Uop.F_RMW).stop()).run();
    assertFault(lab, MicroCore.PAGE_FAULT, faulting, Lab.TEXT);
    assertTrue(lab.core(0).r[5] != 0);
    assertEquals(0, lab.core(0).r[6]);
  }

  @Test
  void alignmentIsCheckedOnRequest() {
    Lab lab = lab();
    Code code = Lab.text().li(4, Lab.DATA + 1).load(5, 4, 0, 1, 0);
    long faulting = code.here();
    lab.put(code.load(5, 4, 0, 1, Uop.F_ALIGNED).stop()).run();
    assertFault(lab, MicroCore.ALIGNMENT, faulting, Lab.DATA + 1);
  }

  @Test
  void userAccessesHaveTheirOwnPermissions() {
    Lab lab = lab();
    Code code = Lab.text().li(4, Lab.USER).li(6, Lab.DATA).load(5, 4, 0, 3, Uop.F_USER).load(5, 6, 0, 3, 0);
    long faulting = code.here();
    lab.put(code.load(5, 6, 0, 3, Uop.F_USER).stop()).run();
    assertFault(lab, MicroCore.PAGE_FAULT, faulting, Lab.DATA);
  }

  @Test
  void userModeCannotUseWhatTheKernelJustUsed() {
    Lab lab = lab();
    MicroCore core = lab.core(0);
    lab.machine.load(MicroIsa.RAM + 0x20000, new Code(Lab.USER).load(5, 4, 0, 3, 0).bytes());
    Code code = Lab.text().li(4, Lab.DATA).load(5, 4, 0, 3, 0).li(20, Lab.USER).li(21, 3);
    lab.put(code.helper(MicroCore.RETURN_FROM_TRAP)).run();
    assertFault(lab, MicroCore.PAGE_FAULT, Lab.USER, Lab.DATA);
    assertEquals(3, core.r[21]);
    assertEquals(0, core.privilege);
  }

  @Test
  void flushedTranslationIsWalkedAgain() {
    Lab lab = lab();
    MicroCore core = lab.core(0);
    Code code = Lab.text().li(4, Lab.DATA).li(5, 1).store(5, 4, 0, 3, 0).load(6, 4, 0, 3, 0);
    long faulting = code.here();
    lab.put(code.load(7, 4, 8, 3, 0).stop());
    while (core.pc != faulting) {
      lab.machine.run(RunLimits.ofRetired(core.retired() + 1));
    }
    core.pages.remove(Lab.DATA >>> 12);
    core.translations.flushPage(Lab.DATA);
    lab.run();
    assertFault(lab, MicroCore.PAGE_FAULT, faulting, Lab.DATA + 8);
  }

  @Test
  void globalTranslationsSurviveFlush() {
    Lab lab = lab();
    MicroCore core = lab.core(0);
    core.pages.put(Lab.DATA >>> 12, new MicroCore.Page(MicroIsa.RAM + DATA_OFFSET, Lab.R | Lab.W, true));
    assertEquals(MicroIsa.RAM + DATA_OFFSET, core.translate(Lab.DATA, Core.READ));
    assertEquals(MicroIsa.RAM + DATA_OFFSET + 0x1000, core.translate(Lab.DATA + 0x1000, Core.READ));
    core.translations.flush(true);
    core.translate(Lab.DATA, Core.READ);
    assertEquals(2, core.walks);
    core.translate(Lab.DATA + 0x1000, Core.READ);
    assertEquals(3, core.walks);
    core.translations.flush(false);
    core.translate(Lab.DATA, Core.READ);
    assertEquals(4, core.walks);
  }

  @Test
  void deviceHearsAccesses() {
    Lab lab = lab();
    lab.around.answer = 0x1234_5678_9abc_def0L;
    Code code = Lab.text().li(4, Lab.DEVICE).li(5, 0x1122334455L).store(5, 4, 8, 2, 0).load(6, 4, 16, 1, 0);
    lab.put(code.load(7, 4, 0x800, 2, 0).store(5, 4, 0x800, 3, 0).stop()).run();
    assertEquals(List.of("write 8 2 22334455", "read 16 1"), lab.around.heard);
    assertEquals(0xdef0, lab.core(0).r[6]);
    assertEquals(0xffff_ffffL, lab.core(0).r[7]);
  }

  @Test
  void loadOutsideRamIsRefused() {
    Machine machine = lab().machine;
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> machine.load(0x401f_ffffL, new byte[2]));
    assertEquals("2 bytes at 0x401fffff do not fit RAM 0x40000000..0x401fffff", e.getMessage());
  }

  @Test
  void ownStoreLeavesMonitorAndClaimTakesIt() {
    Lab lab = lab();
    Code code = Lab.text().li(4, Lab.DATA).helper(MicroCore.MONITOR, Lab.DATA).li(5, 3).store(5, 4, 8, 3, 0);
    code.li(2, 77).helper(MicroCore.STORE_EXCLUSIVE, Lab.DATA + 16).op(Uop.MOV, 8, 3, 0, 3);
    code.helper(MicroCore.STORE_EXCLUSIVE, Lab.DATA + 16).stop();
    lab.put(code).run();
    assertEquals(77, lab.ram(DATA_OFFSET + 16));
    assertEquals(0, lab.core(0).r[8]);
    assertEquals(1, lab.core(0).r[3]);
  }

  @Test
  void instructionAcrossPagesFaultsAtSecondPage() {
    Lab lab = lab();
    MicroCore core = lab.core(0);
    lab.put(Lab.text(0x1ffa).li(4, 1).stop());
    core.pages.remove((Lab.TEXT + 0x2000) >>> 12);
    core.pc = Lab.TEXT + 0x1ffa;
    lab.run();
    assertFault(lab, MicroCore.PAGE_FAULT, Lab.TEXT + 0x1ffa, Lab.TEXT + 0x2000);
  }

  @Test
  void instructionAcrossScatteredPages() {
    Lab lab = lab();
    MicroCore core = lab.core(0);
    byte[] code = Lab.text(0x1ffa).li(4, 0x1122_3344_5566_7788L).stop().bytes();
    lab.machine.load(MicroIsa.RAM + 0x1ffa, Arrays.copyOf(code, 6));
    lab.machine.load(MicroIsa.RAM + 0x5000, Arrays.copyOfRange(code, 6, code.length));
    Lab.map(core, Lab.TEXT + 0x2000, MicroIsa.RAM + 0x5000, Lab.R | Lab.X);
    core.pc = Lab.TEXT + 0x1ffa;
    lab.run();
    assertEquals(0x1122_3344_5566_7788L, core.r[4]);
  }

  @Test
  void misalignedFetchIsTheIsasFault() {
    Lab lab = new Lab.Setup(new MicroIsa(false, 4, List.of("micro")), 1, Staleness.TYPICAL, true, true, 1).lab();
    lab.put(Lab.text(0x8000).stop());
    lab.core(0).vector = HANDLER;
    lab.core(0).pc = Lab.TEXT + 2;
    lab.run();
    assertFault(lab, MicroCore.MISALIGNED_FETCH, Lab.TEXT + 2, Lab.TEXT + 2);
  }

  @Test
  void undefinedBytesAreAGuestFault() {
    Lab lab = lab();
    lab.put(Lab.text().bytes(0xee)).run();
    assertFault(lab, MicroCore.UNDEFINED, Lab.TEXT, 0);
  }

  @Test
  void cachesCostTime() {
    Lab lab = lab();
    Code code = Lab.text().pad(Lab.TEXT + 0x40).li(4, Lab.DATA).load(5, 4, 0, 3, 0).load(5, 4, 8, 3, 0).stop();
    lab.put(code);
    MicroCore core = lab.core(0);
    lab.machine.run(RunLimits.ofRetired(65));
    long before = core.clock();
    lab.machine.run(RunLimits.ofRetired(66));
    long miss = core.clock() - before;
    lab.machine.run(RunLimits.ofRetired(67));
    long quarter = ClockUnit.PER_CYCLE / 4;
    assertEquals(ClockUnit.units(200 + 20) + quarter, miss);
    assertEquals(before + miss + quarter, core.clock());
    assertEquals(1, lab.machine.counters(0).dcacheMisses());
  }

  @Test
  void fetchFromDeviceStopsTheMachine() {
    Lab lab = lab();
    Lab.map(lab.core(0), Lab.DEVICE, Lab.DEVICE_FRAME, Lab.R | Lab.X);
    lab.core(0).pc = Lab.DEVICE + 4;
    assertEquals("CPU 0 fetches from 0x10000004, which is not RAM", lab.run().reason());
  }

  @Test
  void presetWithoutTableIsRefused() {
    MachineConfig config = new MachineConfig(new MicroIsa(true, 1, List.of("none")), 1, "none", Staleness.TYPICAL, true,
        true, 2 << 20, 1);
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, 
        () -> new Machine(config, new Lab.Frame(), new SeededChoices(1, 1)));
    assertEquals("micro has no timing table of preset 'none'", e.getMessage());
  }
}
