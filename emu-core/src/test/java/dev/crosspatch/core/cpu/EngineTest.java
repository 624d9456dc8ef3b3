package dev.crosspatch.core.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.lab.Code;
import dev.crosspatch.core.lab.Lab;
import dev.crosspatch.core.lab.MicroCore;
import dev.crosspatch.core.lab.MicroIsa;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.core.uop.Cond;
import dev.crosspatch.core.uop.Uop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// One core, no surprises: flow, memory, faults, rows.
final class EngineTest {
  @Test
  void loopRuns() {
    Lab lab = Lab.Setup.X86.lab();
    Code code = Lab.text().li(2, 0).li(3, 10);
    long loop = code.here();
    code.op(Uop.ADD, 2, 2, 3, 3).opi(Uop.SUBFI, 3, 3, 1, 3).jcc(Cond.NE, loop).stop();
    RunResult result = lab.put(code).run();
    assertEquals("CPU 0 stops with 55", result.reason());
    assertEquals(RunResult.End.STOPPED, result.end());
    assertEquals(2 + 3 * 10 + 1, result.retired());
  }

  @Test
  void rowsOfCallAndReturn() {
    Lab lab = Lab.Setup.X86.lab();
    Code code = Lab.text();
    code.call(Lab.TEXT + 0x100).stop();
    lab.put(code).put(Lab.text(0x100).nop().ret());
    List<String> rows = lab.rows(0);
    lab.run();
    assertEquals(List.of("0 0 100 taken", "0 100 101", "0 101 5 taken", "0 5 7"), rows);
  }

  /// A trap behind an instruction that waits ends the waiting, as the single step behind HLT does (SDM 3, 17.3.1.4).
  @Test
  void trapBehindAStepEndsTheWaiting() {
    Lab lab = Lab.Setup.X86.lab().put(Lab.text().helper(MicroCore.WAIT)).put(Lab.text(0x100).stop());
    lab.core(0).vector = Lab.TEXT + 0x100;
    lab.core(0).singleSteps = true;
    lab.core(0).resynchronize();
    assertEquals(RunResult.End.STOPPED, lab.run().end());
    assertEquals(MicroCore.STEP, lab.core(0).r[22]);
    assertEquals(Lab.TEXT + 2, lab.core(0).r[20]);

    Lab twin = Lab.Setup.X86.lab().put(Lab.text().helper(MicroCore.WAIT)).put(Lab.text(0x100).stop());
    assertEquals(RunResult.End.DEADLOCK, twin.run().end());
  }

  /// What a faulting instruction would have told behind itself is not told.
  @Test
  void rowsOfAnInstructionThatFaultsAreDropped() {
    Lab lab = Lab.Setup.X86.lab().put(Lab.text().helper(MicroCore.CONTEXT).helper(MicroCore.CONTEXT_AND_FAULT))
        .put(Lab.text(0x100).nop().stop());
    lab.core(0).vector = Lab.TEXT + 0x100;
    List<String> rows = lab.rows(0);
    lab.run();
    assertEquals(List.of("0 0 2", RetireRow.CONTEXT + " 2 0", RetireRow.FAULT + " 2 100", "0 100 101", "0 101 103"),
        rows);
  }

  private static final long PATCHED = Lab.TEXT + 0x1000;

  /// Runs a stale line and then a current one, which faults; both were stored to. What is told as stale, by address.
  private static List<Long> toldStale(boolean faults) {
    Code fault = new Code(PATCHED + 0x40).bytes(faults ? 0xff : 1).stop();
    Lab lab = Lab.Setup.ARM.lab().put(Lab.text().call(PATCHED).call(PATCHED).jump(PATCHED + 0x40))
        .put(new Code(PATCHED).set0(1).ret()).put(fault).put(Lab.text(0x100).stop());
    lab.core(0).vector = Lab.TEXT + 0x100;
    List<Long> told = new ArrayList<>();
    lab.machine.watchText(MicroIsa.RAM + 0x1000, 128);
    lab.machine.probe().staleExecutions.hear(e -> told.add(e.address() - PATCHED));
    lab.machine.run(RunLimits.ofRetired(3));
    lab.machine.storeFromDevice(MicroIsa.RAM + 0x1001, new byte[] {2}, lab.core(0).clock());
    lab.machine.storeFromDevice(MicroIsa.RAM + 0x1040, fault.bytes(), lab.core(0).clock());
    lab.run();
    return told;
  }

  /// A fault in text that was stored to is told as of what may be stale, also behind another stale instruction.
  @Test
  void faultBehindAStaleInstructionIsTold() {
    assertEquals(List.of(0L, 0x40L), toldStale(true));
    assertEquals(List.of(0L), toldStale(false));
  }
}
