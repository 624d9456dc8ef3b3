package dev.crosspatch.core.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.lab.Code;
import dev.crosspatch.core.lab.Lab;
import dev.crosspatch.core.lab.MicroCore;
import dev.crosspatch.core.lab.MicroIsa;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.mem.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is told of maintenance, and what exclusive monitors watch.
final class MaintenanceTest {
  private static final int DATA_OFFSET = 0x10000;
  private static final long DATA_FRAME = MicroIsa.RAM + DATA_OFFSET;

  @Test
  void maintenanceIsToldWithItsLine() {
    Lab lab = Lab.Setup.ARM.lab();
    List<String> told = new ArrayList<>();
    lab.machine.probe().maintenanceBegun.hear(e -> told.add("begun " + e.what() + " " + Long.toHexString(e.line())));
    lab.machine.probe().maintenanceCompleted.hear(e -> told.add(e.what() + " " + Long.toHexString(e.line())));
    CacheMaintenance caches = lab.core(0).caches;
    caches.begun(Event.Maintenance.CLEAN, MicroIsa.RAM + 0x1238);
    caches.clean(MicroIsa.RAM + 0x1238);
    caches.invalidate(MicroIsa.RAM + 0x127f, true);
    caches.invalidateAll(true);
    assertEquals(List.of("begun CLEAN 40001200", "CLEAN 40001200", "INVALIDATE 40001240", "INVALIDATE_ALL 0"), told);
  }

  /// CPU 1 stores to `at` in a loop, on its short way; CPU 0's monitor on the first line of data, set meanwhile, stands
  /// afterwards or not.
  private static boolean stands(long at) {
    Code loop = new Code(Lab.TEXT + 0x1000).li(4, at);
    long again = loop.here();
    Lab lab = Lab.Setup.ARM.cpus(2).lab().put(Lab.text().helper(MicroCore.WAIT))
        .put(loop.store(5, 4, 0, 3, 0).jump(again));
    lab.core(1).pc = loop.start;
    lab.machine.run(RunLimits.ofRetired(100));
    lab.core(0).monitor.set(DATA_FRAME);
    lab.machine.run(RunLimits.ofRetired(200));
    return lab.core(0).monitor.claim(DATA_FRAME);
  }

  @Test
  void anotherCoresStoreOnItsShortWayBreaksTheMonitor() {
    assertFalse(stands(Lab.DATA + 8));
    assertEquals(true, stands(Lab.DATA + 64), "the twin: another line");
  }

  @Test
  void aMonitorThatMovesLeavesItsLine() {
    Lab lab = Lab.Setup.ARM.cpus(2).lab();
    int line = DATA_OFFSET >> PhysicalMemory.LINE_SHIFT;
    lab.core(0).monitor.set(DATA_FRAME);
    lab.core(1).monitor.set(DATA_FRAME);
    lab.core(0).monitor.set(DATA_FRAME + 64);
    assertNotEquals(0, lab.machine.memory().flags(line) & PhysicalMemory.MONITORED, "core 1 is there");
    lab.core(1).monitor.set(DATA_FRAME + 64);
    assertEquals(0, lab.machine.memory().flags(line) & PhysicalMemory.MONITORED);
    lab.core(1).monitor.set(0);
    lab.core(0).monitor.clear();
    assertEquals(0, lab.machine.memory().flags(line + 1) & PhysicalMemory.MONITORED);
  }
}
