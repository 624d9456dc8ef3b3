package dev.crosspatch.isa.arm64;

import static dev.crosspatch.isa.arm64.Arm64SystemRegister.*;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.BootTables;
import dev.crosspatch.core.machine.TablePages;
import dev.crosspatch.core.machine.UserMode;
import java.util.Arrays;

/// Translation tables with 4 KiB granules for the upper half, an empty one in TTBR0 for the lower, and a core at EL1h
/// with all of DAIF masked, translation and caches on, the argument in X0, all other registers 0.
final class Arm64BootTables implements BootTables {
  private static final int PAGE = 4096;
  private static final int LAST_LEVEL = 3;

  // ---- attributes of leaf descriptors (D8.3). MAIR index 0 is normal memory, 1 a device
  private static final long INNER_SHAREABLE = 3 << 8;
  private static final long NORMAL = Arm64Mmu.VALID | Arm64Mmu.ACCESS_FLAG | INNER_SHAREABLE;
  private static final long DEVICE = Arm64Mmu.VALID | Arm64Mmu.ACCESS_FLAG | 1 << 2;
  private static final long NO_EXECUTE = Arm64Mmu.PXN | Arm64Mmu.UXN;
  private static final long MAIR = 0x04ff;
  /// 48-bit addresses below and above, 4 KiB granules, inner-shareable write-back walks, 40-bit output.
  private static final long TCR = 16 | 16 << 16 | 0x3500L | 0x3500L << 16 | 2L << 30 | 2L << 32;

  private final TablePages pages;
  private final long kernelTable;
  private final long userTable;

  Arm64BootTables(TablePages pages) {
    this.pages = pages;
    kernelTable = pages.allocate();
    userTable = pages.allocate();
  }

  // ---- page tables

  @Override
  public void map(long va, long pa, long size, Access access) {
    int level = level(size);
    long table = kernelTable;
    for (int at = 0; at < level; at++) {
      table = next(table + index(va, at));
    }
    long entry = table + index(va, level);
    long old = pages.read(entry);
    long now = pa | bits(access) | (level == 3 ? Arm64Mmu.TABLE : 0);
    if (old != 0 && old != now) {
      throw new IllegalArgumentException(String.format("two mappings with different access share the page at 0x%x",
          va));
    }
    pages.write(entry, now);
  }

  @Override
  public void user(long va, long pa, int rights) {
    long table = userTable;
    for (int at = 0; at < LAST_LEVEL; at++) {
      table = next(table + index(va, at));
    }
    long bits = NORMAL | Arm64Mmu.TABLE | Arm64Mmu.AP_USER | Arm64Mmu.NOT_GLOBAL | Arm64Mmu.PXN
        | ((rights & 1 << Core.WRITE) != 0 ? 0 : Arm64Mmu.AP_READ_ONLY)
        | ((rights & 1 << Core.FETCH) != 0 ? 0 : Arm64Mmu.UXN)
        | ((rights & UserMode.GUARDED) != 0 ? Arm64Mmu.GUARDED : 0);
    pages.write(table + index(va, LAST_LEVEL), (rights & ~UserMode.GUARDED) == 0 ? 0 : pa | bits);
  }

  @Override
  public void pruneUser() {
    pages.prune(userTable, TablePages.ENTRIES, LAST_LEVEL);
  }

  /// Level at which a leaf has this size: 1 GiB, 2 MiB, 4 KiB.
  private static int level(long size) {
    for (int level = 1; level <= 3; level++) {
      if (size == 1L << (39 - 9 * level)) {
        return level;
      }
    }
    throw new IllegalArgumentException("AArch64 has no leaf of " + size + " bytes");
  }

  private static long bits(Access access) {
    return switch (access) {
      case TEXT -> NORMAL | Arm64Mmu.AP_READ_ONLY | Arm64Mmu.UXN;
      case RODATA -> NORMAL | Arm64Mmu.AP_READ_ONLY | NO_EXECUTE;
      case DATA -> NORMAL | NO_EXECUTE;
      case DEVICE -> DEVICE | NO_EXECUTE;
    };
  }

  private static long index(long va, int level) {
    return (va >>> (39 - 9 * level) & 511) * 8;
  }

  private long next(long entry) {
    long descriptor = pages.read(entry);
    if (descriptor == 0) {
      descriptor = pages.allocate() | Arm64Mmu.VALID | Arm64Mmu.TABLE;
      pages.write(entry, descriptor);
    }
    return descriptor & -PAGE;
  }

  // ---- registers

  @Override
  public void enter(Core core, long entry, long argument) {
    Arm64Core c = (Arm64Core) core;
    Arrays.fill(c.r, 0);
    c.r[0] = argument;
    c.pc = entry;
    c.system.set(MAIR_EL1, MAIR);
    c.system.set(TCR_EL1, TCR);
    c.system.set(TTBR0_EL1, userTable);
    c.system.set(TTBR1_EL1, kernelTable);
    long cached = 1 << 2 | 1 << 12; // C and I: data and instruction caches
    c.system.set(SCTLR_EL1, Arm64SystemRegisters.SCTLR_RESET | Arm64SystemRegisters.SCTLR_M | cached);
    c.translations.flush(false);
    c.synchronizeContext();
  }
}
