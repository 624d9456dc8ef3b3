package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Uop;

/// The areas of FXSAVE and XSAVE (SDM vol. 1 10.5, 13.4 to 13.11): x87, SSE and AVX state in memory.
///
/// All of it is checked, and translated, before any of it is written, or any register is.
final class X86StateArea {
  private X86StateArea() {}

  // ---- components
  private static final int X87 = 1;
  private static final int SSE = 2;
  private static final int UPPER = 4;

  // ---- in the area
  private static final int MXCSR = 24;
  private static final int ST = 32;
  private static final int XMM = 160;
  private static final int LEGACY_BYTES = 512;
  private static final int XSTATE_BV = 512;
  private static final int XCOMP_BV = 520;
  private static final int HEADER_END = 576;
  /// Offset of AVX state, and its size.
  static final int AVX = 576;

  static final int AVX_BYTES = 256;
  private static final long COMPACTED = 1L << 63;

  /// Bytes that the components of `enabled` need.
  static int size(long enabled) {
    return (enabled & UPPER) != 0 ? AVX + AVX_BYTES : HEADER_END;
  }

  // ---- whether it may be done

  private static boolean ready(X86Core c, boolean extended) {
    boolean there = extended ? (c.cr4 & X86Core.CR4_OSXSAVE) != 0 : (c.cr0 & X86Core.CR0_EM) == 0;
    if (!extended && !there) {
      c.fault(X86Exceptions.NM, 0);
    } else if (!there) {
      c.fault(X86Exceptions.UD, 0);
    } else if ((c.cr0 & X86Core.CR0_TS) != 0) {
      c.fault(X86Exceptions.NM, 0);
    }
    return c.faultCode == 0;
  }

  /// What is not aligned is #GP, or with alignment checks #AC; of two pages that are not there the upper one is told
  /// (as on Zen 4).
  static boolean reaches(X86Core c, long va, int bytes, int alignment, int access) {
    if (!c.canonicalTo(va, 1)) {
      return false;
    }
    if ((va & (alignment - 1)) != 0) {
      if (!X86Debug.refuses(c, va, alignment)) {
        c.generalProtection();
      }
      return false;
    }
    return c.canonicalTo(va, bytes) && c.translate(va + bytes - 1, access) != -1 && c.translate(va, access) != -1;
  }

  private static long get(X86Core c, long va) {
    return c.load(va, 3, 0);
  }

  private static boolean put(X86Core c, long va, long value) {
    return c.store(va, value, 3, 0);
  }

  // ---- FXSAVE, FXRSTOR

  /// @param imm 1 with REX.W, which has 64-bit pointers
  static int fxsave(X86Core c, long w, long imm) {
    long va = c.r[Uop.c(w)];
    if (!ready(c, false) || !reaches(c, va, LEGACY_BYTES, 16, Core.WRITE)) {
      return Outcome.FAULT;
    }
    saveX87(c, va, imm != 0);
    saveMxcsr(c, va);
    saveXmm(c, va);
    return outcome(c);
  }

  static int fxrstor(X86Core c, long w, long imm) {
    long va = c.r[Uop.c(w)];
    if (!ready(c, false) || !reaches(c, va, LEGACY_BYTES, 16, Core.READ)) {
      return Outcome.FAULT;
    }
    if (!mxcsrAllowed(c, va)) {
      return outcome(c);
    }
    loadX87(c, va, imm != 0);
    X86Floats.setMxcsr(c, (int) get(c, va + MXCSR));
    loadXmm(c, va);
    return outcome(c);
  }

  private static int outcome(X86Core c) {
    return c.faultCode == 0 ? Outcome.OK : Outcome.FAULT;
  }

  private static boolean mxcsrAllowed(X86Core c, long va) {
    if (((int) get(c, va + MXCSR) & ~X86Floats.MXCSR_MASK) != 0) {
      c.generalProtection();
    }
    return c.faultCode == 0;
  }

  // ---- components

  private static void saveX87(X86Core c, long va, boolean wide) {
    X86FloatState x = c.x87;
    put(c, va, x.control | (long) x.status << 16 | (long) x.tags << 32 | (long) x.lastOpcode << 48);
    put(c, va + 8, wide ? x.lastInstruction : x.lastInstruction & 0xffff_ffffL);
    put(c, va + 16, wide ? x.lastOperand : x.lastOperand & 0xffff_ffffL);
    for (int i = 0; i < 8; i++) {
      put(c, va + ST + 16L * i, x.significand[i]);
      put(c, va + ST + 16L * i + 8, x.exponent[i]);
    }
  }

  private static void loadX87(X86Core c, long va, boolean wide) {
    X86FloatState x = c.x87;
    long head = get(c, va);
    x.control = X86X87.control((int) head);
    x.status = (int) (head >> 16) & 0xffff;
    x.tags = (int) (head >> 32) & 0xff;
    x.summarize(); // whatever ES and B are in memory (measured on Zen 3; so does Bochs)
    x.lastOpcode = (int) (head >> 48) & 0x7ff;
    x.lastInstruction = wide ? get(c, va + 8) : get(c, va + 8) & 0xffff_ffffL;
    x.lastOperand = wide ? get(c, va + 16) : get(c, va + 16) & 0xffff_ffffL;
    for (int i = 0; i < 8; i++) {
      x.significand[i] = get(c, va + ST + 16L * i);
      x.exponent[i] = (int) get(c, va + ST + 16L * i + 8) & 0xffff;
    }
  }

  private static void saveMxcsr(X86Core c, long va) {
    put(c, va + MXCSR, (c.mxcsr & 0xffff_ffffL) | (long) X86Floats.MXCSR_MASK << 32);
  }

  private static void saveXmm(X86Core c, long va) {
    for (int i = 0; i < 32; i++) {
      put(c, va + XMM + 8L * i, c.v[X86Vectors.at(i >> 1) + (i & 1)]);
    }
  }

  private static void loadXmm(X86Core c, long va) {
    for (int i = 0; i < 32; i++) {
      c.v[X86Vectors.at(i >> 1) + (i & 1)] = get(c, va + XMM + 8L * i);
    }
  }

  private static void saveUpper(X86Core c, long va) {
    for (int i = 0; i < 32; i++) {
      put(c, va + 8L * i, c.v[X86Vectors.at(i >> 1) + 2 + (i & 1)]);
    }
  }

  /// Registers' halves: from memory, or zero.
  private static void loadUpper(X86Core c, long va, boolean present) {
    for (int i = 0; i < 32; i++) {
      c.v[X86Vectors.at(i >> 1) + 2 + (i & 1)] = present ? get(c, va + 8L * i) : 0;
    }
  }

  // ---- XSAVE and kin

  /// Components that are not as at reset (XINUSE); which of them a CPU tells is up to it, but for these (SDM vol. 1
  /// 13.6).
  static int inUse(X86Core c) {
    boolean xmm = false;
    boolean upper = false;
    for (int i = 0; i < 16; i++) {
      int at = X86Vectors.at(i);
      xmm |= (c.v[at] | c.v[at + 1]) != 0;
      upper |= (c.v[at + 2] | c.v[at + 3]) != 0;
    }
    return (c.x87.isReset() ? 0 : X87) | (xmm ? SSE : 0) | (upper ? UPPER : 0);
  }

  private static int requested(X86Core c) {
    return (int) (c.xcr0 & c.r[X86Core.RAX]) & X86Vectors.XCR0_ALL;
  }

  /// XSAVE, and with `optimized` XSAVEOPT: what is as at reset is told, not written.
  static int xsave(X86Core c, long w, boolean wide, boolean optimized) {
    long va = c.r[Uop.c(w)];
    int wanted = requested(c);
    if (!ready(c, true) || !reaches(c, va, size(wanted), 64, Core.WRITE)) {
      return Outcome.FAULT;
    }
    int used = inUse(c);
    long old = get(c, va + XSTATE_BV);
    int written = optimized ? wanted & used : wanted;
    if ((written & X87) != 0) {
      saveX87(c, va, wide);
    }
    if ((wanted & (SSE | UPPER)) != 0) {
      saveMxcsr(c, va);
    }
    if ((written & SSE) != 0) {
      saveXmm(c, va);
    }
    if ((written & UPPER) != 0) {
      saveUpper(c, va + AVX);
    }
    put(c, va + XSTATE_BV, (old & ~wanted) | (wanted & used));
    return outcome(c);
  }

  /// XSAVEC: only what is not as at reset, and where the compacted format has it, which for these components is the
  /// same place.
  static int xsavec(X86Core c, long w, boolean wide) {
    long va = c.r[Uop.c(w)];
    int wanted = requested(c);
    if (!ready(c, true) || !reaches(c, va, size(wanted), 64, Core.WRITE)) {
      return Outcome.FAULT;
    }
    int written = wanted & (inUse(c) | (c.mxcsr != X86Floats.MXCSR_RESET ? SSE : 0));
    if ((written & X87) != 0) {
      saveX87(c, va, wide);
    }
    if ((written & SSE) != 0) {
      saveMxcsr(c, va);
      saveXmm(c, va);
    }
    if ((written & UPPER) != 0) {
      saveUpper(c, va + AVX);
    }
    put(c, va + XSTATE_BV, written);
    put(c, va + XCOMP_BV, COMPACTED | wanted);
    return outcome(c);
  }

  static int xrstor(X86Core c, long w, boolean wide) {
    long va = c.r[Uop.c(w)];
    int wanted = requested(c);
    if (!ready(c, true) || !reaches(c, va, HEADER_END, 64, Core.READ)) {
      return Outcome.FAULT;
    }
    long present = get(c, va + XSTATE_BV);
    long format = get(c, va + XCOMP_BV);
    boolean compacted = format < 0;
    if (!headerAllowed(c, va, present, format)) {
      return outcome(c);
    }
    int restored = (int) present & wanted;
    boolean upperSaved = (restored & UPPER) != 0;
    if (upperSaved && !reaches(c, va, AVX + AVX_BYTES, 64, Core.READ)) {
      return Outcome.FAULT;
    }
    boolean mxcsr = compacted ? (restored & SSE) != 0 : (wanted & (SSE | UPPER)) != 0;
    if (mxcsr && !mxcsrAllowed(c, va)) {
      return outcome(c);
    }
    restore(c, va, wanted, restored, wide);
    if (mxcsr) {
      X86Floats.setMxcsr(c, (int) get(c, va + MXCSR));
    } else if (compacted && (wanted & SSE) != 0) {
      X86Floats.setMxcsr(c, X86Floats.MXCSR_RESET);
    }
    return outcome(c);
  }

  private static void restore(X86Core c, long va, int wanted, int restored, boolean wide) {
    if ((restored & X87) != 0) {
      loadX87(c, va, wide);
    } else if ((wanted & X87) != 0) {
      c.x87.reset();
    }
    if ((restored & SSE) != 0) {
      loadXmm(c, va);
    } else if ((wanted & SSE) != 0) {
      for (int i = 0; i < 32; i++) {
        c.v[X86Vectors.at(i >> 1) + (i & 1)] = 0;
      }
    }
    if ((wanted & UPPER) != 0) {
      loadUpper(c, va + AVX, (restored & UPPER) != 0);
    }
  }

  /// Whether the header is one that XRSTOR takes (SDM vol. 1 13.8.1, 13.8.2).
  private static boolean headerAllowed(X86Core c, long va, long present, long format) {
    boolean bad;
    if (format < 0) {
      bad = (format & ~COMPACTED & ~c.xcr0) != 0 || (present & ~format) != 0;
      for (int i = 16; i < 64; i += 8) {
        bad |= get(c, va + XSTATE_BV + i) != 0;
      }
    } else {
      bad = (present & ~c.xcr0) != 0 || format != 0 || get(c, va + XSTATE_BV + 16) != 0;
    }
    if (bad && c.faultCode == 0) {
      c.generalProtection();
    }
    return c.faultCode == 0;
  }

  // ---- XCR0

  static int xgetbv(X86Core c, long w, long imm) {
    if ((c.cr4 & X86Core.CR4_OSXSAVE) == 0) {
      return c.fault(X86Exceptions.UD, 0);
    }
    long which = X86Helpers.cut(c.r[X86Core.RCX], 2);
    if (which > 1) {
      return c.generalProtection();
    }
    c.r[X86Core.RAX] = which == 0 ? c.xcr0 : c.xcr0 & inUse(c);
    c.r[X86Core.RDX] = 0;
    return Outcome.OK;
  }

  /// #UD comes before the privilege is looked at. x87 is always on, and AVX not without SSE.
  static int xsetbv(X86Core c, long w, long imm) {
    if ((c.cr4 & X86Core.CR4_OSXSAVE) == 0) {
      return c.fault(X86Exceptions.UD, 0);
    }
    long value = X86Helpers.cut(c.r[X86Core.RAX], 2) | c.r[X86Core.RDX] << 32;
    boolean bad = (value & ~X86Vectors.XCR0_ALL) != 0 || (value & X87) == 0 || (value & (SSE | UPPER)) == UPPER;
    if (c.privilege != 0 || X86Helpers.cut(c.r[X86Core.RCX], 2) != 0 || bad) {
      return c.generalProtection();
    }
    c.xcr0 = value;
    return Outcome.OK;
  }
}
