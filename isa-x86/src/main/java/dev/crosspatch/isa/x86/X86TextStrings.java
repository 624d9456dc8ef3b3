package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.core.uop.Uop;

/// PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM (SDM vol. 2B 4.1): two strings of bytes or words in 128 bits each,
/// compared as the immediate says.
final class X86TextStrings {
  private X86TextStrings() {}

  // ---- bits of the immediate
  private static final int WORDS = 1;
  private static final int SIGNED = 2;
  private static final int AGGREGATION = 12;
  private static final int EQUAL_ANY = 0;
  private static final int RANGES = 4;
  private static final int EQUAL_EACH = 8;
  private static final int NEGATIVE = 16;
  private static final int MASKED = 32;
  private static final int HIGHEST = 64;
  private static final int EXPANDED = 64;
  /// Added by the emitter: lengths are 64 bits wide.
  static final int WIDE = 256;

  /// @param explicit lengths are in rAX and rDX; else a string ends before a zero
  /// @param index    the result is an index in ECX, else a mask in XMM0
  static X86Helper compare(boolean explicit, boolean index) {
    return (c, w, imm) -> {
      if (!X86Vectors.operands(c, w)) {
        return Outcome.FAULT;
      }
      int mode = (int) imm;
      int n = (mode & WORDS) != 0 ? 8 : 16;
      long[] a = elements(c, X86Vectors.first(w), mode);
      long[] b = elements(c, X86Vectors.second(w), mode);
      int lengthA = explicit ? length(c.r[X86Core.RAX], n, mode) : length(a);
      int lengthB = explicit ? length(c.r[X86Core.RDX], n, mode) : length(b);
      int result = polarity(aggregate(a, b, lengthA, lengthB, mode), n, lengthB, mode);
      c.flags.set((result != 0 ? Flags.CF : 0) | (lengthB < n ? Flags.ZF : 0) | (lengthA < n ? Flags.SF : 0)
          | ((result & 1) != 0 ? Flags.OF : 0));
      if (index) {
        boolean highest = (mode & HIGHEST) != 0;
        c.r[X86Core.RCX] = result == 0 ? n
            : highest ? 31 - Integer.numberOfLeadingZeros(result) : Integer.numberOfTrailingZeros(result);
        return Outcome.OK;
      }
      return mask(c, w, result, mode);
    };
  }

  private static long[] elements(X86Core c, int at, int mode) {
    int bits = (mode & WORDS) != 0 ? 16 : 8;
    long[] out = new long[128 / bits];
    for (int i = 0; i < out.length; i++) {
      long value = X86Floats.get(c, at, bits, i);
      out[i] = (mode & SIGNED) != 0 ? value << (64 - bits) >> (64 - bits) : value;
    }
    return out;
  }

  private static int length(long[] text) {
    int n = 0;
    while (n < text.length && text[n] != 0) {
      n++;
    }
    return n;
  }

  private static int length(long register, int n, int mode) {
    long value = (mode & WIDE) != 0 ? register : (int) register;
    return value > n || value < -n ? n : (int) Math.abs(value);
  }

  private static int aggregate(long[] a, long[] b, int lengthA, int lengthB, int mode) {
    int result = 0;
    for (int j = 0; j < b.length; j++) {
      boolean holds = switch (mode & AGGREGATION) {
        case EQUAL_ANY -> j < lengthB && isAny(a, lengthA, b[j]);
        case RANGES -> j < lengthB && isInRange(a, lengthA, b[j]);
        case EQUAL_EACH -> (j < lengthA && j < lengthB) ? a[j] == b[j] : j >= lengthA && j >= lengthB;
        default -> beginsAt(a, b, lengthA, lengthB, j);
      };
      result |= holds ? 1 << j : 0;
    }
    return result;
  }

  private static boolean isAny(long[] a, int length, long value) {
    boolean any = false;
    for (int i = 0; i < length; i++) {
      any |= a[i] == value;
    }
    return any;
  }

  private static boolean isInRange(long[] a, int length, long value) {
    boolean any = false;
    for (int i = 0; i + 1 < length; i += 2) {
      any |= value >= a[i] && value <= a[i + 1];
    }
    return any;
  }

  /// Whether `a`, as far as there is room, stands in `b` from `j` on.
  private static boolean beginsAt(long[] a, long[] b, int lengthA, int lengthB, int j) {
    for (int i = 0; i < lengthA && i + j < b.length; i++) {
      if (i + j >= lengthB || a[i] != b[i + j]) {
        return false;
      }
    }
    return true;
  }

  private static int polarity(int result, int n, int lengthB, int mode) {
    if ((mode & NEGATIVE) == 0) {
      return result;
    }
    return result ^ (1 << ((mode & MASKED) != 0 ? lengthB : n)) - 1;
  }

  private static int mask(X86Core c, long w, int result, int mode) {
    if ((mode & EXPANDED) == 0) {
      return X86Vectors.write(c, w, result, 0);
    }
    int bits = (mode & WORDS) != 0 ? 16 : 8;
    int at = X86Vectors.dst(w);
    for (int i = 0; i < 128 / bits; i++) {
      X86Floats.set(c, at, bits, i, -(result >> i & 1));
    }
    return X86Vectors.written(c, w);
  }
}
