package dev.crosspatch.sim.race;

import dev.crosspatch.core.mem.PhysicalMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The text that is watched, and what each CPU may fetch of it: of every unit what memory holds or, of a line that is
/// *open* for that CPU, one of several versions.
final class FetchedText {
  private static final int LINE = PhysicalMemory.LINE;
  /// Lines that are looked at for each completion.
  private static final int OFTEN = 8;

  private final Publication publication;
  private final transient int unit;
  private final transient List<Predicate<TextWrite>> seen = new ArrayList<>();
  private final List<WatchedText> watched = new ArrayList<>();
  /// By CPU: how often it has come to know more of what it fetches.
  private final long[] learned;
  /// By CPU: lines of which it may fetch what memory does not hold, or could not long ago, and when that was looked at.
  private final List<List<Long>> open = new ArrayList<>();
  private final long[] looked;

  /// Some bytes of a line.
  interface Part {
    /// Is told of bytes of one line.
    ///
    /// @param line    of the bytes
    /// @param address of the line
    /// @param from    first byte within the line
    /// @param to      behind the last
    void of(StoredLine line, long address, int from, int to);
  }

  /// @param unit bytes that are fetched in one
  FetchedText(Publication publication, int cpus, int unit) {
    this.publication = publication;
    this.unit = unit;
    learned = new long[cpus];
    looked = new long[cpus];
    for (int i = 0; i < cpus; i++) {
      int cpu = i;
      open.add(new ArrayList<>());
      seen.add(w -> publication.isSeen(w, cpu));
    }
  }

  /// From now on a stretch is watched.
  void watch(WatchedText text) {
    watched.add(text);
  }

  /// All stretches.
  List<WatchedText> watched() {
    return watched;
  }

  /// The line of an address where it runs, if it was stored to.
  @Nullable StoredLine line(long address) {
    for (int i = 0; i < watched.size(); i++) {
      StoredLine line = watched.get(i).line(address);
      if (line != null) {
        return line;
      }
    }
    return null;
  }

  /// Goes through all lines between two addresses that were stored to.
  void lines(long address, int length, Part part) {
    for (long at = address & -LINE; at - address < length; at += LINE) {
      StoredLine line = line(at);
      if (line != null) {
        part.of(line, at, (int) Math.max(0, address - at), (int) Math.min(LINE, address + length - at));
      }
    }
  }

  /// The kernel says something of text: also where nobody has stored yet.
  void claim(long address, int length) {
    for (WatchedText stretch : watched) {
      for (long at = address & -LINE; at - address < length; at += LINE) {
        if (stretch.holdsRunning(at)) {
          stretch.stored((int) (at - stretch.running)).claim();
        }
      }
    }
  }

  /// What memory holds.
  byte[] memory(long address, int length) {
    for (WatchedText text : watched) {
      if (text.holdsRunning(address)) {
        int at = (int) (address - text.running);
        return Arrays.copyOf(Arrays.copyOfRange(text.bytes, at, Math.min(at + length, text.bytes.length)), length);
      }
    }
    return new byte[length];
  }

  /// A CPU has come to know more of what it fetches from now on.
  void learn(int cpu) {
    learned[cpu]++;
  }

  /// From now on CPUs may fetch of a line what memory does not hold.
  void open(StoredLine line, long address) {
    for (int cpu = 0; cpu < learned.length; cpu++) {
      if (line.open(cpu)) {
        open.get(cpu).add(address & -LINE);
      }
    }
  }

  /// Whether there may be a line of which a CPU may fetch anything but what memory holds, or text that has gone. Of
  /// many lines it is looked at only now and then which have become closed, so that it costs little each time.
  boolean isAnyOpen(int cpu) {
    List<Long> lines = open.get(cpu);
    if (lines.isEmpty()) {
      return false;
    }
    long stamp = stamp(cpu);
    if (stamp - looked[cpu] > lines.size() / OFTEN) {
      looked[cpu] = stamp;
      lines.removeIf(at -> isClosed(line(at), cpu));
    }
    return !lines.isEmpty();
  }

  private boolean isClosed(@Nullable StoredLine line, int cpu) {
    if (line == null) {
      return true;
    }
    List<TextWrite> writes = line.writes();
    boolean newest = writes.isEmpty() || publication.isSeen(writes.getLast(), cpu);
    boolean closed = line.gone() == 0 && newest
        && (writes.stream().allMatch(seen.get(cpu)) || view(line, cpu).open() == 0);
    if (closed) {
      line.close(cpu);
    }
    return closed;
  }

  /// Whether a CPU may fetch anything but what memory holds between two addresses, or there is no text any more.
  boolean isOpen(int cpu, long start, long end) {
    for (long at = start & -LINE; at - end < 0; at += LINE) {
      StoredLine line = line(at);
      if (line != null && line.isOpen(cpu) && ((view(line, cpu).open() | line.gone())
          & StoredLine.bits((int) Math.max(0, start - at), (int) Math.min(LINE, end - at))) != 0) {
        return true;
      }
    }
    return false;
  }

  /// What a CPU may fetch of the unit at an address, the oldest first.
  List<byte[]> versions(int cpu, long address) {
    StoredLine line = line(address);
    return line == null ? List.of(memory(address, unit))
        : view(line, cpu).versions((int) (address & LINE - 1), unit);
  }

  /// What a CPU may fetch behind a unit.
  ///
  /// @param oldest or the newest
  byte[] bytes(int cpu, long pc, byte[] first, boolean oldest, int length) {
    byte[] code = Arrays.copyOf(first, Math.max(length, unit));
    for (int at = unit; at < code.length; at += unit) {
      List<byte[]> more = versions(cpu, pc + at);
      System.arraycopy(oldest ? more.getFirst() : more.getLast(), 0, code, at, unit);
    }
    return code;
  }

  /// The oldest write to these bytes behind which a CPU may still fetch what was there before, or null.
  @Nullable TextWrite unseen(int cpu, long address, int length) {
    for (long at = address & -LINE; at - address < length; at += LINE) {
      StoredLine line = line(at);
      TextWrite write = line == null ? null
          : line.unseen((int) Math.max(0, address - at), (int) Math.min(LINE, address + length - at), seen.get(cpu));
      if (write != null) {
        return write;
      }
    }
    return null;
  }

  private LineView view(StoredLine line, int cpu) {
    return line.view(cpu, unit, seen.get(cpu), stamp(cpu));
  }

  private long stamp(int cpu) {
    return publication.completions() + learned[cpu];
  }
}
