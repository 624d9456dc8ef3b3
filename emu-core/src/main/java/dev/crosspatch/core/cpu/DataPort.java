package dev.crosspatch.core.cpu;

import dev.crosspatch.core.mem.CodeSpace;
import dev.crosspatch.core.mem.DataCache;
import dev.crosspatch.core.mem.HotLines;
import dev.crosspatch.core.mem.MicroOp;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.time.EventCost;
import dev.crosspatch.core.uop.Uop;

/// Loads and stores of one core: the short way through [HotLines], and the long way with translation, caches, devices,
/// exclusive monitors, and stores to lines that hold code.
final class DataPort {
  private static final int OFFSET_MASK = PhysicalMemory.LINE - 1;
  /// Of a store that has no virtual address: no line is fetched from there.
  static final long NO_ADDRESS = 1;
  private static final int WIDTH_8 = 3;

  private final Core core;
  private final Tlb tlb;
  private final Uncore machine;
  private final PhysicalMemory memory;
  /// RAM.
  final byte[] ram;
  private final CodeSpace code;
  final DataCache cache;
  private final HotLines hot;
  private final int atom;
  private final int farTranslation;
  private final int walkLevel;

  /// Virtual address of the store being made, or [#NO_ADDRESS].
  long storeAddress;
  /// It lies within bytes within which a store is fetched whole or not at all ([FetchPolicy.Unit#atom]).
  boolean storeWhole;

  DataPort(Core core, Uncore machine) {
    this.core = core;
    tlb = core.translations.tlb;
    this.machine = machine;
    memory = machine.memory();
    ram = memory.data();
    code = machine.code();
    cache = machine.caches().cache(core.id);
    hot = cache.hot;
    atom = machine.traits().fetch().unit().atom();
    farTranslation = machine.timing().cost(EventCost.L2_TLB_HIT);
    walkLevel = machine.timing().cost(EventCost.WALK_LEVEL);
  }

  /// Where in [#ram] the short way leads from `va`, or -1.
  ///
  /// @param use [HotLines#READ], [HotLines#WRITE] or [HotLines#TOLD_WRITE]
  int near(long va, int width, boolean user, int use) {
    int i = HotLines.index(va);
    long[] table = hot.table;
    return table[i + use] == HotLines.key(va, user) && inLine(va, width)
        ? (int) table[i + HotLines.OFFSET] + ((int) va & OFFSET_MASK) : -1;
  }

  /// Reads at `va`; on a fault [Core#faultCode] is set.
  private long load(long va, int width, boolean user) {
    int near = near(va, width, user, HotLines.READ);
    return near >= 0 ? PhysicalMemory.get(ram, near, width) : slowLoad(va, width, user, Core.READ);
  }

  /// Writes at `va`; false on a fault.
  private boolean store(long va, long value, int width, boolean user) {
    int near = near(va, width, user, HotLines.WRITE);
    int told = near >= 0 ? -1 : near(va, width, user, HotLines.TOLD_WRITE);
    if (near < 0 && told < 0) {
      return slowStore(va, value, width, user);
    }
    PhysicalMemory.put(ram, Math.max(near, told), width, value);
    if (told >= 0) {
      machine.storedToShared(core, memory.address(told));
    }
    return true;
  }

  long load(long va, int width, int flags) {
    if ((flags & Uop.F_ALIGNED) != 0 && misaligned(va, width)) {
      core.alignmentFault(va, (flags & Uop.F_RMW) != 0 ? Core.WRITE : Core.READ);
      return 0;
    }
    boolean user = asUser(flags);
    if ((flags & Uop.F_RMW) == 0) {
      return load(va, width, user);
    }
    int told = (flags & Interpreter.SPECIAL) != 0 ? -1 : near(va, width, user, HotLines.TOLD_WRITE);
    return told >= 0 ? PhysicalMemory.get(ram, told, width) : slowLoad(va, width, user, Core.WRITE);
  }

  /// A load micro-op; false on a fault.
  boolean load(MicroOp op, long va) {
    long value = Alu.extend(load(va, op.width, op.flags), op);
    if (core.faultCode != 0) {
      return false;
    }
    core.r[op.dst] = value;
    return true;
  }

  boolean store(long va, long value, int width, int flags) {
    if ((flags & Uop.F_ALIGNED) != 0 && misaligned(va, width)) {
      core.alignmentFault(va, Core.WRITE);
      return false;
    }
    return store(va, value, width, asUser(flags));
  }

  /// Whether an access with these flags is checked as one of the user's.
  private boolean asUser(int flags) {
    return (flags & Uop.F_SYSTEM) == 0 && (core.user || (flags & Uop.F_USER) != 0);
  }

  private static boolean misaligned(long va, int width) {
    return (va & (1 << width) - 1) != 0;
  }

  private static boolean inLine(long va, int width) {
    return ((int) va & OFFSET_MASK) <= PhysicalMemory.LINE - (1 << width);
  }

  /// Translates through the TLB; -1 on a fault.
  long translate(long va, int access, boolean user) {
    long pa = tlb.lookup(va, Tlb.need(access, user));
    if (pa != -1) {
      if (!core.translations.isNear(va, access)) {
        core.elapse(farTranslation);
      }
      return pa;
    }
    if (!tlb.holds(va)) {
      core.tlbMisses++;
    }
    long walked = core.walk(va, access, user);
    core.translations.isNear(va, access);
    return walked;
  }

  /// Whether the access may be made as far as its address says; else a fault is recorded.
  private boolean allowed(long va, int width, int access, boolean user) {
    return (samePage(va, va + (1 << width) - 1) || core.mayCross(va, width))
        && (!core.watched || core.accessing(va, width, access, user));
  }

  private long slowLoad(long va, int width, boolean user, int access) {
    if (!allowed(va, width, access, user)) {
      return 0;
    }
    long pa = translate(va, access, user);
    if (pa == -1 || (access == Core.WRITE && translate(va, Core.READ, user) == -1)) {
      return 0;
    }
    if (inLine(va, width)) {
      return loadLine(va, pa, width, user, access == Core.WRITE);
    }
    int head = PhysicalMemory.LINE - ((int) va & OFFSET_MASK);
    long pa2 = samePage(va, va + head) ? pa + head : translate(va + head, access, user);
    if (pa2 == -1) {
      return 0;
    }
    if (!memory.contains(pa) || !memory.contains(pa2)) {
      return PhysicalMemory.truncate(machine.readDevice(core, pa, width), width);
    }
    int size = 1 << width;
    return loadPart(pa, head, access) | loadPart(pa2, size - head, access) << (8 * head);
  }

  private long loadLine(long va, long pa, int width, boolean user, boolean write) {
    if (!memory.contains(pa)) {
      return PhysicalMemory.truncate(machine.readDevice(core, pa, width), width);
    }
    int offset = memory.offset(pa);
    core.refill(cache.access(offset >> PhysicalMemory.LINE_SHIFT, write));
    remember(va, user, offset, false);
    return PhysicalMemory.get(ram, offset, width);
  }

  private long loadPart(long pa, int bytes, int access) {
    int offset = memory.offset(pa);
    core.refill(cache.access(offset >> PhysicalMemory.LINE_SHIFT, access == Core.WRITE));
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << 8 | (ram[offset + i] & 0xff);
    }
    return value;
  }

  private boolean slowStore(long va, long value, int width, boolean user) {
    if (!allowed(va, width, Core.WRITE, user)) {
      return false;
    }
    long pa = translate(va, Core.WRITE, user);
    if (pa == -1) {
      return false;
    }
    if (inLine(va, width)) {
      storeLine(va, pa, width, value, user);
      return true;
    }
    int head = PhysicalMemory.LINE - ((int) va & OFFSET_MASK);
    long pa2 = samePage(va, va + head) ? pa + head : translate(va + head, Core.WRITE, user);
    if (pa2 == -1) {
      return false;
    }
    if (!memory.contains(pa) || !memory.contains(pa2)) {
      machine.writeDevice(core, pa, width, PhysicalMemory.truncate(value, width));
      return true;
    }
    storePart(va, pa, head, value);
    storePart(va + head, pa2, (1 << width) - head, value >>> (8 * head));
    return true;
  }

  private void storeLine(long va, long pa, int width, long value, boolean user) {
    if (!memory.contains(pa)) {
      machine.writeDevice(core, pa, width, PhysicalMemory.truncate(value, width));
      return;
    }
    int offset = memory.offset(pa);
    beforeStore(va, offset, 1 << width);
    PhysicalMemory.put(ram, offset, width, value);
    afterStore(offset, 1 << width, value);
    remember(va, user, offset, true);
  }

  private void storePart(long va, long pa, int bytes, long value) {
    int offset = memory.offset(pa);
    beforeStore(va, offset, PhysicalMemory.LINE);
    for (int i = 0; i < bytes; i++) {
      ram[offset + i] = (byte) (value >>> (8 * i));
    }
    afterStore(offset, bytes, value);
  }

  /// @param bytes of the store, at `offset`; [PhysicalMemory#LINE] if it goes on in another line
  private void beforeStore(long va, int offset, int bytes) {
    int line = offset >> PhysicalMemory.LINE_SHIFT;
    core.refill(cache.access(line, true));
    if ((memory.flags(line) & PhysicalMemory.HAS_CODE) != 0) {
      core.meet(Meeting.CODE_STORE);
      storeAddress = va;
      storeWhole = (offset & atom - 1) + bytes <= atom;
      code.current(line);
    }
  }

  private void afterStore(int offset, int bytes, long value) {
    int line = offset >> PhysicalMemory.LINE_SHIFT;
    int flags = memory.flags(line);
    if ((flags & PhysicalMemory.WATCHED) != 0) {
      machine.storedToWatched(core, memory.address(offset), bytes, value);
    }
    if ((flags & PhysicalMemory.SHARED) != 0) {
      machine.storedToShared(core, memory.address(offset));
    }
    if ((flags & PhysicalMemory.MONITORED) != 0) {
      machine.breakMonitors(line, core);
    }
    if ((flags & PhysicalMemory.HAS_CODE) != 0) {
      if (code.stored(line)) {
        machine.superseded(line);
      }
      code.changed(line);
    }
  }

  // ---- the page walker's accesses, by physical address

  /// Reads an aligned entry of 8 bytes; 0 outside RAM.
  ///
  /// @param leads whether it may lead on to another table, which may be known without reading it
  long loadEntry(long pa, boolean leads) {
    if (!memory.contains(pa)) {
      return 0;
    }
    int offset = memory.offset(pa);
    if (!leads || !core.translations.isWalked(pa)) {
      core.refill(cache.access(offset >> PhysicalMemory.LINE_SHIFT, false) + (leads ? walkLevel : 0));
    }
    return PhysicalMemory.get(ram, offset, WIDTH_8);
  }

  /// Sets bits of an aligned entry of 8 bytes in RAM, in one go for all others.
  void markEntry(long pa, long bits) {
    int offset = memory.offset(pa);
    beforeStore(NO_ADDRESS, offset, 1 << WIDTH_8);
    long value = PhysicalMemory.get(ram, offset, WIDTH_8) | bits;
    PhysicalMemory.put(ram, offset, WIDTH_8, value);
    afterStore(offset, 1 << WIDTH_8, value);
  }

  /// Where in [#ram] the bytes at `va` are, if an access of this kind within their line would do nothing but move
  /// bytes, and cost nothing beyond its instruction; else -1. It is what [#near] proves of the lines used last, asked
  /// of all it hangs on, since of two lines that are used in turn one may drive the other out of [HotLines]; such a
  /// line is used, which is what a further access would leave.
  ///
  /// @param access [Core#READ] or [Core#WRITE]
  int settled(long va, boolean user, int access) {
    boolean write = access == Core.WRITE;
    int near = near(va, 0, user, write ? HotLines.WRITE : HotLines.READ);
    if (near >= 0 || core.watched) {
      return near;
    }
    long pa = tlb.lookup(va, Tlb.need(access, user));
    if (pa == -1 || !memory.contains(pa)) {
      return -1;
    }
    int offset = memory.offset(pa);
    int line = offset >> PhysicalMemory.LINE_SHIFT;
    if (write ? memory.flags(line) != 0 || !cache.modified(line) : !cache.holds(line)) {
      return -1;
    }
    core.elapse(cache.access(line, write)); // nothing: it is there
    remember(va, user, offset, write);
    return offset;
  }

  /// Lets the next access take the short way, if it may.
  private void remember(long va, boolean user, int offset, boolean stored) {
    if (core.watched) {
      return;
    }
    int line = offset >> PhysicalMemory.LINE_SHIFT;
    boolean readable = !stored || tlb.lookup(va, Tlb.need(Core.READ, user)) != -1;
    int flags = memory.flags(line);
    boolean writable = (flags & ~PhysicalMemory.SHARED) == 0 && cache.modified(line)
        && tlb.lookup(va, Tlb.need(Core.WRITE, user)) != -1;
    int lineOffset = line << PhysicalMemory.LINE_SHIFT;
    hot.remember(va, user, lineOffset, readable, writable, (flags & PhysicalMemory.SHARED) != 0);
  }

  private static boolean samePage(long a, long b) {
    return (a ^ b) >>> Tlb.PAGE_SHIFT == 0;
  }
}
