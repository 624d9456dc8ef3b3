package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Uop;

/// MOV to and from control and debug registers (SDM vol. 2B MOV; vol. 3 2.5, 17.2). Writes serialize, but for CR8.
final class X86Control {
  private X86Control() {}

  /// PE, ET, PG: fixed in 64-bit mode.
  private static final long CR0_FIXED = 0x8000_0011L;
  private static final long CR0_ALLOWED = 0xe005_003fL;
  /// DR6.RTM and DR7's reserved bits are fixed (SDM vol. 3 17.2.3, 17.2.4).
  private static final long DR6_KEPT = 0xe00f;

  private static final long DR7_KEPT = 0xffff_23ffL;

  /// NW without CD raises #GP (SDM vol. 2B MOV, control registers).
  private static final long CR0_NW = 1L << 29;

  private static final long CR0_CD = 1L << 30;
  private static final long CR4_PAE = 1L << 5;
  /// TSD, DE, PSE, PAE, PGE, PCE, OSFXSR, OSXMMEXCPT, FSGSBASE, PCIDE, OSXSAVE, SMEP, SMAP: what CPUID has, and PCE,
  /// which has no CPUID bit. Others are reserved (SDM vol. 3 2.5).
  private static final long CR4_ALLOWED = 0x37_07bcL;
  private static final long CR3_RESERVED = ~((1L << X86Mmu.PHYSICAL_BITS) - 1);
  /// With CR4.PCIDE: translations of the PCID stay. It is not kept (SDM vol. 3 4.10.4.1).
  private static final long CR3_NO_FLUSH = 1L << 63;
  private static final long LOW_32 = 0xffff_ffffL;
  private static final long CR8_ALLOWED = 15;
  private static final long DR6_ONES = 0xffff_0ff0L;
  private static final long DR7_ONES = 0x400;

  static int read(X86Core c, long w, long imm) {
    int number = (int) imm;
    c.r[Uop.dst(w)] = switch (number) {
      case 0 -> c.cr0;
      case 2 -> c.cr2;
      case 3 -> c.cr3;
      case 4 -> c.cr4;
      default -> c.apic.taskPriority() >> 4;
    };
    return Outcome.OK;
  }

  static int write(X86Core c, long w, long imm) {
    int number = (int) imm;
    long value = c.r[Uop.a(w)];
    return switch (number) {
      case 0 -> writeCr0(c, value);
      case 2 -> writeCr2(c, value);
      case 3 -> writeCr3(c, value);
      case 4 -> writeCr4(c, value);
      default -> writeCr8(c, value);
    };
  }

  private static int writeCr0(X86Core c, long value) {
    boolean writeThrough = (value & (CR0_CD | CR0_NW)) == CR0_NW;
    if ((value & CR0_FIXED & ~0x10) != (CR0_FIXED & ~0x10) || value >>> 32 != 0 || writeThrough) {
      return c.generalProtection();
    }
    c.cr0 = (value & CR0_ALLOWED) | CR0_FIXED;
    c.translations.flush(false);
    return X86Helpers.serialize(c);
  }

  private static int writeCr2(X86Core c, long value) {
    c.cr2 = value;
    return X86Helpers.serialize(c);
  }

  private static int writeCr3(X86Core c, long value) {
    boolean spaces = (c.cr4 & X86Core.CR4_PCIDE) != 0;
    if ((value & (spaces ? CR3_RESERVED & ~CR3_NO_FLUSH : CR3_RESERVED)) != 0) {
      return c.generalProtection();
    }
    c.cr3 = value & ~CR3_NO_FLUSH;
    if (!spaces) {
      c.translations.flush((c.cr4 & X86Core.CR4_PGE) != 0);
    } else {
      c.translations.enter(X86Mmu.space(c));
      if (value >= 0) {
        c.translations.flushSpace(X86Mmu.space(c));
      }
    }
    c.contextWritten(c.cr3);
    return X86Helpers.serialize(c);
  }

  /// PCIDE can be set only where CR3 has PCID 0 (SDM vol. 3 4.10.1).
  private static int writeCr4(X86Core c, long value) {
    boolean begins = (value & ~c.cr4 & X86Core.CR4_PCIDE) != 0;
    if ((value & ~c.level.cr4(CR4_ALLOWED)) != 0 || (value & CR4_PAE) == 0 || (begins && (c.cr3 & X86Mmu.PCID) != 0)) {
      return c.generalProtection();
    }
    c.cr4 = value;
    c.translations.flush(false);
    c.translations.enter(X86Mmu.space(c));
    return X86Helpers.serialize(c);
  }

  private static int writeCr8(X86Core c, long value) {
    if ((value & ~CR8_ALLOWED) != 0) {
      return c.generalProtection();
    }
    c.apic.setTaskPriority((int) value << 4);
    return Outcome.RESYNC;
  }

  static int clts(X86Core c, long w, long imm) {
    c.cr0 &= ~X86Core.CR0_TS;
    return Outcome.OK;
  }

  /// Writes CR0 bits 3:0; PE cannot be cleared. Not in the list of serializing instructions (SDM vol. 3 9.3), so code
  /// fetched ahead stays.
  static int lmsw(X86Core c, long w, long imm) {
    c.cr0 = (c.cr0 & ~0xeL) | (c.r[Uop.a(w)] & 0xf);
    return Outcome.OK;
  }

  /// DR4, DR5 are DR6, DR7.
  static int readDebug(X86Core c, long w, long imm) {
    int number = (int) imm;
    if (!X86Debug.registersOpen(c, number)) {
      return Outcome.FAULT;
    }
    c.r[Uop.dst(w)] = switch (number) {
      case 4, 6 -> c.dr[6] | DR6_ONES;
      case 5, 7 -> c.dr[7] | DR7_ONES;
      default -> c.dr[number];
    };
    return Outcome.OK;
  }

  static int writeDebug(X86Core c, long w, long imm) {
    int number = (int) imm;
    long value = c.r[Uop.a(w)];
    if (!X86Debug.registersOpen(c, number)) {
      return Outcome.FAULT;
    }
    if (number > 3 && (value & ~LOW_32) != 0) {
      return c.generalProtection();
    }
    switch (number) {
      case 4, 6 -> c.dr[6] = value & DR6_KEPT;
      case 5, 7 -> c.dr[7] = value & DR7_KEPT;
      default -> c.dr[number] = value;
    }
    return X86Helpers.serialize(c);
  }
}
