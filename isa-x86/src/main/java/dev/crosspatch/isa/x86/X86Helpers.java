package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.core.uop.Uop;

/// Complex micro-ops ([X86Helper]) that have no file of their own: multiplication, flags, small system instructions.
final class X86Helpers {
  private X86Helpers() {}

  // ---- shared by all helpers

  /// The low `8 << width` bits of `value`, zero-extended.
  static long cut(long value, int width) {
    int shift = 64 - (8 << width);
    return value << shift >>> shift;
  }

  /// The low `8 << width` bits of `value`, sign-extended.
  static long signed(long value, int width) {
    int shift = 64 - (8 << width);
    return value << shift >> shift;
  }

  /// Most significant bit of a value of this width, 0 or 1.
  static int msb(long value, int width) {
    return (int) (value >>> ((8 << width) - 1)) & 1;
  }

  /// SF, ZF and PF of a result that is zero-extended from its width.
  static int resultFlags(long result, int width) {
    return (result == 0 ? Flags.ZF : 0) | msb(result, width) * Flags.SF
        | ((Integer.bitCount((int) result & 0xff) & 1) == 0 ? Flags.PF : 0);
  }

  /// Writes the low bits of register `r`, the rest as every x86 register write has it.
  static void writeRegister(X86Core c, int r, long value, int width) {
    switch (width) {
      case 0 -> c.r[r] = (c.r[r] & ~0xffL) | (value & 0xff);
      case 1 -> c.r[r] = (c.r[r] & ~0xffffL) | (value & 0xffff);
      default -> c.r[r] = cut(value, width);
    }
  }

  // ---- multiplication (SDM vol. 2A IMUL, 2B MUL). SF, ZF, AF, PF are undefined; they are cleared here.

  static int mulWide(X86Core c, long w, long imm) {
    int width = Uop.width(w);
    long a = cut(c.r[X86Core.RAX], width);
    long b = cut(c.r[Uop.a(w)], width);
    long low = a * b;
    long high = width == 3 ? Math.unsignedMultiplyHigh(a, b) : low >>> (8 << width);
    setProduct(c, width, low, high);
    overflow(c, cut(high, width) != 0);
    return Outcome.OK;
  }

  static int imulWide(X86Core c, long w, long imm) {
    int width = Uop.width(w);
    long a = signed(c.r[X86Core.RAX], width);
    long b = signed(c.r[Uop.a(w)], width);
    long low = a * b;
    long high = width == 3 ? Math.multiplyHigh(a, b) : low >> (8 << width);
    setProduct(c, width, low, high);
    overflow(c, high != signed(low, width) >> 63);
    return Outcome.OK;
  }

  /// AX for bytes, else rDX:rAX.
  private static void setProduct(X86Core c, int width, long low, long high) {
    if (width == 0) {
      writeRegister(c, X86Core.RAX, low, 1);
    } else {
      writeRegister(c, X86Core.RAX, low, width);
      writeRegister(c, X86Core.RDX, high, width);
    }
  }

  private static void overflow(X86Core c, boolean lost) {
    c.flags.set(lost ? Flags.CF | Flags.OF : 0);
  }

  static int imul(X86Core c, long w, long imm) {
    int width = Uop.width(w);
    long a = signed(c.r[Uop.a(w)], width);
    long b = signed(c.r[Uop.b(w)], width);
    long low = a * b;
    long high = width == 3 ? Math.multiplyHigh(a, b) : low >> (8 << width);
    c.r[Uop.dst(w)] = cut(low, width);
    overflow(c, high != signed(low, width) >> 63);
    return Outcome.OK;
  }

  /// High half to `dst`, low half to T2; no flags (SDM vol. 2B MULX).
  static int mulx(X86Core c, long w, long imm) {
    int width = Uop.width(w);
    long a = cut(c.r[Uop.a(w)], width);
    long b = cut(c.r[Uop.b(w)], width);
    c.r[Uop.dst(w)] = width == 3 ? Math.unsignedMultiplyHigh(a, b) : (a * b) >>> 32;
    c.r[Uop.T2] = cut(a * b, width);
    return Outcome.OK;
  }

  // ---- carry chains

  static int adcx(X86Core c, long w, long imm) {
    return addWith(c, w, Flags.CF);
  }

  static int adox(X86Core c, long w, long imm) {
    return addWith(c, w, Flags.OF);
  }

  /// Addition whose carry goes in and out through one flag; the others stay.
  private static int addWith(X86Core c, long w, int flag) {
    int width = Uop.width(w);
    int bits = c.flags.materialize();
    long a = cut(c.r[Uop.a(w)], width);
    boolean in = (bits & flag) != 0;
    long sum = cut(a + cut(c.r[Uop.b(w)], width) + (in ? 1 : 0), width);
    int order = Long.compareUnsigned(sum, a);
    c.r[Uop.dst(w)] = sum;
    c.flags.set((bits & ~flag) | (order < 0 || (in && order == 0) ? flag : 0));
    return Outcome.OK;
  }

  // ---- CMPXCHG8B, CMPXCHG16B

  static int cmpxchg8b(X86Core c, long w, long imm) {
    long va = c.r[Uop.a(w)];
    long old = c.load(va, 3, Uop.F_RMW);
    if (c.faultCode != 0) {
      return Outcome.FAULT;
    }
    boolean equal = old == (c.r[X86Core.RDX] << 32 | cut(c.r[X86Core.RAX], 2));
    c.store(va, equal ? c.r[X86Core.RCX] << 32 | cut(c.r[X86Core.RBX], 2) : old, 3, 0);
    if (!equal) {
      c.r[X86Core.RAX] = cut(old, 2);
      c.r[X86Core.RDX] = old >>> 32;
    }
    c.setFlags(equal ? Flags.ZF : 0, Flags.ZF);
    return Outcome.OK;
  }

  static int cmpxchg16b(X86Core c, long w, long imm) {
    long va = c.r[Uop.a(w)];
    if ((va & 15) != 0) {
      return c.generalProtection();
    }
    long low = c.load(va, 3, Uop.F_RMW);
    if (c.faultCode != 0) {
      return Outcome.FAULT;
    }
    long high = c.load(va + 8, 3, Uop.F_RMW);
    boolean equal = low == c.r[X86Core.RAX] && high == c.r[X86Core.RDX];
    c.store(va, equal ? c.r[X86Core.RBX] : low, 3, 0);
    c.store(va + 8, equal ? c.r[X86Core.RCX] : high, 3, 0);
    if (!equal) {
      c.r[X86Core.RAX] = low;
      c.r[X86Core.RDX] = high;
    }
    c.setFlags(equal ? Flags.ZF : 0, Flags.ZF);
    return Outcome.OK;
  }

  // ---- flags

  static int setCarry(X86Core c, int carry) {
    c.flags.set((c.flags.materialize() & ~Flags.CF) | carry);
    return Outcome.OK;
  }

  static int setSystemFlag(X86Core c, int flag, boolean on) {
    c.setFlags(on ? flag : 0, flag);
    return Outcome.OK;
  }

  static int lahf(X86Core c, long w, long imm) {
    c.r[X86Core.RAX] = (c.r[X86Core.RAX] & ~0xff00L) | (c.rflags() & 0xff) << 8;
    return Outcome.OK;
  }

  static int sahf(X86Core c, long w, long imm) {
    c.setFlags(c.r[X86Core.RAX] >> 8, X86Core.ARITHMETIC & 0xff);
    return Outcome.OK;
  }

  static int cli(X86Core c, long w, long imm) {
    if (!c.ioAllowed()) {
      return c.generalProtection();
    }
    c.setFlags(0, X86Core.IF);
    return Outcome.RESYNC;
  }

  /// Interrupts stay off for one more instruction if they were off (SDM vol. 2B STI).
  static int sti(X86Core c, long w, long imm) {
    if (!c.ioAllowed()) {
      return c.generalProtection();
    }
    if (!c.interruptsEnabled) {
      c.shadowPc = c.nextPc;
    }
    c.setFlags(X86Core.IF, X86Core.IF);
    return Outcome.RESYNC;
  }

  /// CLAC, STAC: #UD, not #GP, but at CPL 0 (SDM vol. 2A CLAC).
  static int setAccess(X86Core c, boolean on) {
    if (c.privilege != 0) {
      return c.fault(X86Exceptions.UD, 0);
    }
    c.setFlags(on ? X86Core.AC : 0, X86Core.AC);
    return Outcome.RESYNC;
  }

  static int pushf(X86Core c, long w, long imm) {
    int width = Uop.width(w);
    long sp = c.r[X86Core.RSP] - (1 << width);
    if (!c.store(sp, c.rflags() & ~X86Core.RF, width, 0)) {
      return Outcome.FAULT;
    }
    c.r[X86Core.RSP] = sp;
    return Outcome.OK;
  }

  static int popf(X86Core c, long w, long imm) {
    int width = Uop.width(w);
    long value = c.load(c.r[X86Core.RSP], width, 0);
    if (c.faultCode != 0) {
      return Outcome.FAULT;
    }
    c.r[X86Core.RSP] += 1 << width;
    c.setFlags(value & ~X86Core.RF, cut(c.writableFlags() | X86Core.RF, width));
    return Outcome.RESYNC;
  }

  // ---- small system instructions

  /// F3 90 with REX.B: PAUSE on Intel's CPUs; on AMD's F3 means nothing to XCHG r8, rAX (measured on Zen 4).
  static int pauseOrXchg(X86Core c, long w, long imm) {
    if (c.amd) {
      int r = Uop.a(w);
      long value = c.r[r];
      writeRegister(c, r, c.r[X86Core.RAX], Uop.width(w));
      writeRegister(c, X86Core.RAX, value, Uop.width(w));
    }
    return Outcome.OK;
  }

  /// MOVSXD of 16 bits from memory: AMD's CPUs read 32 bits there (measured on Zen 4), Intel's 16 (SDM vol. 2B
  /// MOVSX/MOVSXD).
  static int movsxd16(X86Core c, long w, long imm) {
    long value = c.load(c.r[Uop.a(w)], c.amd ? 2 : 1, 0);
    if (c.faultCode != 0) {
      return Outcome.FAULT;
    }
    writeRegister(c, Uop.b(w), value, 1);
    return Outcome.OK;
  }

  static int serialize(X86Core c) {
    c.serialize();
    return Outcome.RESYNC;
  }

  /// MFENCE: the stores before it are visible. WRMSR of an x2APIC register may begin all the same (SDM vol. 3 11.12.3).
  static int memoryFence(X86Core c, long w, long imm) {
    c.fenced(true, false, Event.Completed.NOTHING);
    return Outcome.OK;
  }

  /// LFENCE: nothing later begins before all that is earlier is done, though stores need not be visible (SDM vol. 2A
  /// LFENCE).
  static int loadFence(X86Core c, long w, long imm) {
    c.fenced(false, true, Event.Completed.NOTHING);
    return Outcome.OK;
  }

  /// INVD, WBINVD: the data caches are emptied. INVD loses nothing here, which the manual allows no one to rely on.
  /// Instruction caches snoop, so they hold nothing that this would have to drop.
  static int writeBackAll(X86Core c, long w, long imm) {
    c.caches.flushAll();
    return serialize(c);
  }

  /// CLFLUSH, CLFLUSHOPT, CLWB: checked as a load, not serializing (SDM vol. 2A CLFLUSH). Instruction caches keep the
  /// line: they are as current without.
  ///
  /// @param drop the line leaves the caches; with CLWB it stays, clean
  static int writeBackLine(X86Core c, long w, boolean drop) {
    long pa = c.translate(c.r[Uop.a(w)], X86Core.READ);
    if (pa == -1) {
      return Outcome.FAULT;
    }
    if (drop) {
      c.caches.flush(pa);
    } else {
      c.caches.clean(pa);
    }
    return Outcome.OK;
  }

  static int swapgs(X86Core c, long w, long imm) {
    long base = c.r[X86Core.GS_BASE];
    c.r[X86Core.GS_BASE] = c.kernelGsBase;
    c.kernelGsBase = base;
    return Outcome.OK;
  }

  /// RDFSBASE, RDGSBASE: #UD unless CR4.FSGSBASE.
  static int readBase(X86Core c, long w, long imm) {
    int register = (int) imm;
    if ((c.cr4 & X86Core.CR4_FSGSBASE) == 0) {
      return c.fault(X86Exceptions.UD, 0);
    }
    c.r[Uop.dst(w)] = c.r[register];
    return Outcome.OK;
  }

  static int writeBase(X86Core c, long w, long imm) {
    int register = (int) imm;
    if ((c.cr4 & X86Core.CR4_FSGSBASE) == 0) {
      return c.fault(X86Exceptions.UD, 0);
    }
    long value = cut(c.r[Uop.a(w)], Uop.width(w));
    if (!Uop.isCanonical(value)) {
      return c.generalProtection();
    }
    c.r[register] = value;
    return Outcome.OK;
  }
}
