package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Uop;

/// Moves of vectors, parts of them, and their elements.
final class X86VectorMoves {
  private X86VectorMoves() {}

  static final X86Helper MOVE = X86Vectors.lanes(X86Lane.words((a, b) -> b));
  /// The low quadword of `b`, the high one of `a`; low of `a` and low of `b`; high of `b` and high of `a`.
  static final X86Helper LOW = X86Vectors.lanes((c, d, a, b, imm) -> set(c, d, c.v[b], c.v[a + 1]));

  static final X86Helper HIGH = X86Vectors.lanes((c, d, a, b, imm) -> set(c, d, c.v[a], c.v[b]));
  static final X86Helper HIGH_TO_LOW = X86Vectors.lanes((c, d, a, b, imm) -> set(c, d, c.v[b + 1], c.v[a + 1]));
  static final X86Helper SINGLE = X86Vectors.lanes((c, d, a, b, imm) ->
      set(c, d, (c.v[a] & 0xffff_ffff_0000_0000L) | (c.v[b] & 0xffff_ffffL), c.v[a + 1]));
  static final X86Helper QUADWORD = X86Vectors.lanes((c, d, a, b, imm) -> set(c, d, c.v[b], 0));
  static final X86Helper LOAD = X86Vectors.lanes((c, d, a, b, imm) -> set(c, d, c.v[b], c.v[b + 1]));
  static final X86Helper STORE = X86VectorMoves::store;

  static void set(X86Core c, int d, long low, long high) {
    c.v[d] = low;
    c.v[d + 1] = high;
  }

  static int store(X86Core c, long w, long imm) {
    return X86Vectors.ready(c, w) ? X86Vectors.store(c, w, X86Vectors.first(w)) : Outcome.FAULT;
  }

  /// Before what is computed to be stored: on AMD's CPUs a store that cannot be made faults before the computation
  /// does, on Intel's behind it, and MXCSR tells of both.
  static int probe(X86Core c, long w, long imm) {
    return X86Vectors.ready(c, w)
        && (!c.amd || X86Vectors.allWritable(c, c.r[Uop.c(w)], 1 << Uop.width(w))) ? Outcome.OK : Outcome.FAULT;
  }

  static int storeHigh(X86Core c, long w, long imm) {
    return X86Vectors.ready(c, w) ? X86Vectors.store(c, w, X86Vectors.first(w) + 1) : Outcome.FAULT;
  }

  /// MASKMOVDQU: bytes of `a` whose byte of `b` has its top bit set, to RDI, each for itself; nothing else is accessed,
  /// but on AMD's CPUs all must be writable, even if no byte is stored (as on Zen 3; the manuals leave that open).
  static int maskMove(X86Core c, long w, long imm) {
    if (!X86Vectors.ready(c, w)) {
      return Outcome.FAULT;
    }
    return storeChosen(c, c.r[Uop.c(w)], X86Vectors.first(w), (int) mask(c, X86Vectors.second(w), 2, 8), 16);
  }

  /// Stores those of the bytes from word `a` on that `chosen` has bits of.
  ///
  /// @param whole bytes of the operand
  static int storeChosen(X86Core c, long va, int a, int chosen, int whole) {
    if (c.amd && !X86Vectors.allWritable(c, va, whole)) {
      return Outcome.FAULT;
    }
    int first = Integer.numberOfTrailingZeros(chosen);
    int bytes = 32 - Integer.numberOfLeadingZeros(chosen) - first;
    if (chosen != 0 && !X86Vectors.writable(c, va + first, bytes)) {
      return Outcome.FAULT;
    }
    for (int i = 0; i < whole; i++) {
      if ((chosen >> i & 1) != 0 && !c.store(va + i, element(c, a, 0, i), 0, 0)) {
        return Outcome.FAULT;
      }
    }
    return Outcome.OK;
  }

  static int fromGeneral(X86Core c, long w, long imm) {
    if (!X86Vectors.operands(c, w)) {
      return Outcome.FAULT;
    }
    return X86Vectors.write(c, w, X86Helpers.cut(X86Vectors.general(c, w), Uop.width(w)), 0);
  }

  // ---- elements of `8 << width` bits

  /// The element of the 128 bits from word `at` on with number `imm`, modulo how many there are.
  static long element(X86Core c, int at, int width, int imm) {
    int bit = (imm & (16 >> width) - 1) * (8 << width);
    return X86Helpers.cut(c.v[at + (bit >> 6)] >>> (bit & 63), width);
  }

  static int element(X86Core c, long w, long imm) {
    if (!X86Vectors.ready(c, w)) {
      return Outcome.FAULT;
    }
    c.r[Uop.dst(w)] = element(c, X86Vectors.first(w), Uop.width(w), (int) imm);
    return Outcome.OK;
  }

  static int storeElement(X86Core c, long w, long imm) {
    if (!X86Vectors.ready(c, w)) {
      return Outcome.FAULT;
    }
    int at = X86Vectors.at(X86Vectors.RESULT);
    c.v[at] = element(c, X86Vectors.first(w), Uop.width(w), (int) imm);
    return X86Vectors.store(c, w, at);
  }

  /// VEXTRACTF128: a half of `a`.
  static int half(X86Core c, long w, long imm) {
    if (!X86Vectors.ready(c, w)) {
      return Outcome.FAULT;
    }
    int from = X86Vectors.first(w) + 2 * ((int) imm & 1);
    return X86Vectors.write(c, w, c.v[from], c.v[from + 1]);
  }

  static int storeHalf(X86Core c, long w, long imm) {
    return X86Vectors.ready(c, w)
        ? X86Vectors.store(c, w, X86Vectors.first(w) + 2 * ((int) imm & 1)) : Outcome.FAULT;
  }

  /// `a` with an element replaced by the low bits of a general register, or memory.
  static X86Helper insert(int width) {
    return (c, w, imm) -> {
      if (!X86Vectors.operands(c, w)) {
        return Outcome.FAULT;
      }
      int bit = ((int) imm & (16 >> width) - 1) * (8 << width);
      long value = X86Vectors.general(c, w);
      long low = c.v[X86Vectors.first(w)];
      long high = c.v[X86Vectors.first(w) + 1];
      return bit < 64 ? X86Vectors.write(c, w, replaced(low, bit, width, value), high)
          : X86Vectors.write(c, w, low, replaced(high, bit - 64, width, value));
    };
  }

  /// `word` with the low `8 << width` bits of `value` from `bit` on.
  static long replaced(long word, int bit, int width, long value) {
    long mask = X86Helpers.cut(-1, width) << bit;
    return (word & ~mask) | (value << bit & mask);
  }

  /// The top bits of all elements of `bits` bits.
  static X86Helper mask(int bits) {
    return X86Vectors.toGeneral((c, b, words, imm) -> mask(c, b, words, bits));
  }

  static long mask(X86Core c, int b, int words, int bits) {
    long out = 0;
    int n = 0;
    for (int i = 0; i < words; i++) {
      for (int at = bits - 1; at < 64; at += bits) {
        out |= (c.v[b + i] >>> at & 1) << n++;
      }
    }
    return out;
  }
}
