package dev.crosspatch.tests.isa;

import dev.crosspatch.core.fp.FloatFormat;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Operands that are likely to show a wrong rounding, flag or NaN: edge values, and values that cancel, tie, overflow
/// or become denormal together.
final class FloatOperands {
  private final Random random;

  FloatOperands(Random random) {
    this.random = random;
  }

  /// One operand for each kind: `H`, `S`, `D` for numbers of a format, `I` for integers. Bits above the width are
  /// noise.
  long[] next(String kinds) {
    long[] operands = new long[kinds.length()];
    for (int i = 0; i < operands.length; i++) {
      FloatFormat f = format(kinds.charAt(i));
      operands[i] = f == null ? integer() : noise(f, i == 0 ? number(f) : other(f, operands, i));
    }
    return operands;
  }

  private static @Nullable FloatFormat format(char kind) {
    return switch (kind) {
      case 'H' -> FloatFormat.HALF;
      case 'S' -> FloatFormat.SINGLE;
      case 'D' -> FloatFormat.DOUBLE;
      case 'I' -> null;
      default -> throw new IllegalArgumentException("operand kind " + kind);
    };
  }

  private long noise(FloatFormat f, long a) {
    return f == FloatFormat.DOUBLE ? a : f.cut(a) | random.nextLong() << f.bits;
  }

  private long integer() {
    long a = random.nextLong() >> random.nextInt(64);
    return switch (random.nextInt(4)) {
      case 0 -> a;
      case 1 -> 1L << random.nextInt(64) ^ -1L << random.nextInt(64);
      case 2 -> (1L << random.nextInt(64)) + random.nextInt(-4, 5);
      default -> a & -1L << random.nextInt(64);
    };
  }

  private long number(FloatFormat f) {
    long sign = random.nextBoolean() ? f.sign : 0;
    return sign | switch (random.nextInt(8)) {
      case 0 -> edge(f);
      case 1 -> f.magnitude(random.nextLong());
      case 2 -> finite(f, random.nextInt(-f.fractionBits - 2, f.fractionBits + 3));
      case 3 -> finite(f, random.nextInt(-f.bias - 1, f.fractionBits * 2 + 2 - f.bias));
      case 4 -> finite(f, f.bias - random.nextInt(Math.min(f.bias, f.fractionBits)));
      case 5 -> finite(f, random.nextInt(0, Math.min(f.bias, 65)));
      case 6 -> random.nextLong() & f.fraction >> random.nextInt(f.fractionBits);
      default -> finite(f, random.nextInt(-f.bias, f.bias + 1));
    };
  }

  private long edge(FloatFormat f) {
    return switch (random.nextInt(12)) {
      case 0 -> 0;
      case 1 -> 1;
      case 2 -> f.fraction;
      case 3 -> f.fraction + 1;
      case 4 -> f.infinity - 1;
      case 5 -> f.infinity;
      case 6 -> f.power(false, 0) + random.nextInt(-2, 3);
      case 7 -> f.power(false, random.nextInt(-f.bias + 1, f.bias + 1)) + random.nextInt(-1, 2);
      case 8 -> f.infinity | f.quiet;
      case 9 -> f.infinity | f.quiet | (random.nextLong() & f.fraction);
      case 10 -> f.infinity | 1 | (random.nextLong() & f.fraction & ~f.quiet);
      default -> f.power(false, 1) | f.quiet;
    };
  }

  /// A number with this exponent, its fraction often of few or many ones.
  private long finite(FloatFormat f, int exponent) {
    long biased = Math.clamp((long) exponent + f.bias, 0, 2L * f.bias);
    long fraction = switch (random.nextInt(4)) {
      case 0 -> bit(f) | random.nextInt(4);
      case 1 -> -bit(f) ^ bit(f);
      default -> random.nextLong();
    };
    return biased << f.fractionBits | (fraction & f.fraction);
  }

  private long bit(FloatFormat f) {
    return 1L << random.nextInt(f.fractionBits);
  }

  /// One that has to do with those before it, or not.
  private long other(FloatFormat f, long[] operands, int i) {
    long a = operands[i - 1];
    int exponent = exponent(f, a) + (i == 2 ? exponent(f, operands[0]) : 0);
    long sign = random.nextBoolean() ? f.sign : 0;
    return switch (random.nextInt(8)) {
      case 0 -> a ^ sign;
      case 1 -> a + random.nextInt(-3, 4) ^ sign;
      case 2, 3 -> sign | finite(f, exponent + random.nextInt(-2, 3));
      case 4 -> sign | finite(f, exponent + random.nextInt(-f.fractionBits - 4, f.fractionBits + 5));
      case 5 -> sign | finite(f, random.nextInt(-f.fractionBits, 4) - f.bias - exponent);
      case 6 -> sign | finite(f, f.bias - exponent + random.nextInt(-2, 2));
      default -> number(f);
    };
  }

  private static int exponent(FloatFormat f, long a) {
    return (int) (f.magnitude(a) >>> f.fractionBits) - f.bias;
  }
}
