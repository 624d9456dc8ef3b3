package dev.crosspatch.core.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.lab.Code;
import dev.crosspatch.core.lab.Lab;
import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.core.uop.Cond;
import dev.crosspatch.core.uop.Uop;
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
}
