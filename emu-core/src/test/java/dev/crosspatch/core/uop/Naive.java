package dev.crosspatch.core.uop;

import java.math.BigInteger;

/// Micro-ops computed bit by bit or with big integers, slowly, to hold the engine against.
final class Naive {
  final long[] r = new long[64];
  /// Explicit flag bits, as [Flags#materialize()].
  int flags;

  private static final BigInteger TWO = BigInteger.TWO;

  static int bits(int width) {
    return 8 << width;
  }

  static boolean bit(long x, int i) {
    return (x >>> i & 1) != 0;
  }

  static long low(long x, int bits) {
    long out = 0;
    for (int i = 0; i < bits; i++) {
      out |= bit(x, i) ? 1L << i : 0;
    }
    return out;
  }

  static BigInteger unsigned(long x, int bits) {
    return new BigInteger(Long.toUnsignedString(low(x, bits)));
  }

  static BigInteger signed(long x, int bits) {
    BigInteger u = unsigned(x, bits);
    return bit(x, bits - 1) ? u.subtract(TWO.pow(bits)) : u;
  }

  static long cut(BigInteger x, int bits) {
    return x.mod(TWO.pow(bits)).longValue();
  }

  /// Adds bit by bit; sets all flags, CF being the carry out.
  long add(long a, long b, boolean carryIn, int bits) {
    boolean carry = carryIn;
    boolean into = false;
    boolean half = false;
    long out = 0;
    for (int i = 0; i < bits; i++) {
      int sum = (bit(a, i) ? 1 : 0) + (bit(b, i) ? 1 : 0) + (carry ? 1 : 0);
      out |= (sum & 1) != 0 ? 1L << i : 0;
      into = carry;
      carry = sum > 1;
      half = i == 3 ? carry : half;
    }
    flags = resultFlags(out, bits) | (carry ? Flags.CF : 0) | (carry != into ? Flags.OF : 0) | (half ? Flags.AF : 0);
    return out;
  }

  /// Subtracts by adding the complement; CF and AF are borrows.
  long sub(long a, long b, boolean borrow, int bits) {
    long out = add(a, ~b, !borrow, bits);
    flags ^= Flags.CF | Flags.AF;
    return out;
  }

  long logic(long x, int bits) {
    long out = low(x, bits);
    flags = resultFlags(out, bits);
    return out;
  }

  private static int resultFlags(long out, int bits) {
    int ones = 0;
    for (int i = 0; i < 8; i++) {
      ones += bit(out, i) ? 1 : 0;
    }
    return (ones % 2 == 0 ? Flags.PF : 0) | (out == 0 ? Flags.ZF : 0) | (bit(out, bits - 1) ? Flags.SF : 0);
  }

  private boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /// Conditions from explicit flags, as the manuals list them.
  boolean test(int cond) {
    boolean c = has(Flags.CF);
    boolean z = has(Flags.ZF);
    boolean n = has(Flags.SF);
    boolean v = has(Flags.OF);
    boolean p = has(Flags.PF);
    return switch (cond) {
      case 0 -> v;
      case 1 -> !v;
      case 2 -> c;
      case 3 -> !c;
      case 4 -> z;
      case 5 -> !z;
      case 6 -> c || z;
      case 7 -> !c && !z;
      case 8 -> n;
      case 9 -> !n;
      case 10 -> p;
      case 11 -> !p;
      case 12 -> n != v;
      case 13 -> n == v;
      case 14 -> z || n != v;
      case 15 -> !z && n == v;
      case 16 -> c && !z;
      case 17 -> !c || z;
      default -> true;
    };
  }

  /// Executes one register-to-register micro-op.
  void run(long w, long imm) {
    int op = Uop.op(w);
    int bits = bits(Uop.width(w));
    long a = r[Uop.a(w)];
    long b = r[Uop.b(w)];
    int dst = Uop.dst(w);
    boolean carry = has(Flags.CF);
    if (isShift(op)) {
      r[dst] = shift(op, low(a, bits), (int) (b + imm) & (bits == 64 ? 63 : 31), bits);
      return;
    }
    long second = isImmediate(op) ? imm : b;
    r[dst] = flags(op) ? flagging(op, w, a, second, bits, carry) : plain(op, w, imm, a, second, bits);
  }

  private static boolean isShift(int op) {
    return op == Uop.SHLF || op == Uop.SHRF || op == Uop.SARF || isRotate(op);
  }

  private static boolean isRotate(int op) {
    return op == Uop.ROLF || op == Uop.RORF;
  }

  /// Sets or reads flags.
  private static boolean flags(int op) {
    return switch (op) {
      case Uop.ADDF, Uop.ADDFI, Uop.SUBF, Uop.SUBFI, Uop.SUBC, Uop.SUBCI, Uop.ADCF, Uop.SBBF, Uop.ADC, Uop.SBB,
          Uop.INCF, Uop.DECF, Uop.ANDF, Uop.ANDFI, Uop.ORF, Uop.ORFI, Uop.XORF, Uop.XORFI, Uop.BICF, Uop.SETCC,
          Uop.CSEL -> true;
      default -> false;
    };
  }

  private static boolean isImmediate(int op) {
    return switch (op) {
      case Uop.ADDI, Uop.SUBI, Uop.ANDI, Uop.ORI, Uop.XORI, Uop.SHLI, Uop.SHRI, Uop.SARI, Uop.RORI,
          Uop.ADDFI, Uop.SUBFI,
          Uop.ANDFI, Uop.ORFI, Uop.XORFI, Uop.SUBCI -> true;
      default -> false;
    };
  }

  private long plain(int op, long w, long imm, long a, long b, int bits) {
    BigInteger ua = unsigned(a, bits);
    BigInteger ub = unsigned(b, bits);
    long old = r[Uop.dst(w)];
    int shift = (int) (b & (bits == 64 ? 63 : 31));
    return switch (op) {
      case Uop.MOV -> low(a, bits);
      case Uop.MOVI -> imm;
      case Uop.MERGE8 -> old - low(old, 8) + low(a, 8);
      case Uop.MERGE8H -> old - (low(old, 16) - low(old, 8)) + (low(a, 8) << 8);
      case Uop.MERGE16 -> old - low(old, 16) + low(a, 16);
      case Uop.EXT -> extend(a, bits, Uop.flags(w));
      case Uop.GET8H -> low(a, 16) >>> 8;
      case Uop.LEA ->
          cut(signed(a, 64).add(signed(r[Uop.c(w)], 64).shiftLeft(Uop.scale(w))).add(signed(imm, 64)), bits);
      case Uop.ADD, Uop.ADDI -> cut(ua.add(ub), bits);
      case Uop.SUB, Uop.SUBI -> cut(ua.subtract(ub), bits);
      case Uop.AND, Uop.ANDI -> cut(ua.and(ub), bits);
      case Uop.OR, Uop.ORI -> cut(ua.or(ub), bits);
      case Uop.XOR, Uop.XORI -> cut(ua.xor(ub), bits);
      case Uop.BIC -> cut(ua.andNot(ub), bits);
      case Uop.ORN -> cut(ua.or(ub.not()), bits);
      case Uop.EON -> cut(ua.xor(ub.not()), bits);
      case Uop.SHL, Uop.SHLI -> cut(ua.shiftLeft(shift), bits);
      case Uop.SHR, Uop.SHRI -> cut(ua.shiftRight(shift), bits);
      case Uop.SAR, Uop.SARI -> cut(signed(a, bits).shiftRight(shift), bits);
      case Uop.ROR, Uop.RORI -> cut(ua.shiftRight(shift % bits).or(ua.shiftLeft(bits - shift % bits)), bits);
      case Uop.MUL -> cut(ua.multiply(ub), bits);
      case Uop.MULHU -> cut(ua.multiply(ub).shiftRight(64), 64);
      case Uop.MULHS -> cut(signed(a, 64).multiply(signed(b, 64)).shiftRight(64), 64);
      case Uop.UDIV -> ub.signum() == 0 ? 0 : cut(ua.divide(ub), bits);
      case Uop.SDIV -> ub.signum() == 0 ? 0 : cut(signed(a, bits).divide(signed(b, bits)), bits);
      case Uop.CLZ -> bits - ua.bitLength();
      case Uop.CTZ -> ua.signum() == 0 ? bits : ua.getLowestSetBit();
      case Uop.POPCNT -> ua.bitCount();
      default -> fields(op, w, imm, a, b, bits);
    };
  }

  private static long extend(long a, int bits, int flags) {
    BigInteger wide = (flags & Uop.F_SIGNED) != 0 ? signed(a, bits) : unsigned(a, bits);
    return cut(wide, (flags & Uop.F_WORD) != 0 ? 32 : 64);
  }

  private long fields(int op, long w, long imm, long a, long b, int bits) {
    int lsb = (int) (imm & 0x7f);
    int size = (int) (imm >> 7 & 0x7f);
    long out = 0;
    switch (op) {
      case Uop.RBIT -> {
        for (int i = 0; i < bits; i++) {
          out |= bit(a, i) ? 1L << (bits - 1 - i) : 0;
        }
      }
      case Uop.REV -> {
        int group = 1 << Uop.aux(w);
        for (int i = 0; i < bits / 8; i++) {
          out |= low(a >>> (8 * i), 8) << (8 * (i / group * group + group - 1 - i % group));
        }
      }
      case Uop.BFX -> {
        long field = low(a >>> lsb, size);
        boolean negative = (Uop.flags(w) & Uop.F_SIGNED) != 0 && bit(field, size - 1);
        out = low(negative ? field - (size == 64 ? 0 : 1L << size) : field, bits);
      }
      case Uop.BFI -> {
        for (int i = 0; i < bits; i++) {
          boolean inside = i >= lsb && i < lsb + size;
          out |= bit(inside ? a >>> (i - lsb) : r[Uop.dst(w)] >>> i, 0) ? 1L << i : 0;
        }
      }
      case Uop.EXTR -> out = cut(unsigned(a, bits).shiftLeft(bits).or(unsigned(b, bits)).shiftRight((int) imm), bits);
      default -> throw new IllegalStateException("micro-op " + op);
    }
    return out;
  }

  private long flagging(int op, long w, long a, long b, int bits, boolean carry) {
    return switch (op) {
      case Uop.ADDF, Uop.ADDFI -> add(a, b, false, bits);
      case Uop.SUBF, Uop.SUBFI -> sub(a, b, false, bits);
      case Uop.SUBC, Uop.SUBCI -> {
        long out = sub(a, b, false, bits);
        flags ^= Flags.CF;
        yield out;
      }
      case Uop.ADCF -> add(a, b, carry, bits);
      case Uop.SBBF -> sub(a, b, carry, bits);
      case Uop.INCF, Uop.DECF -> {
        long out = op == Uop.INCF ? add(a, 1, false, bits) : sub(a, 1, false, bits);
        flags = (flags & ~Flags.CF) | (carry ? Flags.CF : 0);
        yield out;
      }
      case Uop.ANDF, Uop.ANDFI -> logic(a & b, bits);
      case Uop.ORF, Uop.ORFI -> logic(a | b, bits);
      case Uop.XORF, Uop.XORFI -> logic(a ^ b, bits);
      case Uop.BICF -> logic(a & ~b, bits);
      default -> quiet(op, w, a, b, bits, carry);
    };
  }

  /// Shifts and rotates by one, `count` times.
  private long shift(int op, long a, int count, int bits) {
    long x = a;
    boolean out = false;
    for (int i = 0; i < count; i++) {
      boolean left = op == Uop.SHLF || op == Uop.ROLF;
      out = bit(x, left ? bits - 1 : 0);
      boolean in = op == Uop.SARF ? bit(x, bits - 1) : out && isRotate(op);
      x = left ? low(x << 1, bits) | (in ? 1 : 0) : x >>> 1 | (in ? 1L << (bits - 1) : 0);
    }
    if (count > 0) {
      boolean top = bit(x, bits - 1);
      boolean overflow = switch (op) {
        case Uop.SHRF -> bit(a, bits - 1);
        case Uop.SARF -> false;
        case Uop.RORF -> top != bit(x, bits - 2);
        default -> top != out;
      };
      int kept = isRotate(op) ? flags & ~(Flags.CF | Flags.OF) : resultFlags(x, bits);
      flags = kept | (out ? Flags.CF : 0) | (overflow ? Flags.OF : 0);
    }
    return x;
  }

  /// Reads flags, leaves them.
  private long quiet(int op, long w, long a, long b, int bits, boolean carry) {
    int before = flags;
    long out =
        switch (op) {
          case Uop.ADC -> add(a, b, carry, bits);
          case Uop.SBB -> sub(a, b, carry, bits);
          case Uop.SETCC -> test(Uop.aux(w)) ? 1 : 0;
          case Uop.CSEL -> low(test(Uop.aux(w)) ? a : b, bits);
          default -> throw new IllegalStateException("micro-op " + op);
        };
    flags = before;
    return out;
  }
}
