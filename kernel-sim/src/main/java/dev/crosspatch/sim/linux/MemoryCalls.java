package dev.crosspatch.sim.linux;

import java.io.IOException;
import java.util.Map;

/// System calls about memory.
final class MemoryCalls {
  /// Nothing is mapped above it; the stack ends there.
  static final long TOP = 0x7fff_ffff_f000L;
  /// Room for the stack.
  static final long STACK = 8L << 20;
  /// Nothing is mapped below it (vm.mmap_min_addr).
  static final long BOTTOM = 0x1_0000;

  private static final int MAP_SHARED = 1;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_FIXED = 0x10;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_NORESERVE = 0x4000;
  private static final int MAP_FIXED_NOREPLACE = 0x10_0000;
  private static final int MREMAP_MAYMOVE = 1;
  private static final int MREMAP_FIXED = 2;
  private static final int MREMAP_DONTUNMAP = 4;
  private static final int DONTNEED = 4;
  private static final int MADV_FREE = 8;
  private static final int MADV_DONTFORK = 10;
  private static final int MADV_PAGEOUT = 21;
  private static final int RIGHTS = 7;
  /// Of AArch64 (uapi/asm/mman.h): text of landing pads.
  private static final int PROT_BTI = 0x10;
  /// PROT_READ, PROT_WRITE, PROT_EXEC, PROT_SEM, PROT_GROWSDOWN, PROT_GROWSUP.
  private static final long PROT = 0x0300_000f;

  private final AddressSpace space;
  private final FileTable files;
  /// Whether there is PROT_BTI.
  private final boolean guards;
  /// Bits of an address that most calls do not look at.
  private final long tagBits;
  private long heap;
  private long brk;

  MemoryCalls(AddressSpace space, FileTable files, boolean guards, long tagBits) {
    this.files = files;
    this.guards = guards;
    this.space = space;
    this.tagBits = tagBits;
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
      try {
        space.promise(end - old);
        space.map(old, end, AddressSpace.READ | AddressSpace.WRITE, true);
      } catch (Errno e) {
        return brk;
      }
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
    long type = flags & (MAP_SHARED | MAP_PRIVATE);
    if (a[1] == 0 || a[5] % AddressSpace.PAGE != 0 || type == 0 || (anonymous && type != MAP_SHARED
        && type != MAP_PRIVATE)) {
      throw new Errno(Errno.EINVAL);
    }
    if (Long.compareUnsigned(a[1], TOP) > 0) {
      throw new Errno(Errno.ENOMEM);
    }
    if (!anonymous && (a[5] < 0 || a[5] > Long.MAX_VALUE - size)) {
      throw new Errno(Errno.EOVERFLOW);
    }
    if (!anonymous && (flags & MAP_SHARED) != 0 && (rights & AddressSpace.WRITE) != 0) {
      throw new Errno(Errno.EACCES);
    }
    OpenFile file = anonymous ? null : readable(files.get(a[4]));
    boolean shared = (flags & MAP_SHARED) != 0;
    boolean counts = (flags & MAP_NORESERVE) == 0;
    if (counts && (shared ? anonymous : (rights & AddressSpace.WRITE) != 0)) {
      space.promise(size); // mm/mmap.c, accountable_mapping; mm/shmem.c, shmem_acct_size
    }
    long at = place(a[0], size, flags);
    AddressSpace.Backing backing = file == null ? null : file.mapped(a[5], shared);
    space.map(new AddressSpace.Area(at, at + size, rights, counts && !shared, backing));
    if (backing != null) {
      space.fill(at, at + size);
    }
    return at;
  }

  private static OpenFile readable(OpenFile file) {
    if (!file.isReadable()) {
      throw new Errno(Errno.EACCES);
    }
    return file;
  }

  private long place(long hint, long size, long flags) {
    if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0) {
      if (hint >= 0 && hint < BOTTOM && hint % AddressSpace.PAGE == 0) {
        throw new Errno(Errno.EPERM); // security/commoncap.c, cap_mmap_addr
      }
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

  /// Calls that find out where memory may be do not take tags (tagged-address-abi.rst, 3); these do.
  private long untagged(long address) {
    return address & ~tagBits;
  }

  private long munmap(Task task, long[] a) {
    long at = untagged(a[0]);
    long size = AddressSpace.up(a[1]);
    if (at % AddressSpace.PAGE != 0 || a[1] <= 0 || at < 0 || at > TOP - size) {
      throw new Errno(Errno.EINVAL);
    }
    space.unmap(at, at + size);
    return 0;
  }

  private long mprotect(Task task, long[] a) {
    long size = AddressSpace.up(a[1]);
    if (a[1] == 0) {
      return 0;
    }
    long at = untagged(a[0]);
    checkRange(at, size);
    if ((a[2] & ~(guards ? PROT | PROT_BTI : PROT)) != 0) {
      throw new Errno(Errno.EINVAL);
    }
    if (!space.protect(at, at + size, rights(a[2]))) {
      throw new Errno(Errno.ENOMEM);
    }
    return 0;
  }

  private long mremap(Task task, long[] a) throws IOException {
    long from = untagged(a[0]);
    long old = AddressSpace.up(a[1]);
    long size = AddressSpace.up(a[2]);
    boolean mayMove = (a[3] & MREMAP_MAYMOVE) != 0;
    boolean fixed = (a[3] & MREMAP_FIXED) != 0;
    boolean stays = (a[3] & MREMAP_DONTUNMAP) != 0;
    if ((a[3] & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) != 0 || (fixed && !mayMove)
        || (stays && (!mayMove || old != size))) {
      throw new Errno(Errno.EINVAL);
    }
    checkRange(from, old);
    if (size <= 0) {
      throw new Errno(Errno.EINVAL);
    }
    AddressSpace.Area area = space.area(from);
    if (area == null || area.end() < from + old) {
      throw new Errno(Errno.EFAULT);
    }
    if (fixed || stays) {
      return moveTo(fixed ? target(a[4], size, from, old) : room(size), size, area, from, old, stays);
    }
    if (size <= old) {
      space.unmap(from + size, from + old);
      return from;
    }
    if (area.counts() && (area.rights() & AddressSpace.WRITE) != 0) {
      space.promise(size - old);
    }
    if (from + size <= TOP && space.isFree(from + old, from + size)) {
      space.map(area.part(from + old, from + size, area.rights()));
      space.fill(from + old, from + size);
      return from;
    }
    if (!mayMove) {
      throw new Errno(Errno.ENOMEM);
    }
    return moveTo(room(size), size, area, from, old, false);
  }

  /// Where a mapping is to be moved: wherever there may be one, but where it is (mm/mremap.c, mremap_to).
  private static long target(long to, long size, long from, long old) {
    boolean overlaps = to < from + old && from < to + size;
    if (to % AddressSpace.PAGE != 0 || to < 0 || size > TOP || to > TOP - size || overlaps) {
      throw new Errno(Errno.EINVAL);
    }
    return to;
  }

  /// Moves `old` bytes from `from`, where fresh memory, or the file's, is left if it `stays`.
  private long moveTo(long to, long size, AddressSpace.Area area, long from, long old, boolean stays)
      throws IOException {
    space.map(area.part(from, from + size, area.rights()).at(to));
    space.move(area, from, to, Math.min(old, size));
    if (old > size) {
      space.unmap(from + size, from + old);
    }
    if (stays) {
      space.map(area.part(from, from + old, area.rights()));
      space.fill(from, from + old);
    }
    space.fill(to, to + size);
    return to;
  }

  private long madvise(Task task, long[] a) throws IOException {
    long at = untagged(a[0]);
    long size = AddressSpace.up(a[1]);
    if (at % AddressSpace.PAGE != 0 || a[1] < 0 || size < 0 || at + size < at || !isAdvice(a[2])) {
      throw new Errno(Errno.EINVAL);
    }
    if ((int) a[2] == DONTNEED) {
      space.discard(at, at + size);
    }
    if (!space.isMapped(at, at + size)) {
      throw new Errno(Errno.ENOMEM);
    }
    return 0;
  }

  /// What may be advised of private memory (mm/madvise.c, madvise_behavior_valid), most of it without effect.
  private static boolean isAdvice(long number) {
    int advice = (int) number;
    return (advice >= 0 && advice <= DONTNEED) || advice == MADV_FREE
        || (advice >= MADV_DONTFORK && advice <= MADV_PAGEOUT);
  }
}
