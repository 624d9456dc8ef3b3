package dev.crosspatch.core.lab;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Uncore;
import dev.crosspatch.core.machine.BootTables;
import java.util.Arrays;

/// Translations of all cores of a machine of [MicroIsa], which have no tables in memory.
public record MicroTables(Uncore machine) implements BootTables {
  @Override
  public void map(long va, long pa, long size, Access access) {
    int permission = switch (access) {
      case TEXT -> Lab.R | Lab.X;
      case RODATA -> Lab.R;
      case DATA, DEVICE -> Lab.R | Lab.W;
    };
    for (long at = 0; at < size; at += 4096) {
      for (int i = 0; i < machine.cpus(); i++) {
        Lab.map((MicroCore) machine.core(i), va + at, pa + at, permission);
      }
    }
  }

  @Override
  public void enter(Core core, long entry, long argument) {
    Arrays.fill(core.r, 0);
    core.r[1] = argument;
    core.pc = entry;
  }
}
