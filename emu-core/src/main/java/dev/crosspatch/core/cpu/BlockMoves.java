package dev.crosspatch.core.cpu;

import dev.crosspatch.core.mem.PhysicalMemory;

/// What one core moves of a line at once for an instruction that is repeated: as many elements as single accesses would
/// move without doing anything else, so that nobody can tell the difference but by the host's clock.
final class BlockMoves {
  private final Core core;
  private final DataPort data;

  BlockMoves(Core core, DataPort data) {
    this.core = core;
    this.data = data;
  }

  /// Copies elements of `1 << width` bytes upward, and returns how many, of at most `count`: those that lie within one
  /// line each at `from` and at `to`, and of which none is stored to before it is loaded.
  int copy(long from, long to, int width, int count) {
    int most = Math.min(count, Math.min(inLine(from, width), inLine(to, width)));
    int source = most <= 0 ? -1 : data.settled(from, core.user, Core.READ);
    int target = source < 0 ? -1 : data.settled(to, core.user, Core.WRITE);
    if (target < 0) {
      return 0;
    }
    if (source < target) {
      most = Math.min(most, (target - source) >> width);
    }
    System.arraycopy(data.ram, source, data.ram, target, most << width);
    return most;
  }

  /// Stores the low `1 << width` bytes of `value` upward from `to`, and returns how often, of at most `count`: within
  /// one line.
  int fill(long to, long value, int width, int count) {
    int most = Math.min(count, inLine(to, width));
    int target = most <= 0 ? -1 : data.settled(to, core.user, Core.WRITE);
    if (target < 0) {
      return 0;
    }
    PhysicalMemory.put(data.ram, target, width, value);
    for (int done = 1; done < most; done *= 2) {
      int more = Math.min(done, most - done);
      System.arraycopy(data.ram, target, data.ram, target + (done << width), more << width);
    }
    return most;
  }

  /// Elements from `va` on that the line of `va` holds whole.
  private static int inLine(long va, int width) {
    return (PhysicalMemory.LINE - ((int) va & Frame.LINE_MASK)) >> width;
  }
}
