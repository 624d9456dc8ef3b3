package dev.crosspatch.isa.x86;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.uop.Uop;
import java.util.Arrays;

/// What a boot loader leaves behind. A kernel image linked at `v` lies in RAM at `v - 0xffffffff80000000`, as Linux's
/// does, so its writable alias is at `v - 0xffffffff80000000 + directMap`.
///
/// | virtual | physical | access |
/// |---|---|---|
/// | 0xffffffff81000000... | 0x1000000... | text RX, rodata R NX, data RW NX; 4 KiB pages, global |
/// | 0xffff888000000000... | all RAM | RW NX, 2 MiB pages, global |
/// | 0xffffc90000000000... | RAM rounded up to 1 GiB ... 4 GiB | RW NX, 2 MiB pages, global |
///
/// Page tables and a GDT lie in RAM from 4 KiB on, the root first; the rest below 2 MiB is free, the first page is
/// unused. Every core starts in 64-bit mode at CPL 0 with interrupts off, CS 0x10, SS 0x18, the shared GDT (0x10 code,
/// 0x18 data, 0x28 user data, 0x30 user code), no IDT, no TSS, the local APIC in x2APIC mode and disabled by its
/// spurious-vector register, RDI its number, all other registers 0.
final class X86Boot {
  static final long KERNEL_BASE = 0xffff_ffff_8100_0000L;
  static final long DIRECT_MAP = 0xffff_8880_0000_0000L;
  static final long DEVICE_MAP = 0xffff_c900_0000_0000L;
  static final long LINK_OFFSET = 0xffff_ffff_8000_0000L;

  private static final int PAGE = 4096;
  private static final long LARGE_PAGE = 2L << 20;
  private static final long GIB = 1L << 30;
  private static final long DEVICES_END = 4 * GIB;
  private static final long LOW_MEMORY_END = LARGE_PAGE;

  private static final long TABLE = X86Mmu.PRESENT | X86Mmu.WRITABLE | X86Mmu.USER;
  private static final long READ_ONLY = X86Mmu.PRESENT | X86Mmu.ACCESSED | X86Mmu.GLOBAL;
  private static final long READ_WRITE = READ_ONLY | X86Mmu.WRITABLE | X86Mmu.DIRTY;

  /// PE, MP, ET, NE, WP, AM, PG.
  private static final long CR0 = 0x8005_0033L;
  /// PAE, PGE.
  private static final long CR4 = 0xa0;
  /// LME, LMA, NXE.
  private static final long EFER = 0xd00;
  /// Base 0xfee00000, enabled, x2APIC; bit 8 marks the boot processor.
  private static final long APIC_BASE = 0xfee0_0c00L;

  private static final int CODE_SELECTOR = 0x10;
  private static final int DATA_SELECTOR = 0x18;
  /// null, unused, kernel code, kernel data, unused, user data, user code (SDM vol. 3 5.2.1: L, type, DPL, present).
  private static final long[] GDT = {
    0, 0, 0x00af_9b00_0000_ffffL, 0x00cf_9300_0000_ffffL, 0, 0x00cf_f300_0000_ffffL, 0x00af_fb00_0000_ffffL
  };

  private final Machine machine;
  private final Image image;
  private long nextPage = PAGE;
  private long root;

  X86Boot(Machine machine, Image image) {
    this.machine = machine;
    this.image = image;
  }

  /// Fills RAM and sets every core.
  void boot() {
    root = page();
    for (Section section : image.sections()) {
      place(section);
    }
    long ram = machine.config().ramBytes();
    for (long pa = 0; pa < ram; pa += LARGE_PAGE) {
      map(DIRECT_MAP + pa, pa, READ_WRITE | X86Mmu.NO_EXECUTE, 1);
    }
    for (long pa = (ram + GIB - 1) / GIB * GIB; pa < DEVICES_END; pa += LARGE_PAGE) {
      map(DEVICE_MAP + pa, pa, READ_WRITE | X86Mmu.NO_EXECUTE, 1);
    }
    long gdt = page();
    for (int i = 0; i < GDT.length; i++) {
      machine.writePhysical(gdt + 8L * i, GDT[i]);
    }
    for (int i = 0; i < machine.cpus(); i++) {
      start((X86Core) machine.core(i), image.address(i == 0 ? "start" : "secondary_start"), DIRECT_MAP + gdt);
    }
  }

  /// A zeroed page for a table.
  private long page() {
    if (nextPage >= LOW_MEMORY_END) {
      throw new IllegalArgumentException("the image needs more boot page tables than fit below 2 MiB");
    }
    long pa = nextPage;
    nextPage += PAGE;
    machine.load(pa, new byte[PAGE]);
    return pa;
  }

  private void place(Section section) {
    long pa = section.address() - LINK_OFFSET;
    long ram = machine.config().ramBytes();
    if (pa < LOW_MEMORY_END || pa + section.bytes().length > ram) {
      throw new IllegalArgumentException(String.format(
          "section %s at 0x%x..0x%x does not fit: RAM of %d MiB is linked at 0x%x..0x%x", section.name(),
          section.address(), section.end(),
          ram >> 20, LINK_OFFSET + LOW_MEMORY_END, LINK_OFFSET + ram));
    }
    machine.load(pa, section.bytes());
    long access = switch (section.access()) {
      case TEXT -> READ_ONLY;
      case RODATA -> READ_ONLY | X86Mmu.NO_EXECUTE;
      case DATA -> READ_WRITE | X86Mmu.NO_EXECUTE;
    };
    for (long at = section.address() & -PAGE; at < section.end(); at += PAGE) {
      mapOnce(section, at, access);
    }
  }

  private void mapOnce(Section section, long va, long access) {
    long old = machine.readPhysical(entry(va, 0));
    long wanted = va - LINK_OFFSET | access;
    if (old != 0 && old != wanted) {
      throw new IllegalArgumentException(
          String.format("section %s shares the page at 0x%x with a section of other access", section.name(), va));
    }
    map(va, va - LINK_OFFSET, access, 0);
  }

  private void map(long va, long pa, long access, int level) {
    machine.writePhysical(entry(va, level), pa | access | (level > 0 ? X86Mmu.LARGE : 0));
  }

  /// Physical address of the entry that maps `va` at `level`; tables above it are made as needed.
  private long entry(long va, int level) {
    long table = root;
    for (int l = 3; l > level; l--) {
      long at = table + index(va, l);
      long entry = machine.readPhysical(at);
      if (entry == 0) {
        entry = page() | TABLE;
        machine.writePhysical(at, entry);
      }
      table = entry & -PAGE;
    }
    return table + index(va, level);
  }

  private static long index(long va, int level) {
    return (va >>> (12 + 9 * level) & 511) << 3;
  }

  private void start(X86Core c, long entry, long gdt) {
    for (int i = 0; i <= Uop.ZERO; i++) {
      c.r[i] = 0;
    }
    c.r[X86Core.RDI] = c.id;
    c.pc = entry;
    c.cr0 = CR0;
    c.cr3 = root;
    c.cr4 = CR4;
    c.efer = EFER;
    c.apicBase = APIC_BASE | (c.id == 0 ? 1 << 8 : 0);
    Arrays.fill(c.selector, 0);
    c.selector[X86Core.CS] = CODE_SELECTOR;
    c.selector[X86Core.SS] = DATA_SELECTOR;
    c.gdtBase = gdt;
    c.gdtLimit = GDT.length * 8 - 1;
    c.idtLimit = -1;
    c.ldtLimit = -1;
    c.tssLimit = -1;
    c.flags.set(0);
    c.setFlags(0, -1);
    c.privilege = 0;
  }
}
