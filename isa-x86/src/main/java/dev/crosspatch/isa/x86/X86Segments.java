package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.core.uop.Uop;

/// Selectors, descriptors and descriptor tables, as much of them as 64-bit mode uses (SDM vol. 3 chapter 3, 5.8).
///
/// Data segments have no limit and no type in 64-bit mode, and a base in FS and GS only; loading one is checked all the
/// same (5.7, 5.9), and sets the accessed bit of its descriptor.
final class X86Segments {
  private X86Segments() {}

  // ---- descriptor bits (SDM vol. 3 figures 3-8, 8-4)
  private static final long PRESENT = 1L << 47;
  /// S: code or data, not a system segment.
  static final long CODE_OR_DATA = 1L << 44;
  static final long CODE = 1L << 43;
  static final long CONFORMING = 1L << 42;
  /// Writable data; readable code.
  static final long READ_WRITE = 1L << 41;
  private static final long BUSY = 1L << 41;
  private static final long LONG_MODE = 1L << 53;
  /// D: a code segment with L and D set is reserved (SDM vol. 3 5.2.1).
  private static final long DEFAULT_32 = 1L << 54;
  private static final long ACCESSED = 1L << 40;
  private static final int DPL_SHIFT = 45;
  static final int TYPE_SHIFT = 40;
  static final int TSS_AVAILABLE = 0x9;
  static final int LDT = 0x2;

  private static final int TABLE_INDICATOR = 4;

  /// Offset in the pseudo-descriptor of LGDT and kin: limit, then base.
  private static final int PSEUDO_BASE = 2;

  private static final int PSEUDO_BYTES = 10;

  static int dpl(long descriptor) {
    return (int) (descriptor >> DPL_SHIFT) & 3;
  }

  private static long base(long descriptor) {
    return (descriptor >>> 16 & 0xff_ffff) | (descriptor >>> 32 & 0xff00_0000L);
  }

  static int limit(long descriptor) {
    int limit = (int) ((descriptor & 0xffff) | (descriptor >>> 32 & 0xf_0000));
    return (descriptor >> 55 & 1) == 0 ? limit : limit << 12 | 0xfff;
  }

  /// Where the descriptor of a selector lies, or -1 if it is beyond the table.
  static long place(X86Core c, int selector, int bytes) {
    boolean local = (selector & TABLE_INDICATOR) != 0;
    int offset = selector & ~7;
    return offset + bytes - 1 > (local ? c.ldtLimit : c.gdtLimit) ? -1 : (local ? c.ldtBase : c.gdtBase) + offset;
  }

  private static int protection(X86Core c, int selector) {
    return error(c, X86Exceptions.GP, selector);
  }

  private static int error(X86Core c, int code, int selector) {
    return c.fault(X86Exceptions.withError(code, selector & ~3), 0);
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
    return (descriptor & (CODE_OR_DATA | CODE | LONG_MODE | DEFAULT_32)) == (CODE_OR_DATA | CODE | LONG_MODE);
  }

  private static boolean isWritableData(long descriptor) {
    return (descriptor & (CODE_OR_DATA | CODE | READ_WRITE)) == (CODE_OR_DATA | READ_WRITE);
  }

  private static boolean isConforming(long descriptor) {
    return (descriptor & (CODE | CONFORMING)) == (CODE | CONFORMING);
  }

  /// Sets the accessed bit of a descriptor that was loaded (SDM vol. 3 3.4.5.1). False with a fault recorded if that
  /// cannot be.
  private static boolean accessed(X86Core c, int selector, long descriptor) {
    return (descriptor & ACCESSED) != 0 || c.systemStore(place(c, selector, 8), descriptor | ACCESSED, 3);
  }

  /// Whether a code segment of the right kind is there; else #NP is recorded.
  private static boolean codePresent(X86Core c, int selector, long descriptor) {
    if ((descriptor & PRESENT) == 0) {
      return error(c, X86Exceptions.NP, selector) == Outcome.OK;
    }
    return accessed(c, selector, descriptor);
  }

  /// CPL of the exception handler in the code segment of a gate (SDM vol. 3 6.12.1), or -1 with a fault recorded.
  ///
  /// @param external the EXT bit of error codes
  static int handlerPrivilege(X86Core c, int selector, int external) {
    long d = descriptor(c, selector);
    if (c.faultCode == 0 && (!isCode(d) || dpl(d) > c.privilege)) {
      protection(c, selector);
    }
    if (c.faultCode != 0 || !codePresent(c, selector, d)) {
      boolean page = X86Exceptions.vector(c.faultCode) == X86Exceptions.vector(X86Exceptions.PF);
      c.faultCode |= page ? 0 : external << X86Exceptions.ERROR_SHIFT;
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
    if (!isCode(d) || rpl < c.privilege || (isConforming(d) ? dpl(d) > rpl : dpl(d) != rpl)) {
      protection(c, selector);
      return false;
    }
    return codePresent(c, selector, d);
  }

  /// Whether a far JMP or CALL may load CS with `selector`; else a fault is recorded. CPL stays (SDM vol. 2A CALL,
  /// JMP).
  static boolean branchAllowed(X86Core c, int selector) {
    long d = descriptor(c, selector);
    if (c.faultCode != 0) {
      return false;
    }
    boolean privileged = isConforming(d) ? dpl(d) > c.privilege : dpl(d) != c.privilege || (selector & 3) > c.privilege;
    if (!isCode(d) || privileged) {
      protection(c, selector);
      return false;
    }
    return codePresent(c, selector, d);
  }

  /// Whether SS may be loaded with `selector` at privilege `cpl`, by MOV, LSS, IRET or a far return: a null selector of
  /// that RPL is good for CPL 0..2, else it takes a present writable data segment of that privilege (SDM vol. 2B MOV,
  /// 2A IRET).
  static boolean stackAllowed(X86Core c, int selector, int cpl) {
    if ((selector & ~3) == 0) {
      return (cpl != 3 && (selector & 3) == cpl) || protection(c, selector) == Outcome.OK;
    }
    long d = descriptor(c, selector);
    if (c.faultCode != 0) {
      return false;
    }
    if (!isWritableData(d) || dpl(d) != cpl || (selector & 3) != cpl) {
      return protection(c, selector) == Outcome.OK;
    }
    if ((d & PRESENT) == 0) {
      return error(c, X86Exceptions.SS, selector) == Outcome.OK;
    }
    return accessed(c, selector, d);
  }

  /// The descriptor that DS, ES, FS or GS may be loaded with by `selector`, 0 for a null selector, or 0 with a fault
  /// recorded (SDM vol. 2B MOV).
  private static long dataSegment(X86Core c, int selector) {
    if ((selector & ~3) == 0) {
      return 0;
    }
    long d = descriptor(c, selector);
    if (c.faultCode != 0) {
      return 0;
    }
    boolean readable = (d & CODE_OR_DATA) != 0 && ((d & CODE) == 0 || (d & READ_WRITE) != 0);
    if (!readable || (!isConforming(d) && dpl(d) < Math.max(c.privilege, selector & 3))) {
      protection(c, selector);
    } else if ((d & PRESENT) == 0) {
      error(c, X86Exceptions.NP, selector);
    } else if (accessed(c, selector, d)) {
      return d;
    }
    return 0;
  }

  /// What a return to an outer privilege does to DS, ES, FS, GS: those that the new CPL could not load become null, and
  /// null ones lose their RPL (SDM vol. 2A IRET, RETURN-TO-OUTER-PRIVILEGE-LEVEL).
  static void dropInner(X86Core c) {
    for (int register : new int[] {X86Core.ES, X86Core.DS, X86Core.FS, X86Core.GS}) {
      long d = c.descriptor[register];
      if (!isConforming(d) && dpl(d) < c.privilege) {
        c.selector[register] = 0;
        c.descriptor[register] = 0;
      }
    }
  }

  // ---- instructions

  /// MOV r/m, Sreg; SLDT; STR.
  static int read(X86Core c, long w, long imm) {
    int register = (int) imm;
    c.r[Uop.dst(w)] = c.selector[register];
    return Outcome.OK;
  }

  /// MOV Sreg, r/m; POP FS, GS. MOV SS holds interrupts off for one instruction.
  static int write(X86Core c, long w, long imm) {
    int register = (int) imm;
    if (!load(c, register, (int) c.r[Uop.a(w)] & 0xffff)) {
      return Outcome.FAULT;
    }
    if (register == X86Core.SS) {
      c.shadowPc = c.nextPc;
      c.stackShadowPc = c.nextPc;
      c.stackShadowSet = true;
    }
    return Outcome.RESYNC;
  }

  /// Loads a segment register other than CS. False with a fault recorded if it may not have this selector.
  private static boolean load(X86Core c, int register, int selector) {
    if (register == X86Core.SS) {
      if (!stackAllowed(c, selector, c.privilege)) {
        return false;
      }
      c.selector[register] = selector;
      return true;
    }
    long d = dataSegment(c, selector);
    if (c.faultCode != 0) {
      return false;
    }
    c.selector[register] = selector;
    c.descriptor[register] = d;
    if (register == X86Core.FS || register == X86Core.GS) {
      c.r[register == X86Core.FS ? X86Core.FS_BASE : X86Core.GS_BASE] = base(d);
    }
    return true;
  }

  /// LSS, LFS, LGS: an offset of the operand size, then a selector. AMD's CPUs have no 64-bit form and ignore REX.W
  /// (APM vol. 3 LxS).
  static int loadFar(X86Core c, long w, long imm) {
    int register = (int) imm;
    int width = c.amd ? Math.min(Uop.width(w), 2) : Uop.width(w);
    long va = c.r[Uop.a(w)];
    long offset = c.load(va, width, 0);
    int selector = c.faultCode != 0 ? 0 : (int) c.load(va + (1L << width), 1, 0);
    if (c.faultCode != 0 || !load(c, register, selector)) {
      return Outcome.FAULT;
    }
    X86Helpers.writeRegister(c, Uop.b(w), offset, width);
    return Outcome.RESYNC;
  }

  /// SGDT, SIDT.
  static int store(X86Core c, long w, long base, int limit) {
    long va = c.r[Uop.a(w)];
    return c.canonicalTo(va, PSEUDO_BYTES) && c.store(va, limit, 1, 0) && c.store(va + PSEUDO_BASE, base, 3, 0)
        ? Outcome.OK : Outcome.FAULT;
  }

  static int lgdt(X86Core c, long w, long imm) {
    long va = c.r[Uop.a(w)];
    long limit = c.canonicalTo(va, PSEUDO_BYTES) ? c.load(va, 1, 0) : 0;
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

  static int lidt(X86Core c, long w, long imm) {
    long va = c.r[Uop.a(w)];
    long limit = c.canonicalTo(va, PSEUDO_BYTES) ? c.load(va, 1, 0) : 0;
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
  static int ltr(X86Core c, long w, long imm) {
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

  static int lldt(X86Core c, long w, long imm) {
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
}
