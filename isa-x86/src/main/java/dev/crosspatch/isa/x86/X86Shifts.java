package dev.crosspatch.isa.x86;

import static dev.crosspatch.isa.x86.X86Helpers.cut;
import static dev.crosspatch.isa.x86.X86Helpers.msb;
import static dev.crosspatch.isa.x86.X86Helpers.resultFlags;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.core.uop.Uop;

/// Rotates through carry and double shifts (SDM vol. 2B RCL/RCR/ROL/ROR, SHLD, SHRD); the others are micro-ops.
///
/// The count is the low 5 bits (6 for 64-bit operands) of register `b` plus the immediate; a count of 0 changes no
/// flag. OF is defined for a count of 1 only; the same formula is used for every count. AF is undefined after shifts:
/// cleared.
final class X86Shifts {
  private X86Shifts() {}

  private static int count(X86Core c, long w, int register, long imm) {
    return (int) (c.r[register] + imm) & (Uop.width(w) == 3 ? 63 : 31);
  }

  private static int count(X86Core c, long w, long imm) {
    return count(c, w, Uop.b(w), imm);
  }

  private static long operand(X86Core c, long w) {
    return cut(c.r[Uop.a(w)], Uop.width(w));
  }

  private static int unchanged(X86Core c, long w) {
    c.r[Uop.dst(w)] = operand(c, w);
    return Outcome.OK;
  }

  /// Writes a shift's result and all flags.
  private static int shifted(X86Core c, long w, long result, long carry, long overflow) {
    c.r[Uop.dst(w)] = result;
    c.flags.set(resultFlags(result, Uop.width(w)) | ((int) carry & 1) | ((int) overflow & 1) * Flags.OF);
    return Outcome.OK;
  }

  /// Writes a rotation's result, CF and OF; the other flags stay.
  private static int rotated(X86Core c, long w, long result, long carry, long overflow) {
    c.r[Uop.dst(w)] = result;
    int kept = c.flags.materialize() & ~(Flags.CF | Flags.OF);
    c.flags.set(kept | ((int) carry & 1) | ((int) overflow & 1) * Flags.OF);
    return Outcome.OK;
  }

  /// Bytes and words rotate through 9 and 17 bits, so the count is taken modulo that.
  private static int throughCarry(int n, int width) {
    return width < 2 ? n % ((8 << width) + 1) : n;
  }

  static int rcl(X86Core c, long w, long imm) {
    int width = Uop.width(w);
    int n = throughCarry(count(c, w, imm), width);
    if (n == 0) {
      return unchanged(c, w);
    }
    long a = operand(c, w);
    int carry = c.flags.carry() ? 1 : 0;
    for (int i = 0; i < n; i++) {
      int out = msb(a, width);
      a = cut(a << 1 | carry, width);
      carry = out;
    }
    return rotated(c, w, a, carry, msb(a, width) ^ carry);
  }

  static int rcr(X86Core c, long w, long imm) {
    int width = Uop.width(w);
    int n = throughCarry(count(c, w, imm), width);
    if (n == 0) {
      return unchanged(c, w);
    }
    long a = operand(c, w);
    int carry = c.flags.carry() ? 1 : 0;
    for (int i = 0; i < n; i++) {
      int out = (int) a & 1;
      a = a >>> 1 | (long) carry << ((8 << width) - 1);
      carry = out;
    }
    return rotated(c, w, a, carry, msb(a, width) ^ msb(a << 1, width));
  }

  /// A 16-bit count above 16 is undefined (SDM vol. 2B SHLD). Intel's CPUs go on with the destination's bits behind the
  /// source's (Bochs, cpu/shift16.cc), AMD's with the source's once more, and clear CF (measured on Zen 4).
  private static int shldTooFar(X86Core c, long w, long a, long filler, int n) {
    long wide = a << 32 | filler << 16 | (c.amd ? filler : a);
    long result = cut(wide << n >>> 32, 1);
    long carry = c.amd ? 0 : wide >>> (48 - n);
    return shifted(c, w, result, carry, c.amd ? 0 : carry ^ msb(result, 1));
  }

  /// As [#shldTooFar].
  private static int shrdTooFar(X86Core c, long w, long a, long filler, int n) {
    long wide = (c.amd ? filler : a) << 32 | filler << 16 | a;
    long result = cut(wide >>> n, 1);
    return shifted(c, w, result, c.amd ? 0 : wide >>> (n - 1), msb(result, 1) ^ msb(result << 1, 1));
  }

  static int shld(X86Core c, long w, long imm) {
    int width = Uop.width(w);
    int n = count(c, w, Uop.c(w), imm);
    if (n == 0) {
      return unchanged(c, w);
    }
    int size = 8 << width;
    long a = operand(c, w);
    long filler = cut(c.r[Uop.b(w)], width);
    if (n > size) {
      return shldTooFar(c, w, a, filler, n);
    }
    long result = cut(a << n | filler >>> (size - n), width);
    return shifted(c, w, result, a >>> (size - n), msb(a, width) ^ msb(result, width));
  }

  static int shrd(X86Core c, long w, long imm) {
    int width = Uop.width(w);
    int n = count(c, w, Uop.c(w), imm);
    if (n == 0) {
      return unchanged(c, w);
    }
    int size = 8 << width;
    long a = operand(c, w);
    long filler = cut(c.r[Uop.b(w)], width);
    if (n > size) {
      return shrdTooFar(c, w, a, filler, n);
    }
    long result = cut(a >>> n | filler << (size - n), width);
    return shifted(c, w, result, a >>> (n - 1), msb(a, width) ^ msb(result, width));
  }
}
