package dev.crosspatch.platform;

import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.TablePages;
import java.util.ArrayDeque;
import java.util.Deque;

/// Pages for boot tables: from a room of their own upwards, or from the end of RAM downwards.
final class BootPages implements TablePages {
  private final Machine machine;
  private final MemoryMap map;
  private final boolean down;
  private final long ramEnd;
  /// Where the next page begins, or, downwards, the last one did.
  private long at;
  /// Where the room of pages that come downwards ends.
  private long bottom;
  private final Deque<Long> released = new ArrayDeque<>();

  BootPages(Machine machine, MemoryMap map) {
    this.machine = machine;
    this.map = map;
    down = map.tables().top();
    ramEnd = map.ramBase() + machine.config().ramBytes();
    at = down ? ramEnd : map.tables().from();
    bottom = map.ramBase();
  }

  /// Physical address of the first byte that is not below the tables' room.
  long first() {
    return down ? map.ramBase() : map.tables().to();
  }

  /// Physical address of the first byte behind all that is not tables.
  long last() {
    return down ? at : ramEnd;
  }

  /// What lies in RAM below `pa` stays as it is.
  void keepBelow(long pa) {
    bottom = Math.max(bottom, pa + PAGE - 1 & -PAGE);
  }

  @Override
  public long allocate() {
    if (left() == 0) {
      throw new IllegalArgumentException(String.format("the page tables need more room than 0x%x..0x%x",
          down ? bottom : map.tables().from(), down ? ramEnd : map.tables().to()));
    }
    long page = released.isEmpty() ? fresh() : released.pop();
    machine.load(page, new byte[PAGE]);
    return page;
  }

  private long fresh() {
    long page = down ? at - PAGE : at;
    at = down ? page : page + PAGE;
    return page;
  }

  @Override
  public long left() {
    return released.size() + Math.max(0, down ? at - bottom : map.tables().to() - at) / PAGE;
  }

  @Override
  public void release(long page) {
    released.push(page);
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
