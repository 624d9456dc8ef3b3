package dev.crosspatch.sim.linux;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.UserMode;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.platform.Dma;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
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

  /// Above so many pages all translations are dropped at once.
  private static final int FEW_PAGES = 16;

  /// How many areas there can be (`DEFAULT_MAX_MAP_COUNT`, include/linux/mm.h).
  private static final int MOST_AREAS = 65_530;

  /// Addresses with the same rights.
  ///
  /// @param counts  whether it must be possible to back all of it once it is writable: private, and no MAP_NORESERVE
  /// @param backing the file that is mapped there, or null
  record Area(long start, long end, int rights, boolean counts, @Nullable Backing backing) {
    boolean isLike(Area other) {
      return rights == other.rights && counts == other.counts && backing == null && other.backing == null;
    }

    /// The part between two addresses, with these rights.
    Area part(long from, long to, int with) {
      return new Area(from, to, with, counts, backing == null ? null : backing.behind(from - start));
    }

    /// The same elsewhere.
    Area at(long to) {
      return new Area(to, to + (end - start), rights, counts, backing);
    }

    /// Whether this page may be accessed so.
    boolean allows(int access, long page) {
      return (rights & 1 << access) != 0 && !ends(page);
    }

    /// Whether the file ends before this page.
    boolean ends(long page) {
      return backing != null && backing.offset + (page - start) >= up(backing.end);
    }
  }

  /// A file that is mapped.
  ///
  /// @param offset of the area's begin in the file
  /// @param end    its length when it was mapped; pages behind it are not there (SIGBUS)
  /// @param shared MAP_SHARED, so that it never becomes writable here
  record Backing(HostFile file, long offset, long end, boolean shared) {
    Backing behind(long bytes) {
      return new Backing(file, offset + bytes, end, shared);
    }
  }

  /// What comes of touching a page.
  enum Touch {
    /// The access may be made again.
    THERE,
    /// Its area does not allow it, or there is none.
    DENIED,
    /// The file that is mapped there ends before.
    BEHIND_END
  }

  private final Machine machine;
  private final UserPages pages;
  private final Dma dma;
  private final TreeMap<Long, Area> areas = new TreeMap<>();
  /// Physical address by virtual one.
  private final TreeMap<Long, Long> present = new TreeMap<>();

  /// From there to where [#room] looks first nothing is free.
  private long packed = Long.MAX_VALUE;
  /// Bits of addresses that the kernel does not look at.
  private long ignored;

  AddressSpace(Machine machine, UserPages pages, Dma dma) {
    this.machine = machine;
    this.pages = pages;
    this.dma = dma;
  }

  static long up(long address) {
    return (address + PAGE - 1) & -PAGE;
  }

  // ---- areas

  /// Checks that memory of so many bytes may be promised: what is more than all RAM never can be had. Smaller promises
  /// may be more than RAM together (mm/util.c, __vm_enough_memory, OVERCOMMIT_GUESS; there is no swap).
  ///
  /// @throws Errno ENOMEM if not
  void promise(long bytes) {
    if (bytes > pages.total()) {
      throw new Errno(Errno.ENOMEM);
    }
  }

  /// Puts an area there, instead of all that was.
  ///
  /// @throws Errno ENOMEM if there are too many
  void map(long start, long end, int rights, boolean counts) {
    map(new Area(start, end, rights, counts, null));
  }

  /// The same of an area that may have a file.
  void map(Area area) {
    checkAreas();
    unmap(area.start, area.end);
    put(area);
  }

  private void checkAreas() {
    if (areas.size() >= MOST_AREAS) {
      throw new Errno(Errno.ENOMEM);
    }
  }

  /// Areas that are alike and meet are one.
  private void put(Area area) {
    Map.Entry<Long, Area> below = areas.lowerEntry(area.start);
    Area above = areas.get(area.end);
    boolean meetsBelow = below != null && below.getValue().end == area.start && below.getValue().isLike(area);
    boolean meetsAbove = above != null && above.isLike(area);
    if (meetsAbove) {
      areas.remove(area.end);
    }
    long start = meetsBelow && below != null ? below.getKey() : area.start;
    long end = meetsAbove && above != null ? above.end : area.end;
    areas.put(start, new Area(start, end, area.rights, area.counts, area.backing));
  }

  /// Takes everything away there.
  ///
  /// @throws Errno ENOMEM if too many areas are left
  void unmap(long start, long end) {
    split(start);
    split(end);
    areas.subMap(start, end).clear();
    packed = Math.max(packed, end);
    drop(start, end);
  }

  /// Changes rights there, as far as all of it is mapped. Returns whether all is (mm/mprotect.c, do_mprotect_pkey).
  ///
  /// @throws Errno ENOMEM also if what becomes writable cannot be backed, EACCES if a shared file would be writable
  boolean protect(long start, long limit, int rights) {
    long end = Math.min(limit, mappedFrom(start, limit));
    if (end == start) {
      return false;
    }
    split(start);
    split(end);
    for (Area area : List.copyOf(areas.subMap(start, end).values())) {
      if (area.backing != null && area.backing.shared && (rights & WRITE) != 0) {
        throw new Errno(Errno.EACCES);
      }
      if (area.counts && (rights & ~area.rights & WRITE) != 0) {
        promise(area.end - area.start);
      }
      areas.remove(area.start);
      put(area.part(area.start, area.end, rights));
      present.subMap(area.start, area.end).forEach((page, frame) -> pages.change(page, frame, rights));
    }
    forget(start, end);
    return end == limit;
  }

  /// Whether all of it is mapped, whatever it allows.
  boolean isMapped(long start, long end) {
    return mappedFrom(start, end) >= end;
  }

  /// Where what is mapped from `start` on ends, looked for as far as `end`.
  private long mappedFrom(long start, long end) {
    long at = start;
    for (Area area = area(at); area != null && at < end; area = at < end ? area(at) : null) {
      at = area.end;
    }
    return at;
  }

  /// Whether nothing is mapped there.
  boolean isFree(long start, long end) {
    Map.Entry<Long, Area> below = areas.lowerEntry(end);
    return below == null || below.getValue().end <= start;
  }

  /// The highest free room of so many bytes below `top`, which is always the same, or -1.
  long room(long size, long top, long bottom) {
    long end = Math.min(top, packed);
    boolean gaps = false;
    while (end - size >= bottom) {
      Map.Entry<Long, Area> below = areas.lowerEntry(end);
      if (below == null || below.getValue().end <= end - size) {
        return end - size;
      }
      gaps |= below.getValue().end < end;
      end = below.getKey();
      packed = gaps ? packed : end;
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
      checkAreas();
      areas.put(area.start, area.part(area.start, at, area.rights));
      areas.put(at, area.part(at, area.end, area.rights));
    }
  }

  /// Moves the pages of an area, or a part of it, to a new place that has that area's rights; nothing is mapped where
  /// they were.
  void move(Area area, long from, long to, long size) {
    for (long at = 0; at < size; at += PAGE) {
      Long frame = present.remove(from + at);
      if (frame != null) {
        pages.move(from + at, to + at, frame, area.rights);
        present.put(to + at, frame);
      }
    }
    forget(from, from + size);
    unmap(from, from + size);
  }

  // ---- pages

  /// An access faulted. If its area allows it, the page is there now.
  Touch touch(long address, int access) {
    Area area = area(address);
    if (area == null || (area.rights & 1 << access) == 0) {
      return Touch.DENIED;
    }
    if (area.ends(address & -PAGE)) {
      return Touch.BEHIND_END;
    }
    frame(address & -PAGE, area.rights);
    return Touch.THERE;
  }

  /// The frame of a page, which is made if it is not there.
  ///
  /// @throws OutOfMemory if it cannot be made
  private long frame(long page, int rights) {
    Long frame = present.get(page);
    if (frame == null) {
      frame = pages.add(page, rights);
      present.put(page, frame);
    } else {
      pages.change(page, frame, rights);
    }
    return frame;
  }

  private void drop(long start, long end) {
    NavigableMap<Long, Long> gone = present.subMap(start, true, end, false);
    if (!gone.isEmpty()) {
      gone.forEach(pages::remove);
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

  /// Gives all its pages back the contents that they had when they were mapped (`madvise`): of a file, or zeros.
  void discard(long start, long end) throws IOException {
    drop(start, end);
    fill(start, end);
  }

  /// Reads what is not there of the files that are mapped, as far as they go.
  void fill(long start, long end) throws IOException {
    for (long at = start; at < end; at += PAGE) {
      Area area = area(at);
      if (area != null && area.backing != null && !area.ends(at) && !present.containsKey(at)) {
        byte[] bytes = area.backing.file.forMapping(area.backing.offset + (at - area.start), PAGE);
        load(at, bytes, 0, bytes.length);
      }
    }
  }

  // ---- as the kernel sees it

  /// From now on these bits of an address that the kernel is given say nothing.
  void ignore(long bits) {
    ignored = bits;
  }

  /// Where the byte at `tagged` lies in RAM, for a kernel's access on behalf of the program.
  private long physical(long tagged, int access) {
    long address = tagged & ~ignored;
    Area area = area(address);
    if (area == null || !area.allows(access, address & -PAGE)) {
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

  /// What was put where one of these rights is, by address: runs of pages.
  NavigableMap<Long, byte[]> loaded(int rights) {
    NavigableMap<Long, ByteArrayOutputStream> runs = new TreeMap<>();
    present.forEach((page, frame) -> {
      Area area = area(page);
      if (area != null && (area.rights & rights) != 0) {
        Map.Entry<Long, ByteArrayOutputStream> last = runs.lastEntry();
        ByteArrayOutputStream run = last != null && last.getKey() + last.getValue().size() == page ? last.getValue()
            : runs.computeIfAbsent(page, _ -> new ByteArrayOutputStream());
        run.write(machine.memory().data(), machine.memory().offset(frame), PAGE);
      }
    });
    NavigableMap<Long, byte[]> bytes = new TreeMap<>();
    runs.forEach((address, run) -> bytes.put(address, run.toByteArray()));
    return bytes;
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

  /// How many bytes from `address` on the program may access so, at most `length`.
  int reach(long address, int length, int access) {
    int at = 0;
    while (at < length) {
      long page = address + at & ~ignored & -PAGE;
      Area area = area(page);
      if (area == null || !area.allows(access, page)) {
        break;
      }
      at += part(address + at, length - at);
    }
    return at;
  }

  private static int part(long address, int left) {
    return Math.min(left, PAGE - (int) (address & PAGE - 1));
  }
}
