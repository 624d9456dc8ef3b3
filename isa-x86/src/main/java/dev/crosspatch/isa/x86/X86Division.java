package dev.crosspatch.isa.x86;

import static dev.crosspatch.isa.x86.X86Helpers.cut;
import static dev.crosspatch.isa.x86.X86Helpers.signed;
import static dev.crosspatch.isa.x86.X86Helpers.writeRegister;

import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.uop.Uop;

/// DIV and IDIV (SDM vol. 2A): rDX:rAX (AX for bytes) by the operand, #DE if the divisor is 0 or the quotient does not
/// fit. All arithmetic flags are undefined; they stay.
final class X86Division {
  private X86Division() {}

  static int div(X86Core c, long w, long imm) {
    int width = Uop.width(w);
    long divisor = cut(c.r[Uop.a(w)], width);
    if (divisor == 0) {
      return error(c);
    }
    return width == 3 ? divide128(c, divisor) : divideNarrow(c, width, divisor);
  }

  static int idiv(X86Core c, long w, long imm) {
    int width = Uop.width(w);
    long divisor = signed(c.r[Uop.a(w)], width);
    if (divisor == 0) {
      return error(c);
    }
    return width == 3 ? divideSigned128(c, divisor) : divideSignedNarrow(c, width, divisor);
  }

  private static int error(X86Core c) {
    return X86Exceptions.divideError(c);
  }

  private static long dividend(X86Core c, int width) {
    if (width == 0) {
      return cut(c.r[X86Core.RAX], 1);
    }
    return cut(c.r[X86Core.RDX], width) << (8 << width) | cut(c.r[X86Core.RAX], width);
  }

  private static int divideNarrow(X86Core c, int width, long divisor) {
    long dividend = dividend(c, width);
    long quotient = Long.divideUnsigned(dividend, divisor);
    if (quotient != cut(quotient, width)) {
      return error(c);
    }
    return result(c, width, quotient, Long.remainderUnsigned(dividend, divisor));
  }

  private static int divideSignedNarrow(X86Core c, int width, long divisor) {
    long dividend = signed(dividend(c, width), width + 1);
    long quotient = dividend / divisor;
    if (quotient != signed(quotient, width)) {
      return error(c);
    }
    return result(c, width, quotient, dividend % divisor);
  }

  private static int result(X86Core c, int width, long quotient, long remainder) {
    if (width == 0) {
      writeRegister(c, X86Core.RAX, (quotient & 0xff) | (remainder & 0xff) << 8, 1);
    } else {
      writeRegister(c, X86Core.RAX, quotient, width);
      writeRegister(c, X86Core.RDX, remainder, width);
    }
    return Outcome.OK;
  }

  private static int divide128(X86Core c, long divisor) {
    long high = c.r[X86Core.RDX];
    long low = c.r[X86Core.RAX];
    if (Long.compareUnsigned(high, divisor) >= 0) {
      return error(c);
    }
    long quotient = quotient(high, low, divisor);
    return result(c, 3, quotient, low - quotient * divisor);
  }

  private static int divideSigned128(X86Core c, long divisor) {
    long low = c.r[X86Core.RAX];
    long high = c.r[X86Core.RDX];
    boolean negative = high < 0;
    long magnitude = Math.abs(divisor);
    long absoluteLow = negative ? -low : low;
    long absoluteHigh = negative ? ~high + (low == 0 ? 1 : 0) : high;
    if (Long.compareUnsigned(absoluteHigh, magnitude) >= 0) {
      return error(c);
    }
    long absolute = quotient(absoluteHigh, absoluteLow, magnitude);
    long remainder = absoluteLow - absolute * magnitude;
    boolean minus = negative != divisor < 0;
    long quotient = minus ? -absolute : absolute;
    if (absolute != 0 && quotient < 0 != minus) {
      return error(c);
    }
    return result(c, 3, quotient, negative ? -remainder : remainder);
  }

  /// `high:low / divisor`, all unsigned, for `high < divisor`: long division, one bit at a time.
  private static long quotient(long high, long low, long divisor) {
    if (high == 0) {
      return Long.divideUnsigned(low, divisor);
    }
    long rest = high;
    long quotient = 0;
    for (int bit = 63; bit >= 0; bit--) {
      boolean carry = rest < 0;
      rest = rest << 1 | (low >>> bit & 1);
      if (carry || Long.compareUnsigned(rest, divisor) >= 0) {
        rest -= divisor;
        quotient |= 1L << bit;
      }
    }
    return quotient;
  }
}
