package dev.crosspatch.isa.x86;

import static dev.crosspatch.isa.x86.X86VectorMoves.set;

import dev.crosspatch.core.uop.Uop;

/// What moves elements about within 128 bits (SDM vol. 2, by mnemonic).
final class X86Shuffles {
  private X86Shuffles() {}

  /// Bits 8 * `bytes` and following of 128, with zeros from above; from below if negative.
  static void shift(X86Core c, int d, int b, int bytes) {
    long low = c.v[b];
    long high = c.v[b + 1];
    set(c, d, part(low, high, 8 * bytes), part(low, high, 8 * bytes + 64));
  }

  /// 64 bits from bit `at` on of `high:low`, which zeros surround.
  private static long part(long low, long high, int at) {
    return place(low, -at) | place(high, 64 - at);
  }

  private static long place(long word, int at) {
    return at <= -64 || at >= 64 ? 0 : at < 0 ? word >>> -at : word << at;
  }

  /// PALIGNR: 128 bits from a byte of `a:b` on.
  static void align(X86Core c, int d, int a, int b, int imm) {
    int at = 8 * (imm & 0xff);
    long low = part(c.v[b], c.v[b + 1], at) | part(c.v[a], c.v[a + 1], at - 128);
    long high = part(c.v[b], c.v[b + 1], at + 64) | part(c.v[a], c.v[a + 1], at - 64);
    set(c, d, low, high);
  }

  /// PSHUFB.
  static void bytes(X86Core c, int d, int a, int b, int imm) {
    set(c, d, bytes(c.v[a], c.v[a + 1], c.v[b]), bytes(c.v[a], c.v[a + 1], c.v[b + 1]));
  }

  /// Bytes of `high:low` with the numbers in `control`; zero where that is negative.
  static long bytes(long low, long high, long control) {
    long out = 0;
    for (int at = 0; at < 64; at += 8) {
      int from = (int) (control >>> at) & 0xff;
      long word = (from & 8) == 0 ? low : high;
      out |= from > 0x7f ? 0 : (word >>> (8 * (from & 7)) & 0xff) << at;
    }
    return out;
  }

  // ---- doublewords, words, quadwords

  private static long doubleword(X86Core c, int at, int i) {
    return c.v[at + (i >> 1 & 1)] >>> (32 * (i & 1)) & 0xffff_ffffL;
  }

  /// PSHUFD; VPERMILPS.
  static void doublewords(X86Core c, int d, int a, int b, int imm) {
    set(c, d, doubleword(c, b, imm & 3) | doubleword(c, b, imm >> 2 & 3) << 32,
        doubleword(c, b, imm >> 4 & 3) | doubleword(c, b, imm >> 6 & 3) << 32);
  }

  /// SHUFPS: two of `a`, two of `b`.
  static void single(X86Core c, int d, int a, int b, int imm) {
    set(c, d, doubleword(c, a, imm & 3) | doubleword(c, a, imm >> 2 & 3) << 32,
        doubleword(c, b, imm >> 4 & 3) | doubleword(c, b, imm >> 6 & 3) << 32);
  }

  /// SHUFPD: one of `a`, one of `b`.
  static void twice(X86Core c, int d, int a, int b, int imm) {
    set(c, d, c.v[a + (imm & 1)], c.v[b + (imm >> 1 & 1)]);
  }

  /// VPERMILPS, VPERMILPD by elements of `b`.
  static void doublewordsBy(X86Core c, int d, int a, int b, int imm) {
    set(c, d, doubleword(c, a, (int) c.v[b] & 3) | doubleword(c, a, (int) (c.v[b] >>> 32) & 3) << 32,
        doubleword(c, a, (int) c.v[b + 1] & 3) | doubleword(c, a, (int) (c.v[b + 1] >>> 32) & 3) << 32);
  }

  static void quadwordsBy(X86Core c, int d, int a, int b, int imm) {
    set(c, d, c.v[a + ((int) c.v[b] >> 1 & 1)], c.v[a + ((int) c.v[b + 1] >> 1 & 1)]);
  }

  private static long words(long word, int imm) {
    long out = 0;
    for (int i = 0; i < 4; i++) {
      out |= (word >>> (16 * (imm >> (2 * i) & 3)) & 0xffff) << (16 * i);
    }
    return out;
  }

  static void highWords(X86Core c, int d, int a, int b, int imm) {
    set(c, d, c.v[b], words(c.v[b + 1], imm));
  }

  static void lowWords(X86Core c, int d, int a, int b, int imm) {
    set(c, d, words(c.v[b], imm), c.v[b + 1]);
  }

  /// MOVSLDUP, MOVSHDUP, MOVDDUP.
  static long evenDoublewords(long a, long b) {
    return b << 32 | (b & 0xffff_ffffL);
  }

  static long oddDoublewords(long a, long b) {
    return b >>> 32 | (b & 0xffff_ffff_0000_0000L);
  }

  static void lowTwice(X86Core c, int d, int a, int b, int imm) {
    set(c, d, c.v[b], c.v[b]);
  }

  // ---- unpacking and packing

  /// PUNPCKLBW and kin: elements of `a` and `b` in turn, from their low quadwords (`half` 0) or their high ones (1).
  static X86Lane interleave(int bits, int half) {
    long mask = bits == 64 ? -1 : (1L << bits) - 1;
    return (c, d, a, b, imm) -> {
      long one = c.v[a + half];
      long other = c.v[b + half];
      if (bits == 64) {
        set(c, d, one, other);
        return;
      }
      long[] out = new long[2];
      for (int at = 0; at < 64; at += bits) {
        long pair = (one >>> at & mask) | (other >>> at & mask) << bits;
        out[at >> 5] |= pair << (2 * (at & 31));
      }
      set(c, d, out[0], out[1]);
    };
  }

  /// PACKSSWB and kin: elements of `bits` bits, taken as signed, to half as many bits, with saturation.
  static X86Lane pack(int bits, boolean signed) {
    int half = bits / 2;
    long least = signed ? -(1L << (half - 1)) : 0;
    long most = signed ? (1L << (half - 1)) - 1 : (1L << half) - 1;
    return (c, d, a, b, imm) -> {
      long low = packed(c.v[a], bits, least, most) | packed(c.v[a + 1], bits, least, most) << 32;
      set(c, d, low, packed(c.v[b], bits, least, most) | packed(c.v[b + 1], bits, least, most) << 32);
    };
  }

  private static long packed(long word, int bits, long least, long most) {
    long out = 0;
    for (int at = 0; at < 64; at += bits) {
      long value = word << (64 - bits - at) >> (64 - bits);
      out |= (Math.max(least, Math.min(most, value)) & (1L << (bits / 2)) - 1) << (at / 2);
    }
    return out;
  }

  /// PMOVSXBW and kin: the lowest elements, widened.
  static X86Vectors.Whole widen(int from, int to, boolean signed) {
    return (c, d, a, b, words, imm) -> {
      for (int i = 0; i < words; i++) {
        long out = 0;
        for (int at = 0; at < 64; at += to) {
          int bit = (64 * i + at) / to * from;
          long high = c.v[b + (bit >> 6)] << (64 - from - (bit & 63));
          long value = signed ? high >> (64 - from) : high >>> (64 - from);
          out |= (to == 64 ? value : value & (1L << to) - 1) << at;
        }
        c.v[d + i] = out;
      }
    };
  }

  // ---- across 128 bits

  static X86Vectors.Whole broadcast(int bits) {
    return (c, d, a, b, words, imm) -> {
      long out = 0;
      for (int at = 0; at < 64; at += bits) {
        out |= X86Floats.get(c, b, bits, 0) << at;
      }
      for (int i = 0; i < words; i++) {
        c.v[d + i] = out;
      }
    };
  }

  /// VPERMD: doublewords of `b` with the numbers in `a`.
  static void permuteDoublewords(X86Core c, int d, int a, int b, int words, int imm) {
    for (int i = 0; i < 8; i++) {
      X86Floats.set(c, d, 32, i, X86Floats.get(c, b, 32, (int) X86Floats.get(c, a, 32, i) & 7));
    }
  }

  static void permuteQuadwords(X86Core c, int d, int a, int b, int words, int imm) {
    for (int i = 0; i < 4; i++) {
      c.v[d + i] = c.v[b + (imm >> (2 * i) & 3)];
    }
  }

  /// VPERM2F128: halves of `a` and `b`, or zeros.
  static void permuteHalves(X86Core c, int d, int a, int b, int words, int imm) {
    for (int i = 0; i < 2; i++) {
      int choice = imm >> (4 * i);
      int from = ((choice & 2) == 0 ? a : b) + 2 * (choice & 1);
      boolean zero = (choice & 8) != 0;
      set(c, d + 2 * i, zero ? 0 : c.v[from], zero ? 0 : c.v[from + 1]);
    }
  }

  // ---- blends

  /// Elements of `b` where the immediate has ones, else of `a`.
  static X86Lane blend(int bits) {
    int perWord = 64 / bits;
    return (c, d, a, b, imm) -> set(c, d, blended(c.v[a], c.v[b], bits, imm),
        blended(c.v[a + 1], c.v[b + 1], bits, imm >> perWord));
  }

  private static long blended(long a, long b, int bits, int chosen) {
    long mask = 0;
    for (int at = 0; at < 64; at += bits) {
      mask |= (chosen >> (at / bits) & 1) == 0 ? 0 : (bits == 64 ? -1 : (1L << bits) - 1) << at;
    }
    return (a & ~mask) | (b & mask);
  }

  /// PBLENDVB and kin: elements of `b` where those of a third register have their top bit set: XMM0, with VEX the one
  /// in bits 7:4 of the immediate.
  static X86Helper blendBy(int bits) {
    return (c, w, imm) -> {
      boolean vex = (Uop.flags(w) & X86Vectors.VEX) != 0;
      int mask = vex ? X86Vectors.at((int) imm >> 4 & 15) : 0;
      return X86Vectors.whole((core, d, a, b, words, i) -> {
        for (int k = 0; k < words; k++) {
          long chosen = spread(core.v[mask + k], bits);
          core.v[d + k] = (core.v[a + k] & ~chosen) | (core.v[b + k] & chosen);
        }
      }).run(c, w, imm);
    };
  }

  /// The top bit of each element in all its bits.
  static long spread(long word, int bits) {
    long out = 0;
    for (int at = 0; at < 64; at += bits) {
      out |= word << (64 - bits - at) >> 63 << (64 - bits) >>> (64 - bits - at);
    }
    return out;
  }

  /// INSERTPS: a doubleword of `b` (the one there is, if it is memory) in place of one of `a`; some are cleared.
  static int insert(X86Core c, long w, long imm) {
    boolean memory = (Uop.flags(w) & X86Vectors.MEMORY) != 0;
    return X86Vectors.whole((core, d, a, b, words, i) -> {
      long value = doubleword(core, b, memory ? 0 : i >> 6 & 3);
      for (int k = 0; k < 2; k++) {
        long out = 0;
        for (int n = 2 * k; n < 2 * k + 2; n++) {
          long element = n == (i >> 4 & 3) ? value : doubleword(core, a, n);
          out |= (i >> n & 1) != 0 ? 0 : element << (32 * (n & 1));
        }
        core.v[d + k] = out;
      }
    }).run(c, w, imm);
  }
}
