package dev.crosspatch.sim.linux;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.BootTables;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.TablePages;
import dev.crosspatch.core.machine.UserMode;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.platform.Dma;
import dev.crosspatch.sim.BadInput;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The memory of a program: areas with rights, whose pages are there once they were touched. A page is in the page
/// tables as long as its area allows anything.
final class AddressSpace {
  static final int PAGE = 4096;
  /// Rights, as `mmap` has them and [Core#READ] and kin count: read, write, execute.
  static final int READ = 1;

  static final int WRITE = 2;
  /// Text to whose landing pads branches come.
  static final int GUARDED = UserMode.GUARDED;

  private static final int NO_PAGE = 0;
  private static final byte[] ZERO = new byte[PAGE];
  /// Above so many pages all translations are dropped at once.
  private static final int FEW_PAGES = 16;

  /// Addresses with the same rights.
  record Area(long start, long end, int rights) {}

  private final Machine machine;
  private final BootTables tables;
  private final TablePages pages;
  private final Dma dma;
  private final TreeMap<Long, Area> areas = new TreeMap<>();
  /// Physical address by virtual one.
  private final TreeMap<Long, Long> present = new TreeMap<>();
  private final Deque<Long> free = new ArrayDeque<>();

  AddressSpace(Machine machine, BootTables tables, TablePages pages, Dma dma) {
    this.machine = machine;
    this.tables = tables;
    this.pages = pages;
    this.dma = dma;
  }

  static long up(long address) {
    return (address + PAGE - 1) & -PAGE;
  }

  // ---- areas

  /// Puts an area there, instead of all that was.
  void map(long start, long end, int rights) {
    unmap(start, end);
    areas.put(start, new Area(start, end, rights));
  }

  /// Takes everything away there.
  void unmap(long start, long end) {
    split(start);
    split(end);
    areas.subMap(start, end).clear();
    drop(start, end);
  }

  /// Changes rights there. Returns whether all of it was mapped.
  boolean protect(long start, long end, int rights) {
    if (!isMapped(start, end)) {
      return false;
    }
    split(start);
    split(end);
    areas.subMap(start, end).replaceAll((_, area) -> new Area(area.start, area.end, rights));
    present.subMap(start, end).forEach((page, frame) -> tables.user(page, frame, rights));
    forget(start, end);
    return true;
  }

  /// Whether all of it is mapped, whatever it allows.
  boolean isMapped(long start, long end) {
    long at = start;
    for (Area area = area(at); area != null && at < end; area = at < end ? area(at) : null) {
      at = area.end;
    }
    return at >= end;
  }

  /// Whether nothing is mapped there.
  boolean isFree(long start, long end) {
    Map.Entry<Long, Area> below = areas.lowerEntry(end);
    return below == null || below.getValue().end <= start;
  }

  /// The highest free room of so many bytes below `top`, or -1.
  long room(long size, long top, long bottom) {
    long end = top;
    while (end - size >= bottom) {
      Map.Entry<Long, Area> below = areas.lowerEntry(end);
      if (below == null || below.getValue().end <= end - size) {
        return end - size;
      }
      end = below.getKey();
    }
    return -1;
  }

  /// The area of an address, or null.
  @Nullable Area area(long address) {
    Map.Entry<Long, Area> at = areas.floorEntry(address);
    return at != null && address < at.getValue().end ? at.getValue() : null;
  }

  /// Areas from the lowest.
  Iterable<Area> areas() {
    return areas.values();
  }

  private void split(long at) {
    Area area = area(at);
    if (area != null && area.start < at) {
      areas.put(area.start, new Area(area.start, at, area.rights));
      areas.put(at, new Area(at, area.end, area.rights));
    }
  }

  /// Moves pages to a new place, with their rights.
  void move(long from, long to, long size) {
    Area area = area(from);
    int rights = area == null ? READ | WRITE : area.rights;
    map(to, to + size, rights);
    for (long at = 0; at < size; at += PAGE) {
      Long frame = present.remove(from + at);
      if (frame != null) {
        tables.user(from + at, 0, NO_PAGE);
        present.put(to + at, frame);
        tables.user(to + at, frame, rights);
      }
    }
    forget(from, from + size);
    unmap(from, from + size);
  }

  // ---- pages

  /// An access faulted. Returns whether it may be made again: its area allows it, and the page is there now.
  boolean touch(long address, int access) {
    Area area = area(address);
    return area != null && (area.rights & 1 << access) != 0 && frame(address & -PAGE, area.rights) >= 0;
  }

  /// The frame of a page, which is made if it is not there.
  private long frame(long page, int rights) {
    Long frame = present.get(page);
    if (frame == null) {
      frame = free.isEmpty() ? allocate() : free.pop();
      machine.load(frame, ZERO);
      present.put(page, frame);
    }
    tables.user(page, frame, rights);
    return frame;
  }

  private long allocate() {
    try {
      return pages.allocate();
    } catch (IllegalArgumentException e) {
      throw new BadInput("the program takes more memory than the board's "
          + (machine.config().ramBytes() >> 20) + " MiB; --memory gives more");
    }
  }

  private void drop(long start, long end) {
    NavigableMap<Long, Long> gone = present.subMap(start, true, end, false);
    if (!gone.isEmpty()) {
      gone.forEach((page, frame) -> {
        free.push(frame);
        tables.user(page, 0, NO_PAGE);
      });
      long first = gone.firstKey();
      long last = gone.lastKey() + PAGE;
      gone.clear();
      forget(first, last);
    }
  }

  /// No core keeps translations of these pages.
  private void forget(long start, long end) {
    for (int i = 0; i < machine.cpus(); i++) {
      if ((end - start) / PAGE > FEW_PAGES) {
        machine.core(i).translations.flush(true);
      } else {
        for (long page = start; page < end; page += PAGE) {
          machine.core(i).translations.flushPage(page);
        }
      }
    }
  }

  /// Gives all its pages back the contents of a fresh one (`madvise`).
  void discard(long start, long end) {
    drop(start, end);
  }

  // ---- as the kernel sees it

  /// Where the byte at `address` lies in RAM, for a kernel's access on behalf of the program.
  private long physical(long address, int access) {
    Area area = area(address);
    if (area == null || (area.rights & 1 << access) == 0) {
      throw new Errno(Errno.EFAULT);
    }
    Long frame = present.get(address & -PAGE);
    return (frame == null ? frame(address & -PAGE, area.rights) : frame) + (address & PAGE - 1);
  }

  /// Reads memory of the program.
  ///
  /// @throws Errno EFAULT if it may not be read
  byte[] read(long address, int length) {
    byte[] bytes = new byte[length];
    PhysicalMemory memory = machine.memory();
    for (int at = 0; at < length; ) {
      int part = part(address + at, length - at);
      System.arraycopy(memory.data(), memory.offset(physical(address + at, Core.READ)), bytes, at, part);
      at += part;
    }
    return bytes;
  }

  /// Writes memory of the program.
  ///
  /// @throws Errno EFAULT if it may not be written
  void write(long address, byte[] bytes, long clock) {
    check(address, bytes.length, Core.WRITE);
    for (int at = 0; at < bytes.length; ) {
      int part = part(address + at, bytes.length - at);
      byte[] piece = new byte[part];
      System.arraycopy(bytes, at, piece, 0, part);
      dma.write(physical(address + at, Core.WRITE), piece, clock);
      at += part;
    }
  }

  /// Puts bytes there before anybody has run them, whatever the rights.
  void load(long address, byte[] bytes, int from, int length) {
    for (int at = 0; at < length; ) {
      int part = part(address + at, length - at);
      byte[] piece = new byte[part];
      System.arraycopy(bytes, from + at, piece, 0, part);
      Area area = area(address + at);
      long frame = frame(address + at & -PAGE, area == null ? READ : area.rights);
      machine.load(frame + (address + at & PAGE - 1), piece);
      at += part;
    }
  }

  /// Whether the program may make this access to all of it.
  ///
  /// @throws Errno EFAULT if not
  void check(long address, long length, int access) {
    if (length < 0) {
      throw new Errno(Errno.EINVAL);
    }
    for (long at = address; at < address + length; at = (at & -PAGE) + PAGE) {
      physical(at, access);
    }
  }

  private static int part(long address, int left) {
    return Math.min(left, PAGE - (int) (address & PAGE - 1));
  }
}
