package dev.crosspatch.core.machine;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.isa.Isa;

/// An SMP machine: cores, RAM, devices, and the scheduler that runs the core with the smallest local clock.
public final class Machine {
  private final MachineConfig config;
  private final Core[] cores;

  /// A machine with all cores stopped at reset.
  public Machine(MachineConfig config) {
    this.config = config;
    Isa isa = config.isa();
    cores = new Core[config.cpus()];
    for (int i = 0; i < cores.length; i++) {
      cores[i] = isa.newCore(this, i);
    }
  }

  public MachineConfig config() {
    return config;
  }

  public int cpus() {
    return cores.length;
  }

  public Core core(int id) {
    return cores[id];
  }

  /// Sends an event to a core: [Core#event] is called there once its clock reaches `clock` (1/16 cycles).
  public void post(int core, long clock, int kind, long value) {
    throw new IllegalStateException("engine");
  }

  /// Forgets the events of this kind posted to a core and not yet delivered (a timer reprogrammed).
  public void cancel(int core, int kind) {
    throw new IllegalStateException("engine");
  }

  /// Ends the run after the current instruction; `reason` is for people.
  public void stop(String reason) {
    throw new IllegalStateException("engine");
  }

  /// Reads 8 bytes of RAM as the data side sees them (page-table walks, loaders); 0 outside RAM.
  public long readPhysical(long pa) {
    throw new IllegalStateException("engine");
  }

  /// Writes 8 bytes of RAM, visible to data and fetch alike (loaders only).
  public void writePhysical(long pa, long value) {
    throw new IllegalStateException("engine");
  }

  /// Copies bytes to RAM, visible to data and fetch alike (loaders only).
  public void load(long pa, byte[] bytes) {
    throw new IllegalStateException("engine");
  }
}
