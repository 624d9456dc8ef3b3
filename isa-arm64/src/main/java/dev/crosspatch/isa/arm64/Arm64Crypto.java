package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.Uop.*;
import static dev.crosspatch.isa.arm64.Arm64Vectors.element;
import static dev.crosspatch.isa.arm64.Arm64Vectors.put;

/// The Cryptographic Extension: AES, SHA-1, SHA-256, and products of polynomials of 64 bits. Source: DDI0487 C7.2; FIPS
/// 197 and 180-4 for what the operations are part of.
final class Arm64Crypto {
  private Arm64Crypto() {}

  // ---- AES. The state is 16 bytes, the columns one behind the other.

  private static final byte[] SUBSTITUTION = substitution();
  private static final byte[] INVERSE = inverse();

  /// The S-box: the multiplicative inverse, then an affine map (FIPS 197, 5.1.1).
  private static byte[] substitution() {
    byte[] box = new byte[256];
    int p = 1;
    int q = 1;
    do { // p runs through all products of 3, q is its inverse
      p = p ^ (p << 1 & 0xff) ^ ((p & 0x80) != 0 ? 0x1b : 0);
      q ^= q << 1;
      q ^= q << 2;
      q ^= q << 4;
      q = (q & 0xff) ^ ((q & 0x80) != 0 ? 0x09 : 0);
      box[p] = (byte) (q ^ rotate(q, 1) ^ rotate(q, 2) ^ rotate(q, 3) ^ rotate(q, 4) ^ 0x63);
    } while (p != 1);
    box[0] = 0x63;
    return box;
  }

  private static int rotate(int eight, int by) {
    return (eight << by | eight >> (8 - by)) & 0xff;
  }

  private static byte[] inverse() {
    byte[] box = new byte[256];
    for (int i = 0; i < 256; i++) {
      box[SUBSTITUTION[i] & 0xff] = (byte) i;
    }
    return box;
  }

  private static int at(long low, long high, int i) {
    return (int) ((i < 8 ? low : high) >>> (8 * (i & 7))) & 0xff;
  }

  /// AESE, AESD: adds the key, shifts the rows and substitutes.
  static int aese(Arm64Core core, long w, long imm) {
    return round(core, w, SUBSTITUTION, 5);
  }

  static int aesd(Arm64Core core, long w, long imm) {
    return round(core, w, INVERSE, 13);
  }

  /// @param step how far apart the bytes of a shifted column were
  private static int round(Arm64Core core, long w, byte[] box, int step) {
    int d = 2 * dst(w);
    int n = 2 * a(w);
    long low = core.v[d] ^ core.v[n];
    long high = core.v[d + 1] ^ core.v[n + 1];
    long[] result = new long[2];
    for (int i = 0; i < 16; i++) {
      result[i >> 3] |= (box[at(low, high, i * step & 15)] & 0xffL) << (8 * (i & 7));
    }
    return put(core, dst(w), result[0], result[1]);
  }

  /// AESMC, AESIMC: every column times a polynomial, whose coefficients are the bytes of `imm`, the lowest first.
  static int mixColumns(Arm64Core core, long w, long imm) {
    int n = 2 * a(w);
    return put(core, dst(w), mix(core.v[n], imm), mix(core.v[n + 1], imm));
  }

  private static long mix(long columns, long polynomial) {
    long result = 0;
    for (int i = 0; i < 8; i++) {
      int sum = 0;
      for (int j = 0; j < 4; j++) {
        int from = (i & 4) | (j & 3);
        sum ^= times((int) (columns >>> (8 * from)) & 0xff, (int) (polynomial >>> (8 * (i - j & 3))) & 0xff);
      }
      result |= (long) sum << (8 * i);
    }
    return result;
  }

  /// In GF(2^8), modulo x^8 + x^4 + x^3 + x + 1.
  private static int times(int a, int b) {
    int product = 0;
    for (int x = a, y = b; y != 0; x = x << 1 ^ ((x & 0x80) != 0 ? 0x11b : 0), y >>= 1) {
      product ^= (y & 1) != 0 ? x : 0;
    }
    return product;
  }

  // ---- products of polynomials

  /// PMULL of 64 bits.
  static int pmull(Arm64Core core, long w, long imm) {
    int part = Arm64Vectors.quad(w) ? 1 : 0;
    long n = core.v[2 * a(w) + part];
    long m = core.v[2 * b(w) + part];
    long low = 0;
    long high = 0;
    for (int i = 0; i < 64; i++) {
      long chosen = -(m >>> i & 1);
      low ^= n << i & chosen;
      high ^= i == 0 ? 0 : n >>> (64 - i) & chosen;
    }
    return put(core, dst(w), low, high);
  }

  // ---- SHA-1

  /// A function of three words, by which the rounds differ.
  interface Mixing {
    int of(int x, int y, int z);
  }

  static int choose(int x, int y, int z) {
    return ((y ^ z) & x) ^ z;
  }

  static int parity(int x, int y, int z) {
    return x ^ y ^ z;
  }

  static int majority(int x, int y, int z) {
    return (x & y) | ((x | y) & z);
  }

  private static int word(Arm64Core core, int register, int i) {
    return (int) element(core, register, i, 2);
  }

  private static int putWords(Arm64Core core, int d, int w0, int w1, int w2, int w3) {
    return put(core, d, (w0 & 0xffff_ffffL) | (long) w1 << 32, (w2 & 0xffff_ffffL) | (long) w3 << 32);
  }

  /// SHA1C, SHA1P, SHA1M: four rounds.
  static Arm64Helper sha1(Mixing mixing) {
    return (core, w, imm) -> {
      int[] x = {word(core, dst(w), 0), word(core, dst(w), 1), word(core, dst(w), 2), word(core, dst(w), 3)};
      int y = word(core, a(w), 0);
      for (int e = 0; e < 4; e++) {
        y += Integer.rotateLeft(x[0], 5) + mixing.of(x[1], x[2], x[3]) + word(core, b(w), e);
        int next = y;
        y = x[3];
        x[3] = x[2];
        x[2] = Integer.rotateLeft(x[1], 30);
        x[1] = x[0];
        x[0] = next;
      }
      return putWords(core, dst(w), x[0], x[1], x[2], x[3]);
    };
  }

  static int sha1h(Arm64Core core, long w, long imm) {
    return putWords(core, dst(w), Integer.rotateLeft(word(core, a(w), 0), 30), 0, 0, 0);
  }

  static int sha1su0(Arm64Core core, long w, long imm) {
    int d = 2 * dst(w);
    long low = core.v[d + 1] ^ core.v[d] ^ core.v[2 * b(w)];
    long high = core.v[2 * a(w)] ^ core.v[d + 1] ^ core.v[2 * b(w) + 1];
    return put(core, dst(w), low, high);
  }

  static int sha1su1(Arm64Core core, long w, long imm) {
    int[] t = new int[4];
    for (int i = 0; i < 4; i++) {
      t[i] = Integer.rotateLeft(word(core, dst(w), i) ^ (i < 3 ? word(core, a(w), i + 1) : 0), 1);
    }
    return putWords(core, dst(w), t[0], t[1], t[2], t[3] ^ Integer.rotateLeft(t[0], 1));
  }

  // ---- SHA-256

  /// SHA256H (`first`), SHA256H2: one half of what four rounds leave.
  static Arm64Helper sha256(boolean first) {
    return (core, w, imm) -> {
      int x = first ? dst(w) : a(w);
      int y = first ? a(w) : dst(w);
      int[] s = new int[8]; // a to h
      for (int i = 0; i < 4; i++) {
        s[i] = word(core, x, i);
        s[4 + i] = word(core, y, i);
      }
      for (int e = 0; e < 4; e++) {
        round(s, word(core, b(w), e));
      }
      int from = first ? 0 : 4;
      return putWords(core, dst(w), s[from], s[from + 1], s[from + 2], s[from + 3]);
    };
  }

  private static void round(int[] s, int word) {
    int t = s[7] + sum(s[4], 6, 11, 25) + choose(s[4], s[5], s[6]) + word;
    int u = t + sum(s[0], 2, 13, 22) + majority(s[0], s[1], s[2]);
    System.arraycopy(s, 0, s, 1, 7);
    s[4] += t;
    s[0] = u;
  }

  private static int sum(int x, int first, int second, int third) {
    return Integer.rotateRight(x, first) ^ Integer.rotateRight(x, second) ^ Integer.rotateRight(x, third);
  }

  static int sha256su0(Arm64Core core, long w, long imm) {
    int[] t = new int[4];
    for (int i = 0; i < 4; i++) {
      int next = i < 3 ? word(core, dst(w), i + 1) : word(core, a(w), 0);
      t[i] = word(core, dst(w), i) + (Integer.rotateRight(next, 7) ^ Integer.rotateRight(next, 18) ^ next >>> 3);
    }
    return putWords(core, dst(w), t[0], t[1], t[2], t[3]);
  }

  static int sha256su1(Arm64Core core, long w, long imm) {
    int[] t = new int[4];
    for (int i = 0; i < 4; i++) {
      int before = i < 2 ? word(core, b(w), i + 2) : t[i - 2];
      int added = i < 3 ? word(core, a(w), i + 1) : word(core, b(w), 0);
      t[i] = word(core, dst(w), i) + (Integer.rotateRight(before, 17) ^ Integer.rotateRight(before, 19) ^ before >>> 10)
          + added;
    }
    return putWords(core, dst(w), t[0], t[1], t[2], t[3]);
  }
}
