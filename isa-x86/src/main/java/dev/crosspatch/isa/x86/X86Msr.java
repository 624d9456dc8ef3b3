package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.core.uop.Uop;

/// RDMSR, WRMSR and the instructions that read the time (SDM vol. 2B, vol. 4 table 2-2). An unknown register raises
/// #GP.
final class X86Msr {
  private X86Msr() {}

  private static final int TSC = 0x10;
  private static final int APIC_BASE = 0x1b;
  private static final int BIOS_SIGNATURE = 0x8b;
  private static final int SYSENTER_CS = 0x174;
  private static final int SYSENTER_EIP = 0x176;
  private static final int MISC_ENABLE = 0x1a0;
  private static final int PAT = 0x277;
  private static final int TSC_DEADLINE = 0x6e0;
  private static final int EFER = 0xc000_0080;
  private static final int STAR = 0xc000_0081;
  private static final int LSTAR = 0xc000_0082;
  private static final int CSTAR = 0xc000_0083;
  private static final int FMASK = 0xc000_0084;
  private static final int FS_BASE = 0xc000_0100;
  private static final int GS_BASE = 0xc000_0101;
  private static final int KERNEL_GS_BASE = 0xc000_0102;
  private static final int TSC_AUX = 0xc000_0103;

  /// LME and LMA: fixed in 64-bit mode.
  private static final long EFER_LONG = 1 << 8 | 1 << 10;
  /// Fast strings.
  private static final long MISC_VALUE = 1;
  private static final long LOW_32 = 0xffff_ffffL;

  private static long tsc(X86Core c) {
    return c.ticks() + c.tscOffset;
  }

  private static void setPair(X86Core c, long value) {
    c.r[X86Core.RAX] = value & LOW_32;
    c.r[X86Core.RDX] = value >>> 32;
  }

  static int rdtsc(X86Core c) {
    if (c.privilege != 0 && (c.cr4 & X86Core.CR4_TSD) != 0) {
      return c.generalProtection();
    }
    setPair(c, tsc(c));
    return Outcome.OK;
  }

  static int rdtscp(X86Core c, long w, long imm) {
    int outcome = rdtsc(c);
    if (outcome == Outcome.OK) {
      c.r[X86Core.RCX] = c.tscAux;
    }
    return outcome;
  }

  static int rdpid(X86Core c, long w, long imm) {
    c.r[Uop.dst(w)] = c.tscAux;
    return Outcome.OK;
  }

  /// RDRAND, RDSEED: there always is a number, which CF tells (SDM vol. 1 7.3.17).
  static int random(X86Core c, long w, long imm) {
    c.r[Uop.dst(w)] = c.randomNumber();
    c.setFlags(Flags.CF, X86Core.ARITHMETIC);
    return Outcome.RESYNC;
  }

  static int rdmsr(X86Core c, long w, long imm) {
    long value = read(c, (int) c.r[X86Core.RCX]);
    if (c.faultCode != 0) {
      return Outcome.FAULT;
    }
    setPair(c, value);
    return Outcome.OK;
  }

  private static long read(X86Core c, int msr) {
    if (msr >= X86Apic.FIRST_MSR && msr <= X86Apic.LAST_MSR) {
      return c.apic.read(msr);
    }
    if (msr >= SYSENTER_CS && msr <= SYSENTER_EIP) {
      return c.sysenter[msr - SYSENTER_CS];
    }
    return switch (msr) {
      case TSC -> tsc(c);
      case APIC_BASE -> c.apicBase;
      case BIOS_SIGNATURE -> 0;
      case MISC_ENABLE -> MISC_VALUE;
      case PAT -> c.pat;
      case TSC_DEADLINE -> c.apic.deadline();
      case EFER -> c.efer;
      case STAR -> c.star;
      case LSTAR -> c.lstar;
      case CSTAR -> c.cstar;
      case FMASK -> c.syscallMask;
      case FS_BASE -> c.r[X86Core.FS_BASE];
      case GS_BASE -> c.r[X86Core.GS_BASE];
      case KERNEL_GS_BASE -> c.kernelGsBase;
      case TSC_AUX -> c.tscAux;
      default -> c.generalProtection();
    };
  }

  /// Serializing, except for the x2APIC registers and IA32_TSC_DEADLINE (SDM vol. 3 9.3, 10.12.3). These may unmask an
  /// interrupt.
  static int wrmsr(X86Core c, long w, long imm) {
    int msr = (int) c.r[X86Core.RCX];
    long value = c.r[X86Core.RDX] << 32 | (c.r[X86Core.RAX] & LOW_32);
    boolean apic = msr >= X86Apic.FIRST_MSR && msr <= X86Apic.LAST_MSR;
    if (!(apic ? c.apic.write(msr, value) : write(c, msr, value))) {
      return c.generalProtection();
    }
    return apic || msr == TSC_DEADLINE ? Outcome.RESYNC : X86Helpers.serialize(c);
  }

  private static boolean write(X86Core c, int msr, long value) {
    if (msr >= SYSENTER_CS && msr <= SYSENTER_EIP) {
      return writeSysenter(c, msr, value);
    }
    switch (msr) {
      case TSC -> c.tscOffset = value - c.ticks();
      case APIC_BASE -> {
        return value == c.apicBase;
      }
      case BIOS_SIGNATURE, MISC_ENABLE -> { }
      case PAT -> {
        return writePat(c, value);
      }
      case TSC_DEADLINE -> c.apic.setDeadline(value);
      case EFER -> {
        return writeEfer(c, value);
      }
      case STAR -> c.star = value;
      case FMASK, TSC_AUX -> {
        return writeLow(c, msr, value);
      }
      default -> {
        return Uop.isCanonical(value) && writeAddress(c, msr, value);
      }
    }
    return true;
  }

  /// SYSENTER_ESP and EIP must be canonical; AMD's CPUs keep the lower halves of all three and refuse nothing (APM vol.
  /// 2 6.1.2).
  private static boolean writeSysenter(X86Core c, int msr, long value) {
    if (!c.amd && msr != SYSENTER_CS && !Uop.isCanonical(value)) {
      return false;
    }
    c.sysenter[msr - SYSENTER_CS] = c.amd ? value & LOW_32 : value;
    return true;
  }

  /// Types 2, 3 and those above 7 are reserved (SDM vol. 3 table 12-10).
  private static boolean writePat(X86Core c, long value) {
    for (int i = 0; i < 64; i += 8) {
      long type = value >>> i & 0xff;
      if (type > 7 || type == 2 || type == 3) {
        return false;
      }
    }
    c.pat = value;
    return true;
  }

  /// Bits 63:32 are reserved (SDM vol. 4 table 2-2): Intel's CPUs raise #GP, AMD's ignore them.
  private static boolean writeLow(X86Core c, int msr, long value) {
    if (!c.amd && value >>> 32 != 0) {
      return false;
    }
    if (msr == FMASK) {
      c.syscallMask = value & LOW_32;
    } else {
      c.tscAux = value & LOW_32;
    }
    return true;
  }

  private static boolean writeAddress(X86Core c, int msr, long value) {
    switch (msr) {
      case LSTAR -> c.lstar = value;
      case CSTAR -> c.cstar = value;
      case FS_BASE -> c.r[X86Core.FS_BASE] = value;
      case GS_BASE -> c.r[X86Core.GS_BASE] = value;
      case KERNEL_GS_BASE -> c.kernelGsBase = value;
      default -> {
        return false;
      }
    }
    return true;
  }

  private static boolean writeEfer(X86Core c, long value) {
    long allowed = X86Core.EFER_SCE | X86Core.EFER_NXE | EFER_LONG;
    if ((value & ~allowed) != 0 || (value & 1 << 8) == 0) {
      return false;
    }
    c.efer = value | EFER_LONG;
    c.translations.flush(false);
    return true;
  }
}
