package dev.crosspatch.core.cpu;

import dev.crosspatch.core.mem.CacheSystem;
import dev.crosspatch.core.mem.PhysicalMemory;

/// One core's exclusive monitor. Another core's store to its line clears it ([Uncore#breakMonitors]).
public final class ExclusiveMonitor {
  private static final int NO_LINE = -1;

  private final Core core;
  private final Uncore machine;
  private final PhysicalMemory memory;
  private final CacheSystem caches;
  private int line = NO_LINE;

  ExclusiveMonitor(Core core, Uncore machine) {
    this.core = core;
    this.machine = machine;
    memory = machine.memory();
    caches = machine.caches();
  }

  /// Marks the exclusive monitor (LDXR) on the line of `pa`.
  public void set(long pa) {
    clear();
    if (memory.contains(pa)) {
      line = memory.offset(pa) >> PhysicalMemory.LINE_SHIFT;
      memory.mark(line, PhysicalMemory.MONITORED);
      caches.watch(line);
    }
  }

  /// Whether the monitor still stands on the line of `pa`; clears it (STXR).
  public boolean claim(long pa) {
    boolean stands = memory.contains(pa) && memory.offset(pa) >> PhysicalMemory.LINE_SHIFT == line;
    clear();
    if (!stands) {
      core.meet(Meeting.MONITOR);
    }
    return stands;
  }

  /// Clears the monitor (CLREX, exception return).
  public void clear() {
    if (line != NO_LINE) {
      int left = line;
      line = NO_LINE;
      machine.unwatch(left);
    }
  }

  /// Line on which the exclusive monitor stands, or -1.
  public int line() {
    return line;
  }
}
