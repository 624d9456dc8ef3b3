package dev.crosspatch.platform;

import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.TablePages;

/// Pages for boot tables: from a room of their own upwards, or from the end of RAM downwards.
final class BootPages implements TablePages {
  private static final int PAGE = 4096;

  private final Machine machine;
  private final MemoryMap map;
  private final boolean down;
  private final long ramEnd;
  /// Where the next page begins, or, downwards, the last one did.
  private long at;

  BootPages(Machine machine, MemoryMap map) {
    this.machine = machine;
    this.map = map;
    down = map.tables().top();
    ramEnd = map.ramBase() + machine.config().ramBytes();
    at = down ? ramEnd : map.tables().from();
  }

  /// Physical address of the first byte that is not below the tables' room.
  long first() {
    return down ? map.ramBase() : map.tables().to();
  }

  /// Physical address of the first byte behind all that is not tables.
  long last() {
    return down ? at : ramEnd;
  }

  @Override
  public long allocate() {
    if (down ? at - PAGE < map.ramBase() : at >= map.tables().to()) {
      throw new IllegalArgumentException(String.format("the page tables need more room than 0x%x..0x%x",
          down ? map.ramBase() : map.tables().from(), down ? ramEnd : map.tables().to()));
    }
    long page = down ? at - PAGE : at;
    at = down ? page : page + PAGE;
    machine.load(page, new byte[PAGE]);
    return page;
  }

  @Override
  public long read(long pa) {
    return machine.readPhysical(pa);
  }

  @Override
  public void write(long pa, long value) {
    machine.writePhysical(pa, value);
  }

  @Override
  public long virtual(long pa) {
    return map.directMap() + pa;
  }
}
