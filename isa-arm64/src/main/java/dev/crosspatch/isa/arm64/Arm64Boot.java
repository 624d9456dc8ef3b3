package dev.crosspatch.isa.arm64;

import static dev.crosspatch.isa.arm64.Arm64SystemRegister.*;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.machine.Machine;
import java.util.Arrays;
import java.util.Locale;

/// What a boot loader does before the guest's first instruction: image, page tables, registers.
///
/// ```
/// physical                   virtual
/// 0            devices       DEVICE_MAP + pa  read-write, never executed; 4 GiB less the GiB that hold RAM
/// RAM_BASE     image         KERNEL_BASE..    sections by their access; pa = RAM_BASE + (va - KERNEL_BASE)
/// RAM_BASE     all RAM       DIRECT_MAP + pa  read-write, never executed
/// end of RAM   page tables   the direct map   taken from the top downwards
/// ```
///
/// TTBR0 points to an empty table. Every core starts at EL1h with all of DAIF masked, translation on, X0 = its number.
final class Arm64Boot {
  static final long RAM_BASE = 0x4000_0000L;
  static final long DIRECT_MAP = 0xffff_0000_0000_0000L;
  static final long KERNEL_BASE = 0xffff_8000_1000_0000L;
  static final long DEVICE_MAP = 0xffff_c000_0000_0000L;

  private static final int PAGE = 4096;
  private static final long BLOCK_2M = 2 << 20;
  private static final long BLOCK_1G = 1 << 30;
  private static final long DEVICES_END = 4 * BLOCK_1G;

  // ---- attributes of leaf descriptors (D8.3). MAIR index 0 is normal memory, 1 a device
  private static final long INNER_SHAREABLE = 3 << 8;
  private static final long NORMAL = Arm64Mmu.VALID | Arm64Mmu.ACCESS_FLAG | INNER_SHAREABLE;
  private static final long DEVICE = Arm64Mmu.VALID | Arm64Mmu.ACCESS_FLAG | 1 << 2;
  private static final long NO_EXECUTE = Arm64Mmu.PXN | Arm64Mmu.UXN;
  private static final long MAIR = 0x04ff;
  /// 48-bit addresses below and above, 4 KiB granules, inner-shareable write-back walks, 40-bit output.
  private static final long TCR = 16 | 16 << 16 | 0x3500L | 0x3500L << 16 | 2L << 30 | 2L << 32;

  private final Machine machine;
  private final Image image;
  private final long ramEnd;
  /// First byte of the page tables, which grow downwards.
  private long tables;

  private final long kernelTable;
  private final long userTable;

  private Arm64Boot(Machine machine, Image image) {
    this.machine = machine;
    this.image = image;
    ramEnd = RAM_BASE + machine.config().ramBytes();
    tables = ramEnd;
    kernelTable = newTable();
    userTable = newTable();
  }

  /// See [dev.crosspatch.core.machine.Isa#boot].
  static void boot(Machine machine, Image image) {
    long start = image.address("start");
    long secondary = machine.cpus() > 1 ? image.address("secondary_start") : start;
    Arm64Boot boot = new Arm64Boot(machine, image);
    boot.mapDirect();
    boot.mapDevices();
    boot.mapSections();
    boot.checkFits();
    for (int i = 0; i < machine.cpus(); i++) {
      boot.startCore((Arm64Core) machine.core(i), i == 0 ? start : secondary);
    }
  }

  // ---- page tables

  private long newTable() {
    tables -= PAGE;
    machine.load(tables, new byte[PAGE]);
    return tables;
  }

  /// Enters a leaf for `va` at `level` (1: 1 GiB, 2: 2 MiB, 3: 4 KiB) with the attributes in `flags`.
  private void map(long va, long pa, int level, long flags) {
    long table = kernelTable;
    for (int at = 0; at < level; at++) {
      table = next(table + index(va, at));
    }
    long page = level == 3 ? Arm64Mmu.TABLE : 0;
    long entry = table + index(va, level);
    long old = machine.readPhysical(entry);
    long now = pa | flags | page;
    if (old != 0 && old != now) {
      throw new IllegalArgumentException(String.format("two sections with different access share the page at 0x%x",
          va));
    }
    machine.writePhysical(entry, now);
  }

  private static long index(long va, int level) {
    return (va >>> (39 - 9 * level) & 511) * 8;
  }

  private long next(long entry) {
    long descriptor = machine.readPhysical(entry);
    if (descriptor == 0) {
      descriptor = newTable() | Arm64Mmu.VALID | Arm64Mmu.TABLE;
      machine.writePhysical(entry, descriptor);
    }
    return descriptor & -PAGE;
  }

  private void mapDirect() {
    for (long pa = RAM_BASE; pa < ramEnd; pa += BLOCK_2M) {
      map(DIRECT_MAP + pa, pa, 2, NORMAL | NO_EXECUTE);
    }
  }

  private void mapDevices() {
    for (long pa = 0; pa < DEVICES_END; pa += BLOCK_1G) {
      if (pa + BLOCK_1G <= RAM_BASE || pa >= ramEnd) {
        map(DEVICE_MAP + pa, pa, 1, DEVICE | NO_EXECUTE);
      }
    }
  }

  private void mapSections() {
    for (Section section : image.sections()) {
      long first = section.address() & -PAGE;
      for (long va = first; va < section.end(); va += PAGE) {
        map(va, physical(section, va), 3, attributes(section.access()));
      }
      machine.load(physical(section, section.address()), section.bytes());
    }
  }

  private static long attributes(Section.Access access) {
    return switch (access) {
      case TEXT -> NORMAL | Arm64Mmu.AP_READ_ONLY | Arm64Mmu.UXN;
      case RODATA -> NORMAL | Arm64Mmu.AP_READ_ONLY | NO_EXECUTE;
      case DATA -> NORMAL | NO_EXECUTE;
    };
  }

  private long physical(Section section, long va) {
    long offset = va - KERNEL_BASE;
    if (offset < 0 || offset >= ramEnd - RAM_BASE) {
      throw new IllegalArgumentException(String.format(Locale.ROOT,
          "section %s at 0x%x does not fit: RAM of %d bytes is linked from 0x%x",
          section.name(), section.address(), ramEnd - RAM_BASE, KERNEL_BASE));
    }
    return RAM_BASE + offset;
  }

  /// Tables and image must not meet.
  private void checkFits() {
    for (Section section : image.sections()) {
      if (section.bytes().length > 0 && physical(section, section.end() - 1) >= tables) {
        throw new IllegalArgumentException(String.format(Locale.ROOT,
            "section %s ends at 0x%x, in the page tables: RAM of %d bytes is too small",
            section.name(), section.end(), ramEnd - RAM_BASE));
      }
    }
  }

  // ---- registers

  private void startCore(Arm64Core core, long entry) {
    Arrays.fill(core.r, 0);
    core.r[0] = core.id;
    core.pc = entry;
    core.system.set(MAIR_EL1, MAIR);
    core.system.set(TCR_EL1, TCR);
    core.system.set(TTBR0_EL1, userTable);
    core.system.set(TTBR1_EL1, kernelTable);
    long cached = 1 << 2 | 1 << 12; // C and I: data and instruction caches
    core.system.set(SCTLR_EL1, Arm64SystemRegisters.SCTLR_RESET | Arm64SystemRegisters.SCTLR_M | cached);
    core.flushTlb(false);
    core.synchronizeContext();
  }
}
