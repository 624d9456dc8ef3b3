package dev.crosspatch.core.cpu;

import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.event.Probe;
import dev.crosspatch.core.mem.CacheSystem;
import dev.crosspatch.core.mem.PhysicalMemory;

/// What one core does to caches, its own and others', at the order of instructions. Addresses outside RAM are in no
/// cache: nothing happens to them.
public final class CacheMaintenance {
  private final Core core;
  private final Uncore machine;
  private final PhysicalMemory memory;
  private final CacheSystem caches;
  private final transient Probe probe;

  CacheMaintenance(Core core, Uncore machine) {
    this.core = core;
    this.machine = machine;
    memory = machine.memory();
    caches = machine.caches();
    probe = machine.probe();
  }

  /// DC CVAU and kin: makes the data line that holds physical address `pa` visible at the point of unification.
  public void clean(long pa) {
    if (memory.contains(pa)) {
      core.meet(Meeting.MAINTENANCE);
      caches.clean(memory.offset(pa) >> PhysicalMemory.LINE_SHIFT);
      completed(Event.Maintenance.CLEAN, pa);
    }
  }

  /// CLFLUSH, DC CIVAC: drops the line that holds `pa` from all data caches and L2, cleaned.
  public void flush(long pa) {
    if (memory.contains(pa)) {
      core.meet(Meeting.MAINTENANCE);
      caches.flush(memory.offset(pa) >> PhysicalMemory.LINE_SHIFT);
      completed(Event.Maintenance.FLUSH, pa);
    }
  }

  /// WBINVD: empties this core's L1 data cache and L2, cleaned.
  public void flushAll() {
    core.meet(Meeting.MAINTENANCE);
    caches.flushAll(core.id);
  }

  /// Physical address of the line in a way of a set of this core's L1 data cache, or -1.
  public long lineAt(int set, int way) {
    int line = caches.lineAt(core.id, set, way);
    return line < 0 ? -1 : memory.address(line << PhysicalMemory.LINE_SHIFT);
  }

  /// IC IVAU: drops the line that holds `pa` from the instruction cache of this core, or of all cores if `broadcast`.
  public void invalidate(long pa, boolean broadcast) {
    if (memory.contains(pa)) {
      core.meet(Meeting.MAINTENANCE);
      int line = memory.offset(pa) >> PhysicalMemory.LINE_SHIFT;
      for (int i = 0; i < machine.cpus(); i++) {
        if (i == core.id || broadcast) {
          machine.core(i).fetch.invalidate(line, i == core.id, core.clock);
        }
      }
      completed(Event.Maintenance.INVALIDATE, pa);
    }
  }

  /// IC IALLU, IC IALLUIS.
  public void invalidateAll(boolean broadcast) {
    core.meet(Meeting.MAINTENANCE);
    for (int i = 0; i < machine.cpus(); i++) {
      if (i == core.id || broadcast) {
        machine.core(i).fetch.invalidateAll(i == core.id, core.clock);
      }
    }
    completed(broadcast ? Event.Maintenance.INVALIDATE_ALL : Event.Maintenance.INVALIDATE_OWN, 0);
  }

  /// Tells that an instruction asked for cache maintenance, which may come to pass later.
  ///
  /// @param pa physical address in the line; 0 for all lines
  public void begun(Event.Maintenance what, long pa) {
    if (probe.maintenanceBegun.isHeard()) {
      probe.maintenanceBegun.tell(new Event.MaintenanceBegun(core.id, core.cycles(), what, pa & -PhysicalMemory.LINE));
    }
  }

  private void completed(Event.Maintenance what, long pa) {
    if (probe.maintenanceCompleted.isHeard()) {
      probe.maintenanceCompleted.tell(
          new Event.MaintenanceCompleted(core.id, core.cycles(), what, pa & -PhysicalMemory.LINE));
    }
  }

  /// Tells that a data barrier was executed.
  ///
  /// @param completes how many pieces of this core's maintenance it completed
  public void barrier(int completes) {
    if (probe.barriers.isHeard()) {
      probe.barriers.tell(new Event.BarrierExecuted(core.id, core.cycles(), completes));
    }
  }
}
