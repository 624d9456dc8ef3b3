package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Uop;
import java.util.Arrays;

/// Loads and stores of the elements that a mask chooses, and gathers (SDM vol. 2C VMASKMOV, VPGATHERDD and kin). An
/// element is chosen by its top bit in the mask; others are not accessed.
final class X86VectorMemory {
  private X86VectorMemory() {}

  /// In the immediate of a gather.
  static final int ADDRESS_32 = 1 << 10;

  private static final int RESULT = X86Vectors.at(X86Vectors.RESULT);

  private static boolean isChosen(X86Core c, int mask, int bits, int i) {
    return (X86Floats.get(c, mask, bits, i) >>> (bits - 1) & 1) != 0;
  }

  private static int elements(long w, int bits) {
    return ((Uop.flags(w) & X86Vectors.LONG) != 0 ? 256 : 128) / bits;
  }

  /// What is not chosen becomes zero.
  static X86Helper load(int bits) {
    int width = bits == 64 ? 3 : 2;
    return (c, w, imm) -> {
      if (!X86Vectors.ready(c, w)) {
        return Outcome.FAULT;
      }
      int n = elements(w, bits);
      for (int i = 0; i < n; i++) {
        boolean chosen = isChosen(c, X86Vectors.first(w), bits, i);
        X86Floats.set(c, RESULT, bits, i, chosen ? c.load(c.r[Uop.c(w)] + i * (bits / 8L), width, 0) : 0);
        if (c.faultCode != 0) {
          return Outcome.FAULT;
        }
      }
      System.arraycopy(c.v, RESULT, c.v, X86Vectors.dst(w), n * bits / 64);
      return n * bits == 256 ? Outcome.OK : X86Vectors.written(c, w);
    };
  }

  /// All that is chosen is stored, or nothing.
  static X86Helper store(int bits) {
    int width = bits == 64 ? 3 : 2;
    return (c, w, imm) -> {
      if (!X86Vectors.ready(c, w)) {
        return Outcome.FAULT;
      }
      for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < elements(w, bits); i++) {
          long va = c.r[Uop.c(w)] + i * (bits / 8L);
          boolean chosen = isChosen(c, X86Vectors.first(w), bits, i);
          long value = X86Floats.get(c, X86Vectors.dst(w), bits, i);
          boolean done = !chosen
              || (pass == 0 ? X86Vectors.allWritable(c, va, bits / 8) : c.store(va, value, width, 0));
          if (!done) {
            return Outcome.FAULT;
          }
        }
      }
      return Outcome.OK;
    };
  }

  /// Elements at `r[c]` and the elements of a vector, scaled, as an index. A fault leaves what is done, and the mask of
  /// what is not; the rest of the mask is zero. So the instruction goes on where it stopped. Intel's CPUs spread the
  /// chosen bits first (SDM vol. 2C VPGATHERDD), and clear what is above the vector with the first element that is
  /// loaded, which only a fault shows; Zen 4 does neither.
  static X86Helper gather(int indexBits, int bits) {
    return (c, w, imm) -> {
      if (!X86Vectors.ready(c, w)) {
        return Outcome.FAULT;
      }
      int mask = X86Vectors.first(w);
      int dst = X86Vectors.dst(w);
      int n = elements(w, Math.max(indexBits, bits));
      if (!c.amd) {
        spread(c, mask, bits, elements(w, bits));
      }
      for (int i = 0; i < n; i++) {
        if (isChosen(c, mask, bits, i)) {
          long value = c.load(address(c, w, imm, indexBits, i), bits == 64 ? 3 : 2, 0);
          if (c.faultCode != 0) {
            return Outcome.FAULT;
          }
          X86Floats.set(c, dst, bits, i, value);
          if (!c.amd) {
            clearAbove(c, dst, elements(w, 64));
          }
        }
        X86Floats.set(c, mask, bits, i, 0);
      }
      clearAbove(c, dst, n * bits / 64);
      for (int i = 0; i < X86Core.VECTOR_WORDS; i++) {
        c.v[mask + i] = 0;
      }
      return Outcome.OK;
    };
  }

  private static void clearAbove(X86Core c, int register, int words) {
    Arrays.fill(c.v, register + words, register + X86Core.VECTOR_WORDS, 0);
  }

  private static void spread(X86Core c, int mask, int bits, int n) {
    for (int i = 0; i < X86Core.VECTOR_WORDS * 64 / bits; i++) {
      X86Floats.set(c, mask, bits, i, i < n && isChosen(c, mask, bits, i) ? -1 : 0);
    }
  }

  private static long address(X86Core c, long w, long imm, int indexBits, int i) {
    long index = X86Floats.get(c, X86Vectors.at((int) imm & 15), indexBits, i);
    long offset = (indexBits == 32 ? (int) index : index) << (imm >> 8 & 3);
    long sum = c.r[Uop.c(w)] + offset;
    return ((imm & ADDRESS_32) != 0 ? X86Helpers.cut(sum, 2) : sum) + c.r[Uop.b(w)];
  }
}
