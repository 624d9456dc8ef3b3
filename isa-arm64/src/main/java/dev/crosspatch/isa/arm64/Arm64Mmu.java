package dev.crosspatch.isa.arm64;

import static dev.crosspatch.isa.arm64.Arm64SystemRegister.*;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Translations;
import dev.crosspatch.core.time.EventCost;

/// Stage 1 translation of the EL1&0 regime: 4 KiB granule, up to 48 bits of virtual and, by the preset, of physical
/// address. Source: DDI0487 D8.2 (walk), D8.3 (descriptors), D8.4 (permissions), AArch64.AddrTop.
///
/// Memory types are not modelled: what is RAM is cacheable, what is not is a device.
final class Arm64Mmu {
  // ---- TCR_EL1
  private static final int T0SZ_SHIFT = 0;
  private static final int T1SZ_SHIFT = 16;
  private static final int EPD0 = 7;
  private static final int A1 = 22;
  private static final int EPD1 = 23;
  private static final int AS = 36;
  private static final int TBI0 = 37;
  static final long TCR_TBI0 = 1L << TBI0;
  private static final int TBI1 = 38;
  private static final int IPS_SHIFT = 32;
  private static final int TBID0 = 51;
  private static final int TBID1 = 52;
  private static final int HPD0 = 41;
  private static final int HPD1 = 42;

  // ---- descriptors
  static final long VALID = 1;
  /// At levels 0 to 2: a table; at level 3: a page.
  static final long TABLE = 2;
  static final long AP_USER = 1 << 6;
  static final long AP_READ_ONLY = 1 << 7;
  static final long ACCESS_FLAG = 1 << 10;
  static final long NOT_GLOBAL = 1 << 11;
  /// GP: a guarded page ([Arm64BranchTarget]).
  static final long GUARDED = 1L << 50;
  private static final long CONTIGUOUS = 1L << 52;
  static final long PXN = 1L << 53;
  static final long UXN = 1L << 54;
  private static final long PXN_TABLE = 1L << 59;
  private static final long UXN_TABLE = 1L << 60;
  private static final long AP_TABLE_NO_USER = 1L << 61;
  private static final long AP_TABLE_READ_ONLY = 1L << 62;
  private static final long ADDRESS = 0x0000_ffff_ffff_f000L;

  /// T0SZ and T1SZ.
  private static final int LEAST_UNUSED = 16;
  private static final int MOST_UNUSED = 39;
  private static final int PAGE_SHIFT = 12;
  private static final int INDEX_BITS = 9;
  /// With 4 KiB granules sixteen descriptors form a contiguous run, at any level.
  private static final int CONTIGUOUS_SHIFT = 4;
  private static final int LAST_LEVEL = 3;
  private static final int ASID_SHIFT = 48;
  /// Output bits by TCR_EL1.IPS; reserved values are as the largest.
  private static final int[] OUTPUT_BITS = {32, 36, 40, 42, 44, 48, 48, 48};
  private static final int OUTER_SHAREABLE = 2;
  private static final int NON_CACHEABLE = 0x44;
  private static final int ALL_ACCESS = 0b111;
  private static final int USER_SHIFT = 3;

  private final Arm64Core core;

  // ---- the walk in progress
  private long va;
  private int access;
  private int level;
  /// Restrictions gathered from table descriptors, in the positions of leaf descriptors.
  private long inherited;
  /// Table descriptors restrict what is below them.
  private boolean hierarchical;
  /// Bits of an address that the walk may put out.
  private int outputBits;
  /// Leaf that the last walk found, or 0.
  private long found;

  Arm64Mmu(Arm64Core core) {
    this.core = core;
  }

  /// SCTLR_EL1 or TCR_EL1 were written.
  void configured() {
    core.translations.flush(false);
    tableWritten();
  }

  /// TTBR0_EL1 or TTBR1_EL1 were written: with the address space comes what the TLB still holds of it.
  void tableWritten() {
    boolean high = (core.system.get(TCR_EL1) >>> A1 & 1) != 0;
    core.translations.enter(space(core.system.get(high ? TTBR1_EL1 : TTBR0_EL1)));
  }

  /// The ASID in bits 63:48 of a TTBR or of the operand of a TLBI: 8 or 16 bits, by TCR_EL1.AS.
  int space(long value) {
    int asid = (int) (value >>> ASID_SHIFT);
    return (core.system.get(TCR_EL1) >>> AS & 1) != 0 ? asid : asid & 0xff;
  }

  /// See [Core#walk]. Under UAO, accesses with user privilege made at EL1 are checked as privileged ones.
  long walk(long address, int kind, boolean user) {
    return walk(address, kind, user && !(core.uao && core.privilege == 1), core.pan);
  }

  /// As above for an access that heeds PSTATE.PAN only if `heedsPan`: address translation and cache maintenance do not
  /// (D8.4.3).
  ///
  /// @param user checked as an access of EL0
  long walk(long address, int kind, boolean user, boolean heedsPan) {
    core.spend(EventCost.TLB_MISS);
    va = address;
    access = kind;
    level = 0;
    inherited = 0;
    if ((core.system.get(SCTLR_EL1) & Arm64SystemRegisters.SCTLR_M) == 0) {
      found = 0;
      return flat();
    }
    found = leaf();
    return found == 0 ? -1 : finish(found, user, heedsPan && core.pan);
  }

  /// Translation is off: addresses are physical, but for a tag.
  private long flat() {
    long pa = ignoresTop(va) ? va << 8 >>> 8 : va;
    if (pa >>> core.preset.physicalBits() != 0) {
      return fault(Arm64Syndrome.ADDRESS_SIZE);
    }
    core.translations.map(va, pa & ADDRESS, ALL_ACCESS | ALL_ACCESS << USER_SHIFT, true, PAGE_SHIFT);
    return pa;
  }

  /// Whether the half of the address space that `address` is in ignores bits 63:56 (TCR_EL1.TBI0 or TBI1,
  /// EffectiveTBI).
  private boolean ignoresTop(long address) {
    return (core.system.get(TCR_EL1) >>> ((address >>> 55 & 1) != 0 ? TBI1 : TBI0) & 1) != 0;
  }

  /// The same for an address of text: TBID0 and TBID1 make the top count there.
  ///
  /// @param text whether `address` is one of text
  boolean ignoresTop(long address, boolean text) {
    int counts = (address >>> 55 & 1) != 0 ? TBID1 : TBID0;
    return ignoresTop(address) && !(text && (core.system.get(TCR_EL1) >>> counts & 1) != 0);
  }

  /// Bits of a virtual address in one half of the address space, as the size of its tables has it (D8.10,
  /// CalculateBottomPACBit).
  int addressBits(boolean high) {
    int unused = (int) (core.system.get(TCR_EL1) >>> (high ? T1SZ_SHIFT : T0SZ_SHIFT)) & 63;
    return 64 - Math.clamp(unused, LEAST_UNUSED, MOST_UNUSED);
  }

  /// What a branch to `target` puts into the PC: no tag ever (AArch64.BranchAddr).
  long branchAddress(long target) {
    return ignoresTop(target, true) ? target << 8 >> 8 : target;
  }

  /// MAIR_EL1's attribute of what the last walk found, and its shareability as PAR_EL1 has it: memory that is not
  /// cacheable and devices are outer shareable; with translation off everything is a device (D8.6).
  ///
  /// @return attribute 15:8, shareability 1:0
  int attributes() {
    if (found == 0) {
      return OUTER_SHAREABLE;
    }
    int attribute = (int) (core.system.get(MAIR_EL1) >>> (8 * (int) (found >>> 2 & 7))) & 0xff;
    boolean cacheable = (attribute & 0xf0) != 0 && attribute != NON_CACHEABLE;
    return attribute << 8 | (cacheable ? (int) (found >>> 8) & 3 : OUTER_SHAREABLE);
  }

  /// The block or page descriptor of [#va], or 0 after a fault.
  private long leaf() {
    long tcr = core.system.get(TCR_EL1);
    boolean high = (va >>> 55 & 1) != 0;
    int unused = (int) (tcr >>> (high ? T1SZ_SHIFT : T0SZ_SHIFT)) & 63;
    boolean disabled = (tcr >>> (high ? EPD1 : EPD0) & 1) != 0;
    if (disabled || !inRange(unused, ignoresTop(va), high)) {
      return refuse(Arm64Syndrome.TRANSLATION);
    }
    int bits = 64 - unused;
    hierarchical = (tcr >>> (high ? HPD1 : HPD0) & 1) == 0 || !core.preset.has(Arm64Feature.HPDS);
    outputBits = Math.min(core.preset.physicalBits(), OUTPUT_BITS[(int) (tcr >>> IPS_SHIFT) & 7]);
    long table = core.system.get(high ? TTBR1_EL1 : TTBR0_EL1) & ADDRESS;
    if (table >>> outputBits != 0) {
      return refuse(Arm64Syndrome.ADDRESS_SIZE);
    }
    long offset = va & -1L >>> unused;
    level = LAST_LEVEL + 1 - (bits - PAGE_SHIFT + INDEX_BITS - 1) / INDEX_BITS;
    return descend(table, offset);
  }

  private boolean inRange(int unused, boolean ignoreTop, boolean high) {
    long top = ignoreTop ? va << 8 >> 8 : va;
    return unused >= LEAST_UNUSED && unused <= MOST_UNUSED && top >> (64 - unused) == (high ? -1 : 0);
  }

  private long descend(long table, long offset) {
    while (true) {
      int shift = PAGE_SHIFT + INDEX_BITS * (LAST_LEVEL - level);
      long index = offset >>> shift;
      offset &= (1L << shift) - 1;
      long descriptor = core.readTable(table + index * 8, level < LAST_LEVEL);
      boolean more = (descriptor & TABLE) != 0;
      if ((descriptor & VALID) == 0 || (level == 0 && !more) || (level == LAST_LEVEL && !more)) {
        return refuse(Arm64Syndrome.TRANSLATION);
      }
      if (level == LAST_LEVEL || !more) {
        return descriptor | inherited;
      }
      if ((descriptor & ADDRESS) >>> outputBits != 0) {
        return refuse(Arm64Syndrome.ADDRESS_SIZE);
      }
      if (hierarchical) {
        inherit(descriptor);
      }
      table = descriptor & ADDRESS;
      level++;
    }
  }

  private void inherit(long table) {
    inherited |= (table & PXN_TABLE) != 0 ? PXN : 0;
    inherited |= (table & UXN_TABLE) != 0 ? UXN : 0;
    inherited |= (table & AP_TABLE_READ_ONLY) != 0 ? AP_READ_ONLY : 0;
    inherited |= table & AP_TABLE_NO_USER;
  }

  private long finish(long descriptor, boolean user, boolean pan) {
    int shift = PAGE_SHIFT + INDEX_BITS * (LAST_LEVEL - level);
    long within = (1L << shift) - 1;
    long pa = (descriptor & ADDRESS & ~within) | (va & within);
    if (pa >>> outputBits != 0) {
      return fault(Arm64Syndrome.ADDRESS_SIZE);
    }
    if ((descriptor & ACCESS_FLAG) == 0) {
      return fault(Arm64Syndrome.ACCESS_FLAG);
    }
    if ((permissions(descriptor, pan) >> (user ? USER_SHIFT : 0) & 1 << access) == 0) {
      return fault(Arm64Syndrome.PERMISSION);
    }
    core.translations.map(va, pa & ADDRESS, permissions(descriptor, core.pan), (descriptor & NOT_GLOBAL) == 0,
        blockShift(descriptor, shift));
    return pa;
  }

  /// log2 of what one entry of a TLB may hold of the leaf `descriptor`: sixteen of them where they say that they belong
  /// together (D8.7.1).
  private static int blockShift(long descriptor, int shift) {
    return (descriptor & CONTIGUOUS) != 0 ? shift + CONTIGUOUS_SHIFT : shift;
  }

  /// Permission bits as [Translations#map] wants them.
  private int permissions(long descriptor, boolean pan) {
    boolean userPage = (descriptor & AP_USER) != 0 && (inherited & AP_TABLE_NO_USER) == 0;
    boolean writable = (descriptor & AP_READ_ONLY) == 0;
    boolean writeNotExecute = (core.system.get(SCTLR_EL1) & Arm64SystemRegisters.SCTLR_WXN) != 0;
    int data = 1 << Core.READ | (writable ? 1 << Core.WRITE : 0);
    int privileged = pan && userPage ? 0 : data;
    if ((descriptor & PXN) == 0 && !(userPage && writable) && !(writeNotExecute && writable)) {
      privileged |= 1 << Core.FETCH;
    }
    int user = userPage ? data : 0;
    if ((descriptor & UXN) == 0 && !(writeNotExecute && userPage && writable)) {
      user |= 1 << Core.FETCH;
    }
    boolean guarded = (descriptor & GUARDED) != 0 && core.preset.has(Arm64Feature.BTI);
    return privileged | user << USER_SHIFT | (guarded ? Translations.GUARDED : 0);
  }

  private long refuse(int status) {
    fault(status);
    return 0;
  }

  private long fault(int status) {
    int ec = access == Core.FETCH ? Arm64Syndrome.FETCH_ABORT : Arm64Syndrome.DATA_ABORT;
    core.fault(Arm64Syndrome.of(ec, status | level | (access == Core.WRITE ? Arm64Syndrome.WRITE : 0)), va);
    return -1;
  }
}
