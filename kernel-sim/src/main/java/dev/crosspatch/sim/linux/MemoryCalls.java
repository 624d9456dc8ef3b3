package dev.crosspatch.sim.linux;

import java.io.IOException;
import java.util.Map;

/// System calls about memory.
final class MemoryCalls {
  /// Nothing is mapped above it; the stack ends there.
  static final long TOP = 0x7fff_ffff_f000L;
  /// Room for the stack.
  static final long STACK = 8L << 20;
  private static final long BOTTOM = 0x1_0000;

  private static final int MAP_SHARED = 1;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_FIXED = 0x10;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_FIXED_NOREPLACE = 0x10_0000;
  private static final int MREMAP_MAYMOVE = 1;
  private static final int MREMAP_FIXED = 2;
  private static final int DONTNEED = 4;
  private static final int RIGHTS = 7;
  /// Of AArch64 (uapi/asm/mman.h): text of landing pads.
  private static final int PROT_BTI = 0x10;
  /// PROT_READ, PROT_WRITE, PROT_EXEC, PROT_SEM, PROT_GROWSDOWN, PROT_GROWSUP.
  private static final long PROT = 0x0300_000f;

  private final AddressSpace space;
  private final FileTable files;
  /// Whether there is PROT_BTI.
  private final boolean guards;
  private long heap;
  private long brk;

  MemoryCalls(AddressSpace space, FileTable files, boolean guards) {
    this.files = files;
    this.guards = guards;
    this.space = space;
  }

  void addTo(Map<String, Call> table) {
    table.put("brk", this::brk);
    table.put("mmap", this::mmap);
    table.put("munmap", this::munmap);
    table.put("mprotect", this::mprotect);
    table.put("mremap", this::mremap);
    table.put("madvise", this::madvise);
    table.put("msync", (_, _) -> 0);
    table.put("mlock", (_, _) -> 0);
    table.put("munlock", (_, _) -> 0);
    table.put("membarrier", (_, a) -> a[0] == 0 ? 0 : -Errno.EINVAL);
  }

  /// The heap begins there.
  void heap(long address) {
    heap = AddressSpace.up(address);
    brk = heap;
  }

  private long brk(Task task, long[] a) {
    long old = AddressSpace.up(brk);
    long end = AddressSpace.up(a[0]);
    if (a[0] < heap || end > TOP || (end > old && !space.isFree(old, end))) {
      return brk;
    }
    if (end > old) {
      space.map(old, end, AddressSpace.READ | AddressSpace.WRITE);
    } else {
      space.unmap(end, old);
    }
    brk = a[0];
    return brk;
  }

  /// A file is read when it is mapped; what is written to a shared mapping would not come back to it, so that is
  /// refused.
  private long mmap(Task task, long[] a) throws IOException {
    long size = AddressSpace.up(a[1]);
    int rights = rights(a[2]);
    long flags = a[3];
    boolean anonymous = (flags & MAP_ANONYMOUS) != 0;
    if (a[1] <= 0 || a[5] % AddressSpace.PAGE != 0 || (flags & (MAP_SHARED | MAP_PRIVATE)) == 0) {
      throw new Errno(Errno.EINVAL);
    }
    if (!anonymous && a[5] < 0) {
      throw new Errno(Errno.EOVERFLOW);
    }
    if (size > TOP) {
      throw new Errno(Errno.ENOMEM);
    }
    if (!anonymous && (flags & MAP_SHARED) != 0 && (rights & AddressSpace.WRITE) != 0) {
      throw new Errno(Errno.EACCES);
    }
    byte[] bytes = anonymous ? new byte[0] : contents(files.get(a[4]), a[5], size);
    long at = place(a[0], size, flags);
    space.map(at, at + size, rights);
    space.load(at, bytes, 0, bytes.length);
    return at;
  }

  private static byte[] contents(OpenFile file, long offset, long size) throws IOException {
    if (!file.isReadable()) {
      throw new Errno(Errno.EACCES);
    }
    return file.readAt(offset, (int) Math.min(size, Integer.MAX_VALUE - 8));
  }

  private long place(long hint, long size, long flags) {
    if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0) {
      checkRange(hint, size);
      if ((flags & MAP_FIXED_NOREPLACE) != 0 && !space.isFree(hint, hint + size)) {
        throw new Errno(Errno.EEXIST);
      }
      return hint;
    }
    long wish = hint & -AddressSpace.PAGE;
    if (wish >= BOTTOM && wish <= TOP - size && space.isFree(wish, wish + size)) {
      return wish;
    }
    return room(size);
  }

  /// The highest free room below the stack.
  long room(long size) {
    long at = space.room(size, TOP - STACK - (1 << 20), BOTTOM);
    if (at < 0) {
      throw new Errno(Errno.ENOMEM);
    }
    return at;
  }

  private static void checkRange(long at, long size) {
    if (at % AddressSpace.PAGE != 0 || size <= 0) {
      throw new Errno(Errno.EINVAL);
    }
    if (at < BOTTOM || size > TOP || at > TOP - size) {
      throw new Errno(Errno.ENOMEM);
    }
  }

  /// What is not known is ignored.
  private int rights(long prot) {
    return ((int) prot & RIGHTS) | (guards && (prot & PROT_BTI) != 0 ? AddressSpace.GUARDED : 0);
  }

  private long munmap(Task task, long[] a) {
    long size = AddressSpace.up(a[1]);
    if (a[0] % AddressSpace.PAGE != 0 || a[1] <= 0 || a[0] < 0 || a[0] > TOP - size) {
      throw new Errno(Errno.EINVAL);
    }
    space.unmap(a[0], a[0] + size);
    return 0;
  }

  private long mprotect(Task task, long[] a) {
    long size = AddressSpace.up(a[1]);
    if (a[1] == 0) {
      return 0;
    }
    checkRange(a[0], size);
    if ((a[2] & ~(guards ? PROT | PROT_BTI : PROT)) != 0) {
      throw new Errno(Errno.EINVAL);
    }
    if (!space.protect(a[0], a[0] + size, rights(a[2]))) {
      throw new Errno(Errno.ENOMEM);
    }
    return 0;
  }

  private long mremap(Task task, long[] a) {
    long from = a[0];
    long old = AddressSpace.up(a[1]);
    long size = AddressSpace.up(a[2]);
    checkRange(from, old);
    if (size <= 0 || (a[3] & MREMAP_FIXED) != 0) {
      throw new Errno(Errno.EINVAL);
    }
    AddressSpace.Area area = space.area(from);
    if (area == null || !space.isMapped(from, from + old)) {
      throw new Errno(Errno.EFAULT);
    }
    if (size <= old) {
      space.unmap(from + size, from + old);
      return from;
    }
    if (from + size <= TOP && space.isFree(from + old, from + size)) {
      space.map(from + old, from + size, area.rights());
      return from;
    }
    if ((a[3] & MREMAP_MAYMOVE) == 0) {
      throw new Errno(Errno.ENOMEM);
    }
    long to = room(size);
    space.map(to, to + size, area.rights());
    space.move(from, to, old);
    return to;
  }

  private long madvise(Task task, long[] a) {
    if (a[2] == DONTNEED) {
      space.discard(a[0], a[0] + AddressSpace.up(a[1]));
    }
    return 0;
  }
}
