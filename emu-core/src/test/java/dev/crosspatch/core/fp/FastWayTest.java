package dev.crosspatch.core.fp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// [FastDouble] and [FastSingle] do what [Arithmetic] and [FusedArithmetic] do. `-Dcrosspatch.vectors=N` and
/// `-Dcrosspatch.seed=N` choose how many operands, and which.
class FastWayTest {
  private static final int VECTORS = Integer.getInteger("crosspatch.vectors",
      Boolean.getBoolean("crosspatch.full") ? 10_000_000 : 500_000);
  private static final long SEED = Long.getLong("crosspatch.seed", 20191101L);

  private final Random random = new Random(SEED);

  @Test
  void doublesAreAddedMultipliedAndDividedTheSameWayFastAndSlow() {
    fastIsSlow(FloatFormat.DOUBLE);
  }

  @Test
  void singlesAreAddedMultipliedAndDividedTheSameWayFastAndSlow() {
    fastIsSlow(FloatFormat.SINGLE);
  }

  private void fastIsSlow(FloatFormat f) {
    List<FloatRules> rules = List.of(FloatRules.X86, FloatRules.ARM);
    for (int i = 0; i < VECTORS; i++) {
      long a = number(f, random.nextInt(-f.bias, f.bias + 2));
      long b = near(f, a, random.nextInt(8));
      long c = near(f, new FloatUnit(FloatRules.ARM).mul(f, a, b), random.nextInt(8));
      FloatUnit fast = new FloatUnit(rules.get(i & 1));
      fast.exceptions = (i & 14) == 2 ? FloatUnit.INEXACT : 0;
      fast.flushResults = (i & 28) == 4;
      FloatUnit slow = new FloatUnit(rules.get(i & 1));
      slow.exceptions = fast.exceptions;
      slow.flushResults = fast.flushResults;
      compare(f, fast, slow, i % 6, a, b, c);
    }
  }

  private static void compare(FloatFormat f, FloatUnit fast, FloatUnit slow, int operation, long a, long b, long c) {
    long result = switch (operation) {
      case 0 -> fast.add(f, a, b);
      case 1 -> fast.sub(f, a, b);
      case 2 -> fast.mul(f, a, b);
      case 3 -> fast.div(f, a, b);
      case 4 -> fast.sqrt(f, a);
      default -> fast.fma(f, a, b, c);
    };
    long expected = switch (operation) {
      case 0 -> Arithmetic.add(slow, f, a, b, false);
      case 1 -> Arithmetic.add(slow, f, a, b, true);
      case 2 -> Arithmetic.mul(slow, f, a, b);
      case 3 -> Arithmetic.div(slow, f, a, b);
      case 4 -> Arithmetic.sqrt(slow, f, a);
      default -> FusedArithmetic.fma(slow, f, a, b, c);
    };
    if (result != expected || fast.exceptions != slow.exceptions) {
      assertEquals(String.format("%x exceptions %x", expected, slow.exceptions),
          String.format("%x exceptions %x", result, fast.exceptions),
          () -> String.format("operation %d of %x %x %x, seed %d", operation, a, b, c, SEED));
    }
  }

  /// One whose fraction has few bits, or many ones or zeros, or any.
  private long number(FloatFormat f, int exponent) {
    long fraction = switch (random.nextInt(4)) {
      case 0 -> 1L << random.nextInt(f.fractionBits);
      case 1 -> -1L << random.nextInt(f.fractionBits);
      case 2 -> random.nextLong() & -1L << random.nextInt(f.fractionBits);
      default -> random.nextLong();
    };
    long biased = Math.clamp((long) exponent + f.bias, 0, 2L * f.bias + 1);
    return f.zero(random.nextBoolean()) | biased << f.fractionBits | (fraction & f.fraction);
  }

  /// One that has to do with `a`, so that bits are just lost, or just not.
  private long near(FloatFormat f, long a, int how) {
    int exponent = (int) (f.magnitude(a) >>> f.fractionBits) - f.bias;
    int precision = f.fractionBits + 1;
    return switch (how) {
      case 0 -> f.negate(a);
      case 1 -> f.cut(a + random.nextInt(-3, 4));
      case 2 -> f.negate(a + random.nextInt(-3, 4));
      case 3 -> number(f, random.nextInt(-f.bias, f.bias + 2));
      case 4 -> number(f, random.nextInt(-precision, precision) - exponent - f.bias);
      default -> number(f, exponent + random.nextInt(-precision - 4, precision + 5));
    };
  }
}
