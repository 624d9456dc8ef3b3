package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Flags;
import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Uop;

/// Selectors, descriptors and descriptor tables, as much of them as 64-bit mode uses (SDM vol. 3 chapter 3, 5.8).
///
/// Data segment descriptors have no effect in 64-bit mode but for the bases of FS and GS; DS, ES and SS take any selector.
final class X86Segments {
  private X86Segments() {}

  // ---- descriptor bits (SDM vol. 3 figures 3-8, 8-4)
  private static final long PRESENT = 1L << 47;
  /// S: code or data, not a system segment.
  private static final long CODE_OR_DATA = 1L << 44;
  private static final long CODE = 1L << 43;
  private static final long CONFORMING = 1L << 42;
  /// Writable data; readable code.
  private static final long READ_WRITE = 1L << 41;
  private static final long BUSY = 1L << 41;
  private static final long LONG_MODE = 1L << 53;
  private static final int DPL_SHIFT = 45;
  private static final int TYPE_SHIFT = 40;
  private static final int TSS_AVAILABLE = 0x9;
  private static final int LDT = 0x2;

  private static final int TABLE_INDICATOR = 4;

  /// Offset in the pseudo-descriptor of LGDT and kin: limit, then base.
  private static final int PSEUDO_BASE = 2;

  private static int dpl(long descriptor) {
    return (int) (descriptor >> DPL_SHIFT) & 3;
  }

  private static long base(long descriptor) {
    return (descriptor >>> 16 & 0xff_ffff) | (descriptor >>> 32 & 0xff00_0000L);
  }

  private static int limit(long descriptor) {
    int limit = (int) ((descriptor & 0xffff) | (descriptor >>> 32 & 0xf_0000));
    return (descriptor >> 55 & 1) == 0 ? limit : limit << 12 | 0xfff;
  }

  /// Where the descriptor of a selector lies, or -1 if it is beyond the table.
  private static long place(X86Core c, int selector, int bytes) {
    boolean local = (selector & TABLE_INDICATOR) != 0;
    int offset = selector & ~7;
    return offset + bytes - 1 > (local ? c.ldtLimit : c.gdtLimit) ? -1 : (local ? c.ldtBase : c.gdtBase) + offset;
  }

  private static int protection(X86Core c, int selector) {
    return c.fault(X86Exceptions.withError(X86Exceptions.GP, selector & ~3), 0);
  }

  /// The 8-byte descriptor of a selector, or 0 with a fault recorded.
  private static long descriptor(X86Core c, int selector) {
    long place = (selector & ~3) == 0 ? -1 : place(c, selector, 8);
    if (place == -1) {
      protection(c, selector);
      return 0;
    }
    return c.systemLoad(place, 3);
  }

  /// Whether a descriptor is 64-bit code.
  private static boolean isCode(long descriptor) {
    return (descriptor & (CODE_OR_DATA | CODE | LONG_MODE)) == (CODE_OR_DATA | CODE | LONG_MODE);
  }

  /// CPL of the exception handler in the code segment of a gate (SDM vol. 3 6.12.1), or -1 with a fault recorded.
  static int handlerPrivilege(X86Core c, int selector) {
    long d = descriptor(c, selector);
    if (c.faultCode != 0) {
      return -1;
    }
    if (!isCode(d) || dpl(d) > c.privilege) {
      protection(c, selector);
      return -1;
    }
    if ((d & PRESENT) == 0) {
      c.fault(X86Exceptions.withError(X86Exceptions.NP, selector & ~3), 0);
      return -1;
    }
    return (d & CONFORMING) != 0 ? c.privilege : dpl(d);
  }

  /// Whether IRET or a far return may load CS with `selector`; else a fault is recorded. RPL is the new CPL.
  static boolean returnAllowed(X86Core c, int selector) {
    long d = descriptor(c, selector);
    if (c.faultCode != 0) {
      return false;
    }
    int rpl = selector & 3;
    boolean conforming = (d & CONFORMING) != 0;
    if (!isCode(d) || rpl < c.privilege || (conforming ? dpl(d) > rpl : dpl(d) != rpl)) {
      protection(c, selector);
      return false;
    }
    if ((d & PRESENT) == 0) {
      c.fault(X86Exceptions.withError(X86Exceptions.NP, selector & ~3), 0);
      return false;
    }
    return true;
  }

  /// Whether IRET or a far return to `rpl` may load SS: a null selector is good for CPL 0..2 (SDM vol. 2A IRET), else a present writable data
  /// segment of that privilege.
  static boolean stackAllowed(X86Core c, int selector, int rpl) {
    if ((selector & ~3) == 0) {
      return (rpl != 3 && (selector & 3) == rpl) || protection(c, selector) == Outcome.OK;
    }
    long d = descriptor(c, selector);
    if (c.faultCode != 0) {
      return false;
    }
    boolean good = (d & (CODE_OR_DATA | CODE | READ_WRITE)) == (CODE_OR_DATA | READ_WRITE) && dpl(d) == rpl && (selector & 3) == rpl;
    if (good && (d & PRESENT) == 0) {
      c.fault(X86Exceptions.withError(X86Exceptions.SS, selector & ~3), 0);
      return false;
    }
    return good || protection(c, selector) == Outcome.OK;
  }

  // ---- instructions

  /// MOV r/m, Sreg; SLDT; STR.
  static int read(X86Core c, long w, int register) {
    c.r[Uop.dst(w)] = c.selector[register];
    return Outcome.OK;
  }

  /// MOV Sreg, r/m; POP FS, GS. MOV SS holds interrupts off for one instruction.
  static int write(X86Core c, long w, int register) {
    int selector = (int) c.r[Uop.a(w)] & 0xffff;
    boolean based = register == X86Core.FS || register == X86Core.GS;
    long descriptor = 0;
    if ((selector & ~3) != 0) {
      descriptor = descriptor(c, selector);
      if (c.faultCode != 0) {
        return Outcome.FAULT;
      }
    }
    c.selector[register] = selector;
    if (based) {
      c.r[register == X86Core.FS ? X86Core.FS_BASE : X86Core.GS_BASE] = base(descriptor);
    }
    if (register == X86Core.SS) {
      c.shadowPc = c.nextPc;
    }
    return Outcome.RESYNC;
  }

  /// SGDT, SIDT.
  static int store(X86Core c, long w, long base, int limit) {
    long va = c.r[Uop.a(w)];
    return c.store(va, limit, 1, 0) && c.store(va + PSEUDO_BASE, base, 3, 0) ? Outcome.OK : Outcome.FAULT;
  }

  static int lgdt(X86Core c, long w) {
    long va = c.r[Uop.a(w)];
    long limit = c.load(va, 1, 0);
    long base = c.faultCode != 0 ? 0 : c.load(va + PSEUDO_BASE, 3, 0);
    if (c.faultCode != 0) {
      return Outcome.FAULT;
    }
    if (!Uop.isCanonical(base)) {
      return c.generalProtection();
    }
    c.gdtLimit = (int) limit;
    c.gdtBase = base;
    return X86Helpers.serialize(c);
  }

  static int lidt(X86Core c, long w) {
    long va = c.r[Uop.a(w)];
    long limit = c.load(va, 1, 0);
    long base = c.faultCode != 0 ? 0 : c.load(va + PSEUDO_BASE, 3, 0);
    if (c.faultCode != 0) {
      return Outcome.FAULT;
    }
    if (!Uop.isCanonical(base)) {
      return c.generalProtection();
    }
    c.idtLimit = (int) limit;
    c.idtBase = base;
    return X86Helpers.serialize(c);
  }

  /// Loads TR with an available 64-bit TSS and marks it busy (SDM vol. 2A LTR).
  static int ltr(X86Core c, long w) {
    int selector = (int) c.r[Uop.a(w)] & 0xffff;
    long d = systemDescriptor(c, selector, TSS_AVAILABLE);
    long high = c.faultCode != 0 ? 0 : c.systemLoad(place(c, selector, 16) + 8, 3);
    if (c.faultCode != 0 || !c.systemStore(place(c, selector, 16), d | BUSY, 3)) {
      return Outcome.FAULT;
    }
    c.selector[X86Core.TR] = selector;
    c.tssBase = base(d) | high << 32;
    c.tssLimit = limit(d);
    return X86Helpers.serialize(c);
  }

  static int lldt(X86Core c, long w) {
    int selector = (int) c.r[Uop.a(w)] & 0xffff;
    if ((selector & ~3) == 0) {
      c.selector[X86Core.LDTR] = selector;
      c.ldtLimit = -1;
      return X86Helpers.serialize(c);
    }
    long d = systemDescriptor(c, selector, LDT);
    long high = c.faultCode != 0 ? 0 : c.systemLoad(place(c, selector, 16) + 8, 3);
    if (c.faultCode != 0) {
      return Outcome.FAULT;
    }
    c.selector[X86Core.LDTR] = selector;
    c.ldtBase = base(d) | high << 32;
    c.ldtLimit = limit(d);
    return X86Helpers.serialize(c);
  }

  /// A present 16-byte system descriptor of `type` in the GDT, or 0 with a fault recorded.
  private static long systemDescriptor(X86Core c, int selector, int type) {
    if ((selector & ~3) == 0 || (selector & TABLE_INDICATOR) != 0 || place(c, selector, 16) == -1) {
      protection(c, selector);
      return 0;
    }
    long d = c.systemLoad(place(c, selector, 16), 3);
    if (c.faultCode == 0 && (d >> TYPE_SHIFT & 0x1f) != type) {
      protection(c, selector);
    } else if (c.faultCode == 0 && (d & PRESENT) == 0) {
      c.fault(X86Exceptions.withError(X86Exceptions.NP, selector & ~3), 0);
    }
    return d;
  }

  /// VERR, VERW: ZF says whether the segment can be read, written at CPL and RPL. A bad selector is no fault.
  static int verify(X86Core c, long w, boolean write) {
    int selector = (int) c.r[Uop.a(w)] & 0xffff;
    long place = (selector & ~3) == 0 ? -1 : place(c, selector, 8);
    long d = place == -1 ? 0 : c.systemLoad(place, 3);
    if (c.faultCode != 0) {
      return Outcome.FAULT;
    }
    boolean code = (d & CODE) != 0;
    boolean allowed = write ? !code && (d & READ_WRITE) != 0 : !code || (d & READ_WRITE) != 0;
    boolean conforming = code && (d & CONFORMING) != 0;
    boolean visible = conforming || dpl(d) >= Math.max(c.privilege, selector & 3);
    boolean good = (d & CODE_OR_DATA) != 0 && allowed && visible;
    c.setFlags(good ? Flags.ZF : 0, Flags.ZF);
    return Outcome.RESYNC;
  }
}
