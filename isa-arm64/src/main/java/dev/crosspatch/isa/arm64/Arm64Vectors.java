package dev.crosspatch.isa.arm64;

import static dev.crosspatch.core.uop.Uop.*;
import static dev.crosspatch.isa.arm64.Arm64Packed.even;
import static dev.crosspatch.isa.arm64.Arm64Packed.evenPlaces;
import static dev.crosspatch.isa.arm64.Arm64Packed.lowHalves;
import static dev.crosspatch.isa.arm64.Arm64Packed.narrow;
import static dev.crosspatch.isa.arm64.Arm64Packed.odd;
import static dev.crosspatch.isa.arm64.Arm64Packed.replicate;
import static dev.crosspatch.isa.arm64.Arm64Packed.widen;

import dev.crosspatch.core.cpu.Outcome;

/// What SIMD instructions do with registers: a method gives the helper of every instruction of a shape, made of what it
/// does with an element ([Arm64Packed]). In the micro-op's word `dst`, `a`, `b` and `c` number vector registers, and
/// `width` is log2 of an element's bytes, that of the narrower ones where there are two kinds.
final class Arm64Vectors {
  private Arm64Vectors() {}

  /// Flags of the micro-op: 128 bits rather than 64; one element.
  static final int QUAD = 1;

  static final int SCALAR = 2;

  static boolean quad(long w) {
    return (flags(w) & QUAD) != 0;
  }

  private static boolean scalar(long w) {
    return (flags(w) & SCALAR) != 0;
  }

  /// How many bits of the low words an instruction works on, whose elements have `1 << size` bytes.
  private static int bits(long w, int size) {
    return scalar(w) ? 8 << size : 64;
  }

  /// Writes register `d`.
  static int put(Arm64Core core, int d, long low, long high) {
    core.v[2 * d] = low;
    core.v[2 * d + 1] = high;
    return Outcome.OK;
  }

  /// Element `i` of register `n`.
  static long element(Arm64Core core, int n, int i, int size) {
    int bit = i << (3 + size);
    return core.v[2 * n + (bit >> 6)] >>> bit << (64 - (8 << size)) >>> (64 - (8 << size));
  }

  /// Writes element `i` of register `d` and leaves the others.
  static void setElement(Arm64Core core, int d, int i, int size, long value) {
    int bit = i << (3 + size);
    int word = 2 * d + (bit >> 6);
    long mask = -1L >>> (64 - (8 << size)) << bit;
    core.v[word] = (core.v[word] & ~mask) | (value << bit & mask);
  }

  // ---- the second operand

  /// Gives a word of it, in elements of `size`.
  interface Second {
    long word(Arm64Core core, long w, long imm, int part, int size);

    /// A register.
    Second REGISTER = (core, w, imm, part, size) -> core.v[2 * b(w) + part];
    /// A number.
    Second IMMEDIATE = (core, w, imm, part, size) -> replicate(imm, size);
    /// One element of a register.
    Second ELEMENT = (core, w, imm, part, size) -> replicate(element(core, b(w), (int) imm, size), size);
  }

  // ---- shapes

  /// All elements of one size.
  static Arm64Helper same(Second second, Arm64Packed op) {
    return (core, w, imm) -> {
      int size = width(w);
      int n = 2 * a(w);
      int d = 2 * dst(w);
      long low = op.of(core, core.v[d], core.v[n], second.word(core, w, imm, 0, size), size, bits(w, size));
      long high = quad(w)
          ? op.of(core, core.v[d + 1], core.v[n + 1], second.word(core, w, imm, 1, size), size, 64) : 0;
      return put(core, dst(w), low, high);
    };
  }

  /// Operands of one half of a register, the upper with [#QUAD]; results of twice the size.
  static Arm64Helper widening(Second second, boolean signed, Arm64Packed op) {
    return (core, w, imm) -> {
      int size = width(w) + 1;
      int part = quad(w) ? 1 : 0;
      int d = 2 * dst(w);
      long n = core.v[2 * a(w) + part];
      long m = second.word(core, w, imm, part, size - 1);
      long low = op.of(core, core.v[d], widen(n, size, signed), widen(m, size, signed), size, bits(w, size));
      long high = scalar(w) ? 0
          : op.of(core, core.v[d + 1], widen(n >>> 32, size, signed), widen(m >>> 32, size, signed), size, 64);
      return put(core, dst(w), low, high);
    };
  }

  /// As above, of which the first operand is as wide as the result.
  static Arm64Helper wide(boolean signed, Arm64Packed op) {
    return (core, w, imm) -> {
      int size = width(w) + 1;
      int n = 2 * a(w);
      long m = core.v[2 * b(w) + (quad(w) ? 1 : 0)];
      long low = op.of(core, 0, core.v[n], widen(m, size, signed), size, 64);
      long high = op.of(core, 0, core.v[n + 1], widen(m >>> 32, size, signed), size, 64);
      return put(core, dst(w), low, high);
    };
  }

  /// Results of half the size, in the upper half with [#QUAD], the lower one being left.
  static Arm64Helper narrowing(Second second, Arm64Packed op) {
    return (core, w, imm) -> {
      int size = width(w) + 1;
      int n = 2 * a(w);
      long low = op.of(core, 0, core.v[n], second.word(core, w, imm, 0, size), size, bits(w, size));
      long high = scalar(w) ? 0 : op.of(core, 0, core.v[n + 1], second.word(core, w, imm, 1, size), size, 64);
      long half = narrow(low, size) | narrow(high, size) << 32;
      return quad(w) ? put(core, dst(w), core.v[2 * dst(w)], half) : put(core, dst(w), half, 0);
    };
  }

  /// Adjacent elements, of the first operand and then of the second.
  static Arm64Helper pairwise(Arm64Packed op) {
    return (core, w, imm) -> {
      int n = 2 * a(w);
      int m = 2 * b(w);
      return quad(w)
          ? put(core, dst(w), pairs(core, op, core.v[n], core.v[n + 1], width(w), 64),
              pairs(core, op, core.v[m], core.v[m + 1], width(w), 64))
          : put(core, dst(w), pairs(core, op, core.v[n], core.v[m], width(w), 64), 0);
    };
  }

  /// The two elements of a register.
  static Arm64Helper pair(Arm64Packed op) {
    return (core, w, imm) -> {
      int n = 2 * a(w);
      return put(core, dst(w), pairs(core, op, core.v[n], core.v[n + 1], width(w), 8 << width(w)), 0);
    };
  }

  private static long pairs(Arm64Core core, Arm64Packed op, long low, long high, int size, int bits) {
    return op.of(core, 0, even(low, high, size), odd(low, high, size), size, bits);
  }

  /// Adjacent elements of the one operand; results of twice the size.
  static Arm64Helper pairwiseLong(boolean signed, Arm64Packed op) {
    return (core, w, imm) -> {
      int n = 2 * a(w);
      int d = 2 * dst(w);
      long low = longPairs(core, op, core.v[d], core.v[n], width(w), signed);
      long high = quad(w) ? longPairs(core, op, core.v[d + 1], core.v[n + 1], width(w), signed) : 0;
      return put(core, dst(w), low, high);
    };
  }

  private static long longPairs(Arm64Core core, Arm64Packed op, long d, long n, int size, boolean signed) {
    return op.of(core, d, lowHalves(n, size + 1, signed), lowHalves(n >>> (8 << size), size + 1, signed), size + 1, 64);
  }

  /// All elements of a register: pairs, pairs of the results, and so on (Reduce).
  static Arm64Helper across(Arm64Packed op) {
    return (core, w, imm) ->
        put(core, dst(w), reduce(core, op, core.v[2 * a(w)], core.v[2 * a(w) + 1], width(w), quad(w)), 0);
  }

  /// As above, with results of twice the size.
  static Arm64Helper acrossLong(boolean signed, Arm64Packed op) {
    return (core, w, imm) -> {
      int n = 2 * a(w);
      long low = longPairs(core, op, 0, core.v[n], width(w), signed);
      long high = longPairs(core, op, 0, core.v[n + 1], width(w), signed);
      return put(core, dst(w), reduce(core, op, low, high, width(w) + 1, quad(w)), 0);
    };
  }

  private static long reduce(Arm64Core core, Arm64Packed op, long low, long high, int size, boolean quad) {
    long result = quad ? pairs(core, op, low, high, size, 64) : low;
    for (int bits = 32; bits >= 8 << size; bits >>= 1) {
      result = pairs(core, op, result, 0, size, bits);
    }
    return result;
  }

  // ---- permutations

  /// UZP1, UZP2: even or odd elements of the two operands, one behind the other.
  static int uzp(Arm64Core core, long w, long imm) {
    int n = 2 * a(w);
    int m = 2 * b(w);
    int size = width(w);
    if (!quad(w)) {
      return put(core, dst(w), unzip(core.v[n], core.v[m], size, imm), 0);
    }
    return put(core, dst(w), unzip(core.v[n], core.v[n + 1], size, imm), unzip(core.v[m], core.v[m + 1], size, imm));
  }

  private static long unzip(long low, long high, int size, long odd) {
    return odd != 0 ? odd(low, high, size) : even(low, high, size);
  }

  /// ZIP1, ZIP2: elements of the lower or upper halves of the two operands in turn.
  static int zip(Arm64Core core, long w, long imm) {
    int n = 2 * a(w);
    int m = 2 * b(w);
    int size = width(w);
    if (!quad(w)) {
      int shift = imm != 0 ? 32 : 0;
      return put(core, dst(w), Arm64Packed.zip(core.v[n] >>> shift, core.v[m] >>> shift, size), 0);
    }
    long first = core.v[n + (int) imm];
    long second = core.v[m + (int) imm];
    return size == 3 ? put(core, dst(w), first, second)
        : put(core, dst(w), Arm64Packed.zip(first, second, size),
            Arm64Packed.zip(first >>> 32, second >>> 32, size));
  }

  /// TRN1, TRN2: even or odd elements of the two operands in turn.
  static int trn(Arm64Core core, long w, long imm) {
    int n = 2 * a(w);
    int m = 2 * b(w);
    int size = width(w);
    if (size == 3) {
      return put(core, dst(w), core.v[n + (int) imm], core.v[m + (int) imm]);
    }
    long low = transpose(core.v[n], core.v[m], size, imm);
    return put(core, dst(w), low, quad(w) ? transpose(core.v[n + 1], core.v[m + 1], size, imm) : 0);
  }

  private static long transpose(long n, long m, int size, long odd) {
    int bits = 8 << size;
    long even = evenPlaces(size);
    return odd != 0 ? (n >>> bits & even) | (m & ~even) : (n & even) | (m & even) << bits;
  }

  /// EXT: bytes from `imm` on of the two operands, one behind the other.
  static int ext(Arm64Core core, long w, long imm) {
    long[] words = {core.v[2 * a(w)], core.v[2 * a(w) + 1], core.v[2 * b(w)], core.v[2 * b(w) + 1]};
    if (!quad(w)) {
      words[1] = words[2];
    }
    int first = (int) imm >> 3;
    int shift = 8 * ((int) imm & 7);
    long low = bytes(words[first], words[first + 1], shift);
    return put(core, dst(w), low, quad(w) ? bytes(words[first + 1], words[Math.min(3, first + 2)], shift) : 0);
  }

  private static long bytes(long low, long high, int shift) {
    return shift == 0 ? low : low >>> shift | high << (64 - shift);
  }

  /// TBL, TBX: bytes of a table of `imm` registers from `a` on, by the indices in `b`; where there is no such byte, 0
  /// or ([#KEEP]) what the destination has.
  static int tbl(Arm64Core core, long w, long imm) {
    long low = lookUp(core, w, core.v[2 * b(w)], core.v[2 * dst(w)]);
    long high = quad(w) ? lookUp(core, w, core.v[2 * b(w) + 1], core.v[2 * dst(w) + 1]) : 0;
    return put(core, dst(w), low, high);
  }

  /// TBX.
  static final int KEEP = 4;

  private static long lookUp(Arm64Core core, long w, long indices, long old) {
    int bytes = 16 * (c(w) + 1);
    long result = (flags(w) & KEEP) != 0 ? old : 0;
    for (int at = 0; at < 64; at += 8) {
      int index = (int) (indices >>> at) & 0xff;
      if (index < bytes) {
        long value = element(core, a(w) + (index >> 4) & 31, index & 15, 0);
        result = (result & ~(0xffL << at)) | value << at;
      }
    }
    return result;
  }

  // ---- copies

  /// DUP (element): element `imm` everywhere.
  static int dupElement(Arm64Core core, long w, long imm) {
    return everywhere(core, w, element(core, a(w), (int) imm, width(w)));
  }

  /// DUP (general).
  static int dupGeneral(Arm64Core core, long w, long imm) {
    return everywhere(core, w, core.r[a(w)]);
  }

  private static int everywhere(Arm64Core core, long w, long value) {
    if (scalar(w)) {
      return put(core, dst(w), value, 0);
    }
    long all = replicate(value, width(w));
    return put(core, dst(w), all, quad(w) ? all : 0);
  }

  /// INS (general), FMOV to the upper half: element `imm` becomes a general register.
  static int insertGeneral(Arm64Core core, long w, long imm) {
    setElement(core, dst(w), (int) imm, width(w), core.r[a(w)]);
    return Outcome.OK;
  }

  /// INS (element): element `imm` bits 7:0 becomes element bits 15:8 of another register.
  static int insertElement(Arm64Core core, long w, long imm) {
    setElement(core, dst(w), (int) imm & 0xff, width(w), element(core, a(w), (int) imm >> 8, width(w)));
    return Outcome.OK;
  }

  /// UMOV, FMOV: a general register becomes element `imm`.
  static int toGeneral(Arm64Core core, long w, long imm) {
    core.result(w, element(core, a(w), (int) imm, width(w)));
    return Outcome.OK;
  }

  /// SMOV to 64 bits or, with [#SCALAR], to 32.
  static int toGeneralSigned(Arm64Core core, long w, long imm) {
    int unused = 64 - (8 << width(w));
    long value = element(core, a(w), (int) imm, width(w)) << unused >> unused;
    core.result(w, scalar(w) ? value & 0xffff_ffffL : value);
    return Outcome.OK;
  }

  /// FMOV from a general register; the rest becomes zero.
  static int fromGeneral(Arm64Core core, long w, long imm) {
    return put(core, dst(w), core.r[a(w)] & -1L >>> (64 - (8 << width(w))), 0);
  }

  /// FCSEL: `a` if condition `imm` holds, else `b`.
  static int select(Arm64Core core, long w, long imm) {
    return put(core, dst(w), element(core, core.flags.test((int) imm) ? a(w) : b(w), 0, width(w)), 0);
  }

  // ---- immediates

  /// MOVI, MVNI, FMOV (immediate): every word becomes `imm`.
  static int set(Arm64Core core, long w, long imm) {
    return put(core, dst(w), imm, quad(w) ? imm : 0);
  }

  /// ORR (vector, immediate).
  static int setBits(Arm64Core core, long w, long imm) {
    int d = 2 * dst(w);
    return put(core, dst(w), core.v[d] | imm, quad(w) ? core.v[d + 1] | imm : 0);
  }

  /// BIC (vector, immediate).
  static int clearBits(Arm64Core core, long w, long imm) {
    int d = 2 * dst(w);
    return put(core, dst(w), core.v[d] & ~imm, quad(w) ? core.v[d + 1] & ~imm : 0);
  }
}
