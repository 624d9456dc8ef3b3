package dev.crosspatch.sim.race;

import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.state.Snapshot;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A stretch of text, as memory has it, and what was stored to it.
final class WatchedText implements Snapshot.ByIdentity {
  final long physical;
  /// Where it is executed.
  final long running;
  final byte[] bytes;
  private final @Nullable StoredLine[] lines;

  WatchedText(long physical, long running, byte[] bytes, @Nullable StoredLine[] lines) {
    this.physical = physical;
    this.running = running;
    this.bytes = bytes;
    this.lines = lines;
  }

  /// @param physical address of its first byte, at the beginning of a line
  /// @param bytes    what it holds now
  static WatchedText of(long physical, long running, byte[] bytes) {
    int lines = (bytes.length + PhysicalMemory.LINE - 1) >> PhysicalMemory.LINE_SHIFT;
    return new WatchedText(physical, running, Arrays.copyOf(bytes, lines << PhysicalMemory.LINE_SHIFT),
        new @Nullable StoredLine[lines]);
  }

  boolean holds(long address) {
    return address - physical >= 0 && address - physical < bytes.length;
  }

  boolean holdsRunning(long address) {
    return address - running >= 0 && address - running < bytes.length;
  }

  /// The line of an address where it runs, if it was stored to.
  @Nullable StoredLine line(long address) {
    long i = (address - running) >> PhysicalMemory.LINE_SHIFT;
    return i >= 0 && i < lines.length ? lines[(int) i] : null;
  }

  /// The line at an offset, which is stored to.
  StoredLine stored(int at) {
    int i = at >> PhysicalMemory.LINE_SHIFT;
    StoredLine line = lines[i];
    if (line == null) {
      int from = i << PhysicalMemory.LINE_SHIFT;
      line = StoredLine.of(Arrays.copyOfRange(bytes, from, from + PhysicalMemory.LINE));
      lines[i] = line;
    }
    return line;
  }

  /// All lines.
  @Nullable StoredLine[] lines() {
    return lines;
  }
}
