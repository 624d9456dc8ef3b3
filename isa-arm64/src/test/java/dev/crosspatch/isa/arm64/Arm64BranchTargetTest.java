package dev.crosspatch.isa.arm64;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.state.Snapshot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// Branch target identification; every row of its tables is held against QEMU by Arm64SystemProgramsTest
/// (`aarch64-target.s`). Here is what only this machine has: text that it has decoded, snapshots, cores without it.
final class Arm64BranchTargetTest {
  private static final int BR_X0 = 0xd61f_0000;
  private static final int BR_X3 = 0xd61f_0060;
  private static final int BLR_X0 = 0xd63f_0000;
  private static final int NOP = 0xd503_201f;
  private static final int BTI_J = 0xd503_249f;
  private static final int BTI_C = 0xd503_245f;
  private static final int MOV_X1_X2 = 0xaa02_03e1;
  private static final int MOV_X3_X1 = 0xaa01_03e3;
  private static final int EXCEPTION = Arm64Syndrome.of(Arm64Syndrome.BRANCH_TARGET, 0);
  /// SPSR_EL1.BTYPE.
  private static final int BTYPE_SHIFT = 10;

  /// A machine of which text is guarded.
  private static Arm64Lab guarded(String preset) {
    Arm64Lab lab = new Arm64Lab(1, preset);
    long leaf = lab.entry(lab.core(0).system.get(Arm64SystemRegister.TTBR1_EL1), Arm64Lab.TEXT, 3);
    lab.machine.writePhysical(leaf, lab.machine.readPhysical(leaf) | Arm64Mmu.GUARDED);
    return lab;
  }

  @Test
  void whatIsNoLandingPadFaultsAndKeepsTheType() {
    Arm64Lab lab = guarded("max");
    lab.core(0).r[0] = Arm64Lab.TEXT + 4;
    lab.core(0).system.set(Arm64SystemRegister.FAR_EL1, 0x1234);
    assertEquals(EXCEPTION | Arm64BranchTarget.JUMP, lab.run(0, BR_X0, NOP, NOP));
    assertEquals(Arm64BranchTarget.JUMP, lab.core(0).system.get(Arm64SystemRegister.SPSR_EL1) >>> BTYPE_SHIFT & 3);
    assertEquals(Arm64Lab.TEXT + 4, lab.core(0).system.get(Arm64SystemRegister.ELR_EL1));
    assertEquals(0x1234, lab.core(0).system.get(Arm64SystemRegister.FAR_EL1), "is not written");
    assertEquals(0, lab.core(0).target.type(), "the handler has none");
    assertEquals(0, lab.run(0, BLR_X0, BTI_C, NOP));
  }

  @Test
  void coresWithoutItHaveNone() {
    for (String preset : new String[] {"cortex-a72", "neoverse-n1"}) {
      Arm64Lab lab = guarded(preset);
      lab.core(0).r[0] = Arm64Lab.TEXT + 4;
      assertEquals(0, lab.run(0, BR_X0, NOP, BTI_C));
      assertEquals(Arm64Syndrome.UNDEFINED, lab.run(0, BLR_X0, 0));
      assertEquals(0, lab.core(0).system.get(Arm64SystemRegister.SPSR_EL1) >>> BTYPE_SHIFT & 3);
    }
  }

  /// A line that the core is in, and has decoded, is looked at at each branch: at its landing pad twice, then beside.
  @Test
  void textThatIsDecodedIsLookedAtEachTime() {
    Arm64Lab lab = guarded("max");
    Arm64Core core = lab.core(0);
    core.r[0] = Arm64Lab.TEXT + 4;
    core.r[1] = Arm64Lab.TEXT + 4;
    core.r[2] = Arm64Lab.TEXT + 8;
    lab.load(0, BR_X0, BTI_J, MOV_X3_X1, MOV_X1_X2, BR_X3);
    lab.machine.run(RunLimits.ofRetired(core.retired() + 9));
    assertEquals(0, core.counters().exceptions());
    core.run(core.clock() + 1);
    assertEquals(EXCEPTION | Arm64BranchTarget.JUMP, core.system.get(Arm64SystemRegister.ESR_EL1));
    assertEquals(Arm64Lab.TEXT + 8, core.system.get(Arm64SystemRegister.ELR_EL1));
  }

  /// Between a branch and what it comes to, PSTATE.BTYPE and the guarded page are in the snapshot.
  @Test
  void snapshotsHoldTheType() throws IOException {
    Arm64Lab whole = guarded("max");
    whole.core(0).r[0] = Arm64Lab.TEXT + 4;
    whole.run(0, BLR_X0);
    assertEquals(Arm64BranchTarget.CALL, whole.core(0).target.type());
    ByteArrayOutputStream saved = new ByteArrayOutputStream();
    Snapshot.save(whole.machine, saved);
    Arm64Lab other = guarded("max");
    Snapshot.load(other.machine, new ByteArrayInputStream(saved.toByteArray()));
    assertEquals(Arm64BranchTarget.CALL, other.core(0).target.type());
    for (Arm64Lab lab : new Arm64Lab[] {whole, other}) {
      long faults = lab.core(0).counters().exceptions();
      lab.machine.run(RunLimits.ofCycles(lab.core(0).cycles() + 1));
      assertEquals(1, lab.core(0).counters().exceptions() - faults);
      assertEquals(EXCEPTION | Arm64BranchTarget.CALL, lab.core(0).system.get(Arm64SystemRegister.ESR_EL1));
    }
  }
}
