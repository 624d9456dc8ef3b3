package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.BootTables;
import dev.crosspatch.core.machine.TablePages;
import dev.crosspatch.core.uop.Uop;
import java.util.Arrays;

/// Page tables of four levels and a GDT, and a core in 64-bit mode at CPL 0 with interrupts off, CS 0x10, SS 0x18, the
/// shared GDT (0x10 code, 0x18 data, 0x28 user data, 0x30 user code), no IDT, no TSS, the local APIC in x2APIC mode and
/// disabled by its spurious-vector register, the argument in RDI, all other registers 0.
final class X86BootTables implements BootTables {
  private static final int PAGE = 4096;
  private static final long LARGE_PAGE = 2L << 20;
  private static final int TOP_LEVEL = 3;

  private static final long TABLE = X86Mmu.PRESENT | X86Mmu.WRITABLE | X86Mmu.USER;
  private static final long READ_ONLY = X86Mmu.PRESENT | X86Mmu.ACCESSED | X86Mmu.GLOBAL;
  private static final long READ_WRITE = READ_ONLY | X86Mmu.WRITABLE | X86Mmu.DIRTY;

  /// PE, MP, ET, NE, WP, AM, PG.
  private static final long CR0 = 0x8005_0033L;
  /// PAE, PGE.
  /// PAE, PGE, OSFXSR, OSXMMEXCPT, OSXSAVE: vector registers may be used, as where firmware hands over (UEFI 2.10,
  /// 2.3.4).
  private static final long CR4 = 0x4_06a0;
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

  private final TablePages pages;
  private final long root;
  /// Physical address of the GDT, 0 while there is none.
  private long gdt;

  X86BootTables(TablePages pages) {
    this.pages = pages;
    root = pages.allocate();
  }

  // ---- page tables

  @Override
  public void map(long va, long pa, long size, Access access) {
    long entry = entry(va, level(size));
    long old = pages.read(entry);
    long now = pa | bits(access) | (size > PAGE ? X86Mmu.LARGE : 0);
    if (old != 0 && old != now) {
      throw new IllegalArgumentException(String.format("two mappings with different access share the page at 0x%x",
          va));
    }
    pages.write(entry, now);
  }

  @Override
  public void user(long va, long pa, int rights) {
    boolean writable = (rights & 1 << Core.WRITE) != 0;
    boolean executable = (rights & 1 << Core.FETCH) != 0;
    long bits = X86Mmu.PRESENT | X86Mmu.USER | X86Mmu.ACCESSED
        | (writable ? X86Mmu.WRITABLE | X86Mmu.DIRTY : 0) | (executable ? 0 : X86Mmu.NO_EXECUTE);
    pages.write(entry(va, 0), rights == 0 ? 0 : pa | bits);
  }

  @Override
  public void pruneUser() {
    pages.prune(root, TablePages.ENTRIES / 2, TOP_LEVEL);
  }

  private static int level(long size) {
    if (size != PAGE && size != LARGE_PAGE) {
      throw new IllegalArgumentException("x86-64 has no boot pages of " + size + " bytes");
    }
    return size == PAGE ? 0 : 1;
  }

  private static long bits(Access access) {
    return switch (access) {
      case TEXT -> READ_ONLY;
      case RODATA -> READ_ONLY | X86Mmu.NO_EXECUTE;
      case DATA, DEVICE -> READ_WRITE | X86Mmu.NO_EXECUTE;
    };
  }

  /// Physical address of the entry that maps `va` at `level`; tables above it are made as needed.
  private long entry(long va, int level) {
    long table = root;
    for (int l = TOP_LEVEL; l > level; l--) {
      long at = table + index(va, l);
      long entry = pages.read(at);
      if (entry == 0) {
        entry = pages.allocate() | TABLE;
        pages.write(at, entry);
      }
      table = entry & -PAGE;
    }
    return table + index(va, level);
  }

  private static long index(long va, int level) {
    return (va >>> (12 + 9 * level) & 511) << 3;
  }

  // ---- registers

  @Override
  public void enter(Core core, long entry, long argument) {
    X86Core c = (X86Core) core;
    for (int i = 0; i <= Uop.ZERO; i++) {
      c.r[i] = 0;
    }
    c.r[X86Core.RDI] = argument;
    c.pc = entry;
    c.cr0 = CR0;
    c.cr3 = root;
    c.cr4 = c.level.cr4(CR4);
    c.xcr0 = X86Vectors.XCR0_ALL;
    c.x87.reset();
    X86Floats.setMxcsr(c, X86Floats.MXCSR_RESET);
    Arrays.fill(c.v, 0);
    c.efer = EFER;
    c.apicBase = APIC_BASE | (c.id == 0 ? 1 << 8 : 0);
    Arrays.fill(c.selector, 0);
    c.selector[X86Core.CS] = CODE_SELECTOR;
    c.selector[X86Core.SS] = DATA_SELECTOR;
    c.gdtBase = pages.virtual(descriptors());
    c.gdtLimit = GDT.length * 8 - 1;
    c.idtLimit = -1;
    c.ldtLimit = -1;
    c.tssLimit = -1;
    c.flags.set(0);
    c.setFlags(0, -1);
    c.privilege = 0;
  }

  /// Physical address of the GDT that all cores share.
  private long descriptors() {
    if (gdt == 0) {
      gdt = pages.allocate();
      for (int i = 0; i < GDT.length; i++) {
        pages.write(gdt + 8L * i, GDT[i]);
      }
    }
    return gdt;
  }
}
