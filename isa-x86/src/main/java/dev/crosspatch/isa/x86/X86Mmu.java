package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.cpu.Translations;
import dev.crosspatch.core.time.EventCost;
import dev.crosspatch.core.uop.Uop;

/// Four-level paging (SDM vol. 3 4.5, 4.6): 4 KiB, 2 MiB and 1 GiB pages, NX, WP, SMEP, SMAP, accessed and dirty bits,
/// global pages, process-context identifiers.
final class X86Mmu {
  private X86Mmu() {}

  /// MAXPHYADDR, as CPUID reports it.
  static final int PHYSICAL_BITS = 46;

  // ---- page-table entry bits (SDM vol. 3 table 4-15 ff.)
  static final long PRESENT = 1;
  static final long WRITABLE = 1 << 1;
  static final long USER = 1 << 2;
  static final long ACCESSED = 1 << 5;
  static final long DIRTY = 1 << 6;
  static final long LARGE = 1 << 7;
  static final long GLOBAL = 1 << 8;
  static final long NO_EXECUTE = 1L << 63;
  private static final long ADDRESS = (1L << PHYSICAL_BITS) - 1 & ~0xfffL;
  private static final long RESERVED = (1L << 52) - 1 & -(1L << PHYSICAL_BITS);

  // ---- page-fault error code (SDM vol. 3 4.7)
  private static final int ERROR_PRESENT = 1;
  private static final int ERROR_WRITE = 2;
  private static final int ERROR_USER = 4;
  private static final int ERROR_RESERVED = 8;
  private static final int ERROR_FETCH = 16;

  /// Process-context identifier in CR3 (SDM vol. 3 4.10.1).
  static final long PCID = 0xfff;

  /// PAT bit of a large page; it is in the address field.
  private static final long LARGE_PAT = 1 << 12;

  /// The address space that CR3 names: its PCID, or 0 without CR4.PCIDE.
  static int space(X86Core c) {
    return (c.cr4 & X86Core.CR4_PCIDE) != 0 ? (int) (c.cr3 & PCID) : 0;
  }

  /// [Core#walk].
  static long walk(X86Core c, long va, int access, boolean user) {
    if (!Uop.isCanonical(va)) {
      c.fault(X86Exceptions.NOT_CANONICAL, va);
      return -1;
    }
    c.spend(EventCost.TLB_MISS);
    long table = c.cr3 & ADDRESS;
    long rights = WRITABLE | USER;
    for (int level = 3; ; level--) {
      long at = table + ((va >>> (12 + 9 * level) & 511) << 3);
      long entry = c.readTable(at, level > 0);
      if ((entry & PRESENT) == 0) {
        return pageFault(c, va, access, user, 0);
      }
      boolean large = level > 0 && (entry & LARGE) != 0;
      if (reserved(c, entry, level, large)) {
        return pageFault(c, va, access, user, ERROR_PRESENT | ERROR_RESERVED);
      }
      rights = (rights & (entry | NO_EXECUTE)) | (entry & NO_EXECUTE);
      if (level == 0 || large) {
        return leaf(c, va, access, user, at, entry, level, rights);
      }
      mark(c, at, entry, ACCESSED);
      table = entry & ADDRESS;
    }
  }

  private static boolean reserved(X86Core c, long entry, int level, boolean large) {
    boolean low = large && (level == 3 || (entry & ADDRESS & ~LARGE_PAT & (1L << (12 + 9 * level)) - 1) != 0);
    return low || (entry & RESERVED) != 0 || ((entry & NO_EXECUTE) != 0 && (c.efer & X86Core.EFER_NXE) == 0);
  }

  /// Sets accessed and dirty bits (SDM vol. 3 4.8).
  private static void mark(X86Core c, long at, long entry, long bits) {
    if ((entry & bits) != bits) {
      c.markTable(at, bits);
    }
  }

  private static long leaf(X86Core c, long va, int access, boolean user, long at, long entry, int level, long rights) {
    int allowed = permission(c, rights);
    if ((allowed >> (access + (user ? 3 : 0)) & 1) == 0) {
      return pageFault(c, va, access, user, ERROR_PRESENT);
    }
    boolean dirty = access == Core.WRITE || (entry & DIRTY) != 0;
    mark(c, at, entry, dirty ? ACCESSED | DIRTY : ACCESSED);
    if (!dirty) {
      allowed &= ~(1 << Core.WRITE | 1 << (Core.WRITE + 3));
    }
    int shift = 12 + 9 * level;
    long inPage = (1L << shift) - 1;
    long pa = (entry & ADDRESS & ~inPage) | (va & inPage);
    c.translations.map(va & -4096, pa & -4096, allowed, (entry & GLOBAL) != 0 && (c.cr4 & X86Core.CR4_PGE) != 0, shift);
    return pa;
  }

  /// What a translation allows, as [Translations#map] wants it (SDM vol. 3 4.6.1).
  private static int permission(X86Core c, long rights) {
    boolean userPage = (rights & USER) != 0;
    boolean writable = (rights & WRITABLE) != 0;
    boolean executable = (rights & NO_EXECUTE) == 0;
    boolean smap = userPage && (c.cr4 & X86Core.CR4_SMAP) != 0 && (c.systemFlags & X86Core.AC) == 0;
    boolean smep = userPage && (c.cr4 & X86Core.CR4_SMEP) != 0;
    int system = (smap ? 0 : 1 << Core.READ)
        | (!smap && (writable || (c.cr0 & X86Core.CR0_WP) == 0) ? 1 << Core.WRITE : 0)
        | (executable && !smep ? 1 << Core.FETCH : 0);
    int user = !userPage ? 0 : 1 << Core.READ | (writable ? 1 << Core.WRITE : 0) | (executable ? 1 << Core.FETCH : 0);
    return system | user << 3;
  }

  private static long pageFault(X86Core c, long va, int access, boolean user, int error) {
    boolean tellsFetch = (c.efer & X86Core.EFER_NXE) != 0 || (c.cr4 & X86Core.CR4_SMEP) != 0;
    int code = error | (access == Core.WRITE ? ERROR_WRITE : 0) | (user ? ERROR_USER : 0)
        | (access == Core.FETCH && tellsFetch ? ERROR_FETCH : 0);
    c.fault(X86Exceptions.withError(X86Exceptions.PF, code), va);
    return -1;
  }

  // ---- instructions

  /// Forgets the page of an address, whatever its size, in the current address space and where it is global (SDM vol. 3
  /// 4.10.4.1).
  static int invlpg(X86Core c, long w, long imm) {
    c.translations.flushRange(c.r[Uop.a(w)], c.r[Uop.a(w)], space(c));
    return X86Helpers.serialize(c);
  }

  // INVPCID's types (SDM vol. 2A INVPCID)
  private static final int ONE_ADDRESS = 0;
  private static final int ONE_SPACE = 1;
  private static final int ALL = 2;
  private static final int ALL_BUT_GLOBAL = 3;

  /// Forgets translations as the descriptor in memory has it: PCID 11:0, a linear address in its upper half (SDM vol.
  /// 2A INVPCID). That of one address goes where it is global, too, as the manual allows. Not in the list of
  /// serializing instructions (SDM vol. 3 9.3), so code fetched ahead stays.
  static int invpcid(X86Core c, long w, long imm) {
    long type = c.r[Uop.b(w)];
    long va = c.r[Uop.a(w)];
    long pcid = c.canonicalTo(va, 16) ? c.load(va, 3, 0) : 0;
    long address = c.faultCode != 0 ? 0 : c.load(va + 8, 3, 0);
    if (c.faultCode != 0) {
      return Outcome.FAULT;
    }
    boolean spaces = (c.cr4 & X86Core.CR4_PCIDE) != 0;
    if (Long.compareUnsigned(type, ALL_BUT_GLOBAL) > 0 || (pcid & ~PCID) != 0
        || (type <= ONE_SPACE && pcid != 0 && !spaces) || (type == ONE_ADDRESS && !Uop.isCanonical(address))) {
      return c.generalProtection();
    }
    switch ((int) type) {
      case ONE_ADDRESS -> c.translations.flushRange(address, address, (int) pcid);
      case ONE_SPACE -> c.translations.flushSpace((int) pcid);
      default -> c.translations.flush(type != ALL);
    }
    return Outcome.OK;
  }
}
