package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.Uop.*;
import static dev.crosspatch.isa.arm64.Arm64Field.*;
import static dev.crosspatch.isa.arm64.Arm64Helper.helper;

import dev.crosspatch.core.uop.UopBuffer;
import dev.crosspatch.isa.arm64.Arm64Row.Emitter;

/// Micro-ops of loads and stores.
///
/// Write-back comes after the access, so a fault leaves the base register alone. Where write-back and a transfer
/// register coincide the manual leaves the result open (C6.2, CONSTRAINED UNPREDICTABLE); here the access is done and
/// then the write-back. That SP is a multiple of 16 (SCTLR_EL1.SA) is checked where it is written
/// ([dev.crosspatch.core.uop.Uop#STACK]).
final class Arm64EmitMemory {
  private Arm64EmitMemory() {}

  /// One register transferred in one of the single-register addressing forms.
  ///
  /// @param width log2 of the bytes accessed
  /// @param flags extension of a load: [dev.crosspatch.core.uop.Uop#F_SIGNED], [dev.crosspatch.core.uop.Uop#F_WORD]
  record Transfer(Kind kind, int width, int flags) {

    /// What is done at the address.
    enum Kind { LOAD, STORE, PREFETCH }

    /// `[Xn, #imm]`, scaled.
    void unsignedOffset(Arm64Word w, UopBuffer out) {
      access(w, out, ZERO, 0, (long) w.get(IMM12) << width, 0);
    }

    /// `[Xn, #simm]`, not scaled (LDUR, STUR).
    void unscaled(Arm64Word w, UopBuffer out) {
      access(w, out, ZERO, 0, w.signed(IMM9), 0);
    }

    /// As above with user privilege (LDTR, STTR).
    void unprivileged(Arm64Word w, UopBuffer out) {
      access(w, out, ZERO, 0, w.signed(IMM9), F_USER);
    }

    /// `[Xn], #simm`.
    void postIndex(Arm64Word w, UopBuffer out) {
      access(w, out, ZERO, 0, 0, 0);
      writeBack(w, out, w.signed(IMM9));
    }

    /// `[Xn, #simm]!`.
    void preIndex(Arm64Word w, UopBuffer out) {
      access(w, out, ZERO, 0, w.signed(IMM9), 0);
      writeBack(w, out, w.signed(IMM9));
    }

    /// `[Xn, Rm, extend #amount]`.
    void registerOffset(Arm64Word w, UopBuffer out) {
      int index = w.source(RM);
      int option = w.get(OPTION);
      if ((option & 3) != 3) {
        Arm64EmitAlu.extend(out, T0, index, option);
        index = T0;
      }
      access(w, out, index, w.is(S) ? width : 0, 0, 0);
    }

    private void access(Arm64Word w, UopBuffer out, int index, int scale, long displacement, int more) {
      int base = w.orSp(RN);
      switch (kind) {
        case LOAD -> out.load(w.target(RT), base, index, scale, displacement, width, flags | more);
        case STORE -> out.store(w.source(RT), base, index, scale, displacement, width, more);
        case PREFETCH -> out.op(NOP, SINK, ZERO, ZERO, 3);
      }
    }
  }

  /// LDRAA, LDRAB: from an authenticated address, which write-back puts into the base register.
  static Emitter loadAuthenticated(int key) {
    return (w, out) -> {
      long distance = 8L * (w.get(IMM9) - (w.is(S) ? 1 << 9 : 0));
      out.helper(helper(Arm64PointerAuth::authenticate), T0, w.orSp(RN), ZERO, ZERO, 3, Arm64Helper.ACCESS, key);
      out.load(w.target(RT), T0, ZERO, 0, distance, 3, 0);
      if (w.is(W)) {
        out.opi(ADDI, w.orSp(RN), T0, distance, 3);
        Arm64EmitAlu.stackWritten(out, w.orSp(RN));
      }
    };
  }

  /// Loads from a label, relative to the instruction.
  static Emitter literal(int width, int flags) {
    return (w, out) -> {
      out.opi(NEXTPC, T0, ZERO, w.signed(IMM19) * 4 - 4, 3);
      out.load(w.target(RT), T0, ZERO, 0, 0, width, flags);
    };
  }

  static void writeBack(Arm64Word w, UopBuffer out, long by) {
    out.opi(ADDI, w.orSp(RN), w.orSp(RN), by, 3);
    if ((by & 15) != 0) {
      Arm64EmitAlu.stackWritten(out, w.orSp(RN));
    }
  }

  /// Two registers transferred.
  ///
  /// @param width log2 of the bytes of one of them
  /// @param flags extension of the loads
  record Pair(boolean load, int width, int flags) {

    void signedOffset(Arm64Word w, UopBuffer out) {
      access(w, out, offset(w));
    }

    void postIndex(Arm64Word w, UopBuffer out) {
      access(w, out, 0);
      writeBack(w, out, offset(w));
    }

    void preIndex(Arm64Word w, UopBuffer out) {
      access(w, out, offset(w));
      writeBack(w, out, offset(w));
    }

    private long offset(Arm64Word w) {
      return w.signed(IMM7) << width;
    }

    private void access(Arm64Word w, UopBuffer out, long at) {
      int base = w.orSp(RN);
      int second = 1 << width;
      if (!load) {
        out.store(w.source(RT), base, ZERO, 0, at, width, 0);
        out.store(w.source(RT2), base, ZERO, 0, at + second, width, 0);
      } else if (w.target(RT) != base) {
        out.load(w.target(RT), base, ZERO, 0, at, width, flags);
        out.load(w.target(RT2), base, ZERO, 0, at + second, width, flags);
      } else { // the base must survive until the second load can no longer fault
        out.load(T0, base, ZERO, 0, at, width, flags);
        out.load(w.target(RT2), base, ZERO, 0, at + second, width, flags);
        out.op(MOV, w.target(RT), T0, ZERO, 3);
      }
    }
  }

  // ---- ordered and exclusive. The machine runs one instruction at a time, so acquire and release order by themselves.

  /// LDAR, LDAPR.
  static void loadAcquire(Arm64Word w, UopBuffer out) {
    out.load(w.target(RT), w.orSp(RN), ZERO, 0, 0, w.get(SIZE), F_ALIGNED);
  }

  /// STLR.
  static void storeRelease(Arm64Word w, UopBuffer out) {
    out.store(w.source(RT), w.orSp(RN), ZERO, 0, 0, w.get(SIZE), F_ALIGNED);
  }

  /// LDXR, LDAXR.
  static void loadExclusive(Arm64Word w, UopBuffer out) {
    out.helper(helper(Arm64Helpers::loadExclusive), w.target(RT), w.orSp(RN), ZERO, ZERO, w.get(SIZE),
        Arm64Helper.ACCESS, 0);
  }

  /// STXR, STLXR.
  static void storeExclusive(Arm64Word w, UopBuffer out) {
    out.helper(helper(Arm64Helpers::storeExclusive), w.target(RS), w.orSp(RN), w.source(RT), ZERO, w.get(SIZE),
        Arm64Helper.ACCESS, 0);
  }

  /// LDXP, LDAXP.
  static void loadExclusivePair(Arm64Word w, UopBuffer out) {
    out.helper(helper(Arm64Helpers::loadExclusivePair), w.target(RT), w.orSp(RN), ZERO, w.target(RT2), 2 + w.get(SZ),
        Arm64Helper.ACCESS, 0);
  }

  /// STXP, STLXP.
  static void storeExclusivePair(Arm64Word w, UopBuffer out) {
    out.helper(helper(Arm64Helpers::storeExclusivePair), w.target(RS), w.orSp(RN), w.source(RT), w.source(RT2),
        2 + w.get(SZ), Arm64Helper.ACCESS, 0);
  }

  // ---- atomics

  /// LDADD, LDCLR, LDEOR, LDSET: memory becomes `old op Rs`.
  static Emitter atomic(int op) {
    return (w, out) -> {
      loadOld(w, out);
      out.op(op, T1, T0, w.source(RS), 3);
      storeNew(w, out, T1);
    };
  }

  /// LDSMAX, LDSMIN, LDUMAX, LDUMIN.
  static Emitter atomicChoice(int choice) {
    return (w, out) -> {
      loadOld(w, out);
      out.helper(helper(Arm64Helpers::choose), T1, T0, w.source(RS), w.get(SIZE), choice);
      storeNew(w, out, T1);
    };
  }

  static void swap(Arm64Word w, UopBuffer out) {
    loadOld(w, out);
    storeNew(w, out, w.source(RS));
  }

  private static void loadOld(Arm64Word w, UopBuffer out) {
    out.load(T0, w.orSp(RN), ZERO, 0, 0, w.get(SIZE), F_RMW | F_ALIGNED);
  }

  private static void storeNew(Arm64Word w, UopBuffer out, int value) {
    out.store(value, w.orSp(RN), ZERO, 0, 0, w.get(SIZE), F_ALIGNED);
    out.op(MOV, w.target(RT), T0, ZERO, 3);
  }

  /// CAS.
  static void compareAndSwap(Arm64Word w, UopBuffer out) {
    out.helper(helper(Arm64Helpers::compareAndSwap), w.target(RS), w.orSp(RN), w.source(RT), w.source(RS), w.get(SIZE),
        Arm64Helper.ACCESS, 0);
  }

  /// CASP.
  static void compareAndSwapPair(Arm64Word w, UopBuffer out) {
    out.helper(helper(Arm64Helpers::compareAndSwapPair), w.get(RS), w.orSp(RN), w.get(RT), ZERO, 2 + w.get(SZ),
        Arm64Helper.ACCESS, 0);
  }
}
