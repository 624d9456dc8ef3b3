package dev.crosspatch.isa.x86;

import static dev.crosspatch.isa.x86.X86Helpers.cut;
import static dev.crosspatch.isa.x86.X86Helpers.msb;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.core.uop.Uop;

/// Bit tests, bit scans and BMI (SDM vol. 2A, 2B, by mnemonic). Undefined flags stay as they were, except where noted.
final class X86Bits {
  private X86Bits() {}

  // ---- BT and kin: bit number from register `b` plus immediate, modulo the operand size; only CF changes

  private static int bit(X86Core c, long w, long imm) {
    return (int) (c.r[Uop.b(w)] + imm) & (8 << Uop.width(w)) - 1;
  }

  private static int tested(X86Core c, long w, int bit, long result) {
    X86Helpers.setCarry(c, (int) (c.r[Uop.a(w)] >>> bit) & 1);
    c.r[Uop.dst(w)] = cut(result, Uop.width(w));
    return Outcome.OK;
  }

  static int bt(X86Core c, long w, long imm) {
    return X86Helpers.setCarry(c, (int) (c.r[Uop.a(w)] >>> bit(c, w, imm)) & 1);
  }

  static int bts(X86Core c, long w, long imm) {
    int bit = bit(c, w, imm);
    return tested(c, w, bit, c.r[Uop.a(w)] | 1L << bit);
  }

  static int btr(X86Core c, long w, long imm) {
    int bit = bit(c, w, imm);
    return tested(c, w, bit, c.r[Uop.a(w)] & ~(1L << bit));
  }

  static int btc(X86Core c, long w, long imm) {
    int bit = bit(c, w, imm);
    return tested(c, w, bit, c.r[Uop.a(w)] ^ 1L << bit);
  }

  // ---- scans: `a` is the old destination, `b` the source

  /// The destination is undefined for a zero source; as on every known CPU, it stays.
  private static int scanned(X86Core c, long w, long source, long result) {
    c.r[Uop.dst(w)] = source == 0 ? c.r[Uop.a(w)] : result;
    c.setFlags(source == 0 ? Flags.ZF : 0, Flags.ZF);
    return Outcome.OK;
  }

  static int bsf(X86Core c, long w, long imm) {
    long s = cut(c.r[Uop.b(w)], Uop.width(w));
    return scanned(c, w, s, Long.numberOfTrailingZeros(s));
  }

  static int bsr(X86Core c, long w, long imm) {
    long s = cut(c.r[Uop.b(w)], Uop.width(w));
    return scanned(c, w, s, 63 - Long.numberOfLeadingZeros(s));
  }

  /// CF says that the source was zero, ZF that the result is.
  private static int counted(X86Core c, long w, long source, long result) {
    c.r[Uop.dst(w)] = result;
    c.setFlags((source == 0 ? Flags.CF : 0) | (result == 0 ? Flags.ZF : 0), Flags.CF | Flags.ZF);
    return Outcome.OK;
  }

  static int tzcnt(X86Core c, long w, long imm) {
    int width = Uop.width(w);
    long s = cut(c.r[Uop.b(w)], width);
    return counted(c, w, s, Math.min(Long.numberOfTrailingZeros(s), 8 << width));
  }

  static int lzcnt(X86Core c, long w, long imm) {
    int width = Uop.width(w);
    long s = cut(c.r[Uop.b(w)], width);
    return counted(c, w, s, Long.numberOfLeadingZeros(s) - (64 - (8 << width)));
  }

  /// All flags but ZF are cleared.
  static int popcnt(X86Core c, long w, long imm) {
    long s = cut(c.r[Uop.b(w)], Uop.width(w));
    c.r[Uop.dst(w)] = Long.bitCount(s);
    c.flags.set(s == 0 ? Flags.ZF : 0);
    return Outcome.OK;
  }

  // ---- CRC32

  /// The Castagnoli polynomial, reflected.
  private static final int CRC32C = 0x82f6_3b78;

  static int crc32(X86Core c, long w, long imm) {
    long s = c.r[Uop.b(w)];
    int crc = (int) c.r[Uop.a(w)];
    for (int i = 0; i < 1 << Uop.width(w); i++) {
      crc ^= (int) (s >>> (8 * i)) & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc >>> 1 ^ ((crc & 1) != 0 ? CRC32C : 0);
      }
    }
    c.r[Uop.dst(w)] = crc & 0xffff_ffffL;
    return Outcome.OK;
  }

  // ---- BMI1 and BMI2

  private static long first(X86Core c, long w) {
    return cut(c.r[Uop.a(w)], Uop.width(w));
  }

  /// Result with SF, ZF and CF; OF is cleared, AF and PF (undefined) as well.
  private static int bmi(X86Core c, long w, long result, boolean carry) {
    int width = Uop.width(w);
    long cut = cut(result, width);
    c.r[Uop.dst(w)] = cut;
    c.flags.set((cut == 0 ? Flags.ZF : 0) | msb(cut, width) * Flags.SF | (carry ? Flags.CF : 0));
    return Outcome.OK;
  }

  static int andn(X86Core c, long w, long imm) {
    return bmi(c, w, ~c.r[Uop.a(w)] & c.r[Uop.b(w)], false);
  }

  static int blsr(X86Core c, long w, long imm) {
    long s = first(c, w);
    return bmi(c, w, s & s - 1, s == 0);
  }

  static int blsmsk(X86Core c, long w, long imm) {
    long s = first(c, w);
    return bmi(c, w, s ^ s - 1, s == 0);
  }

  static int blsi(X86Core c, long w, long imm) {
    long s = first(c, w);
    return bmi(c, w, s & -s, s != 0);
  }

  static int bzhi(X86Core c, long w, long imm) {
    int n = (int) c.r[Uop.b(w)] & 0xff;
    int size = 8 << Uop.width(w);
    long s = first(c, w);
    return bmi(c, w, n < size ? s & (1L << n) - 1 : s, n >= size);
  }

  static int bextr(X86Core c, long w, long imm) {
    int start = (int) c.r[Uop.b(w)] & 0xff;
    int length = (int) c.r[Uop.b(w)] >> 8 & 0xff;
    long s = start > 63 ? 0 : first(c, w) >>> start;
    return bmi(c, w, length > 63 ? s : s & (1L << length) - 1, false);
  }

  /// Deposits bits of the first operand where the second, the mask, has ones. No flags.
  static int pdep(X86Core c, long w, long imm) {
    c.r[Uop.dst(w)] = Long.expand(c.r[Uop.a(w)], cut(c.r[Uop.b(w)], Uop.width(w)));
    return Outcome.OK;
  }

  static int pext(X86Core c, long w, long imm) {
    c.r[Uop.dst(w)] = Long.compress(c.r[Uop.a(w)], cut(c.r[Uop.b(w)], Uop.width(w)));
    return Outcome.OK;
  }
}
