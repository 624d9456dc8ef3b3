package dev.crosspatch.isa.arm64;

/// What integer SIMD instructions do with an element ([Arm64Packed.Lane]). Source: DDI0487 C7.2.
final class Arm64Lanes {
  private Arm64Lanes() {}

  private static long truth(boolean condition) {
    return condition ? -1 : 0;
  }

  /// Largest signed number of an element.
  private static long greatest(int size) {
    return -1L >>> (65 - (8 << size));
  }

  /// Largest unsigned one.
  private static long ones(int size) {
    return -1L >>> (64 - (8 << size));
  }

  // ---- sums and products, for elements with or without sign

  static long add(Arm64Core core, long d, long n, long m, int size) {
    return n + m;
  }

  static long sub(Arm64Core core, long d, long n, long m, int size) {
    return n - m;
  }

  static long neg(Arm64Core core, long d, long n, long m, int size) {
    return -n;
  }

  static long mul(Arm64Core core, long d, long n, long m, int size) {
    return n * m;
  }

  static long mla(Arm64Core core, long d, long n, long m, int size) {
    return d + n * m;
  }

  static long mls(Arm64Core core, long d, long n, long m, int size) {
    return d - n * m;
  }

  /// Both operands added to the destination: SADALP, UADALP.
  static long accumulate(Arm64Core core, long d, long n, long m, int size) {
    return d + n + m;
  }

  /// Product of polynomials over {0, 1}, of elements up to 32 bits.
  static long pmul(Arm64Core core, long d, long n, long m, int size) {
    long product = 0;
    for (long left = n, right = m; right != 0; left <<= 1, right >>>= 1) {
      product ^= left & -(right & 1);
    }
    return product;
  }

  /// Adds the products of the four bytes of a word.
  static long sdot(Arm64Core core, long d, long n, long m, int size) {
    long sum = d;
    for (int at = 0; at < 32; at += 8) {
      sum += (byte) (n >>> at) * (byte) (m >>> at);
    }
    return sum;
  }

  static long udot(Arm64Core core, long d, long n, long m, int size) {
    long sum = d;
    for (int at = 0; at < 32; at += 8) {
      sum += (n >>> at & 0xff) * (m >>> at & 0xff);
    }
    return sum;
  }

  static long halvingAdd(Arm64Core core, long d, long n, long m, int size) {
    return (n + m) >> 1;
  }

  static long roundingHalvingAdd(Arm64Core core, long d, long n, long m, int size) {
    return (n + m + 1) >> 1;
  }

  static long halvingSub(Arm64Core core, long d, long n, long m, int size) {
    return (n - m) >> 1;
  }

  /// High half of the sum, of the difference; rounded. `size` is that of the operands.
  static long addHigh(Arm64Core core, long d, long n, long m, int size) {
    return (n + m) >>> (4 << size);
  }

  static long subHigh(Arm64Core core, long d, long n, long m, int size) {
    return (n - m) >>> (4 << size);
  }

  static long roundingAddHigh(Arm64Core core, long d, long n, long m, int size) {
    return (n + m + (1L << ((4 << size) - 1))) >>> (4 << size);
  }

  static long roundingSubHigh(Arm64Core core, long d, long n, long m, int size) {
    return (n - m + (1L << ((4 << size) - 1))) >>> (4 << size);
  }

  // ---- differences and choices

  static long abs(Arm64Core core, long d, long n, long m, int size) {
    return Math.abs(n);
  }

  static long difference(Arm64Core core, long d, long n, long m, int size) {
    return Math.abs(n - m);
  }

  static long differenceAccumulate(Arm64Core core, long d, long n, long m, int size) {
    return d + Math.abs(n - m);
  }

  static long max(Arm64Core core, long d, long n, long m, int size) {
    return Math.max(n, m);
  }

  static long min(Arm64Core core, long d, long n, long m, int size) {
    return Math.min(n, m);
  }

  static long equal(Arm64Core core, long d, long n, long m, int size) {
    return truth(n == m);
  }

  static long test(Arm64Core core, long d, long n, long m, int size) {
    return truth((n & m) != 0);
  }

  static long greater(Arm64Core core, long d, long n, long m, int size) {
    return truth(n > m);
  }

  static long greaterOrEqual(Arm64Core core, long d, long n, long m, int size) {
    return truth(n >= m);
  }

  static long less(Arm64Core core, long d, long n, long m, int size) {
    return truth(n < m);
  }

  static long lessOrEqual(Arm64Core core, long d, long n, long m, int size) {
    return truth(n <= m);
  }

  static long higher(Arm64Core core, long d, long n, long m, int size) {
    return truth(Long.compareUnsigned(n, m) > 0);
  }

  static long higherOrSame(Arm64Core core, long d, long n, long m, int size) {
    return truth(Long.compareUnsigned(n, m) >= 0);
  }

  // ---- bits

  /// Leading zeros of an element without sign.
  static long clz(Arm64Core core, long d, long n, long m, int size) {
    return Long.numberOfLeadingZeros(n) - 64L + (8 << size);
  }

  /// Bits below the sign that are equal to it.
  static long cls(Arm64Core core, long d, long n, long m, int size) {
    return Long.numberOfLeadingZeros(n ^ n >> 63) - 65L + (8 << size);
  }

  static long cnt(Arm64Core core, long d, long n, long m, int size) {
    return Long.bitCount(n);
  }

  // ---- saturation

  /// A signed number within what a signed element holds, for elements below 64 bits.
  private static long clamp(Arm64Core core, long value, int size) {
    long most = greatest(size);
    long kept = Math.max(-most - 1, Math.min(most, value));
    core.saturated |= kept != value;
    return kept;
  }

  /// A signed number within what an unsigned element holds, for elements below 64 bits.
  private static long clampUnsigned(Arm64Core core, long value, int size) {
    long kept = Math.max(0, Math.min(ones(size), value));
    core.saturated |= kept != value;
    return kept;
  }

  /// `value`, or `limit` if that is not what it should have been.
  private static long unless(Arm64Core core, boolean overflow, long limit, long value) {
    core.saturated |= overflow;
    return overflow ? limit : value;
  }

  /// The limit on the side of `sign`, for 64 bits.
  private static long limit(long sign) {
    return sign < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
  }

  static long sqadd(Arm64Core core, long d, long n, long m, int size) {
    long sum = n + m;
    return size < 3 ? clamp(core, sum, size) : unless(core, ((n ^ sum) & (m ^ sum)) < 0, limit(n), sum);
  }

  static long sqsub(Arm64Core core, long d, long n, long m, int size) {
    long difference = n - m;
    return size < 3 ? clamp(core, difference, size)
        : unless(core, ((n ^ m) & (n ^ difference)) < 0, limit(n), difference);
  }

  static long uqadd(Arm64Core core, long d, long n, long m, int size) {
    long sum = n + m;
    return size < 3 ? clampUnsigned(core, sum, size) : unless(core, Long.compareUnsigned(sum, n) < 0, -1, sum);
  }

  static long uqsub(Arm64Core core, long d, long n, long m, int size) {
    return unless(core, Long.compareUnsigned(n, m) < 0, 0, n - m);
  }

  /// A signed destination and an unsigned addend (which comes with a sign).
  static long suqadd(Arm64Core core, long d, long n, long m, int size) {
    long sum = d + (n & ones(size));
    return size < 3 ? clamp(core, sum, size)
        : unless(core, n < 0 ? d >= 0 || sum < 0 : d >= 0 && sum < 0, Long.MAX_VALUE, sum);
  }

  /// An unsigned destination and a signed addend (which comes without).
  static long usqadd(Arm64Core core, long d, long n, long m, int size) {
    int unused = 64 - (8 << size);
    long addend = n << unused >> unused;
    long sum = d + addend;
    if (size < 3) {
      return clampUnsigned(core, sum, size);
    }
    boolean over = addend < 0 ? Long.compareUnsigned(sum, d) > 0 : Long.compareUnsigned(sum, d) < 0;
    return unless(core, over, addend < 0 ? 0 : -1, sum);
  }

  static long sqabs(Arm64Core core, long d, long n, long m, int size) {
    return n < 0 ? sqsub(core, 0, 0, n, size) : n;
  }

  static long sqneg(Arm64Core core, long d, long n, long m, int size) {
    return sqsub(core, 0, 0, n, size);
  }

  /// High half of the doubled product: elements of 16 and 32 bits.
  static long sqdmulh(Arm64Core core, long d, long n, long m, int size) {
    return clamp(core, (n * m) >> ((8 << size) - 1), size);
  }

  static long sqrdmulh(Arm64Core core, long d, long n, long m, int size) {
    return roundedHigh(core, 0, n * m, size);
  }

  static long sqrdmlah(Arm64Core core, long d, long n, long m, int size) {
    return roundedHigh(core, d, n * m, size);
  }

  static long sqrdmlsh(Arm64Core core, long d, long n, long m, int size) {
    return roundedHigh(core, d, -(n * m), size);
  }

  private static long roundedHigh(Arm64Core core, long d, long product, int size) {
    int bits = 8 << size;
    return clamp(core, ((d << (bits - 1)) + product + (1L << (bits - 2))) >> (bits - 1), size);
  }

  /// Doubled product of elements of half the size.
  static long sqdmull(Arm64Core core, long d, long n, long m, int size) {
    long product = n * m;
    return size < 3 ? clamp(core, 2 * product, size)
        : unless(core, product == 1L << 62, Long.MAX_VALUE, 2 * product);
  }

  static long sqdmlal(Arm64Core core, long d, long n, long m, int size) {
    return sqadd(core, 0, d, sqdmull(core, 0, n, m, size), size);
  }

  static long sqdmlsl(Arm64Core core, long d, long n, long m, int size) {
    return sqsub(core, 0, d, sqdmull(core, 0, n, m, size), size);
  }

  // ---- narrowing: `size` is that of the operand, twice that of the result

  /// The operand as it is: the low half is taken.
  static long move(Arm64Core core, long d, long n, long m, int size) {
    return n;
  }

  static long sqxtn(Arm64Core core, long d, long n, long m, int size) {
    return clamp(core, n, size - 1);
  }

  static long sqxtun(Arm64Core core, long d, long n, long m, int size) {
    return clampUnsigned(core, n, size - 1);
  }

  /// Of an element without sign.
  static long uqxtn(Arm64Core core, long d, long n, long m, int size) {
    return unless(core, Long.compareUnsigned(n, ones(size - 1)) > 0, ones(size - 1), n);
  }

  // ---- shifts by an immediate, `m`

  static long shl(Arm64Core core, long d, long n, long m, int size) {
    return n << m;
  }

  static long sli(Arm64Core core, long d, long n, long m, int size) {
    return n << m | (d & (1L << m) - 1);
  }

  static long sri(Arm64Core core, long d, long n, long m, int size) {
    return m == 64 ? d : n >>> m | (d & ~(ones(size) >>> m));
  }

  static long sshr(Arm64Core core, long d, long n, long m, int size) {
    return n >> Math.min(m, 63);
  }

  static long ushr(Arm64Core core, long d, long n, long m, int size) {
    return m == 64 ? 0 : n >>> m;
  }

  static long srshr(Arm64Core core, long d, long n, long m, int size) {
    return sshr(core, d, n, m, size) + (n >>> (m - 1) & 1);
  }

  static long urshr(Arm64Core core, long d, long n, long m, int size) {
    return ushr(core, d, n, m, size) + (n >>> (m - 1) & 1);
  }

  static long ssra(Arm64Core core, long d, long n, long m, int size) {
    return d + sshr(core, d, n, m, size);
  }

  static long usra(Arm64Core core, long d, long n, long m, int size) {
    return d + ushr(core, d, n, m, size);
  }

  static long srsra(Arm64Core core, long d, long n, long m, int size) {
    return d + srshr(core, d, n, m, size);
  }

  static long ursra(Arm64Core core, long d, long n, long m, int size) {
    return d + urshr(core, d, n, m, size);
  }

  static long sqshlu(Arm64Core core, long d, long n, long m, int size) {
    return n < 0 ? unless(core, true, 0, 0) : uqshl(core, d, n, m, size);
  }

  static long sqshrn(Arm64Core core, long d, long n, long m, int size) {
    return clamp(core, n >> m, size - 1);
  }

  static long sqrshrn(Arm64Core core, long d, long n, long m, int size) {
    return clamp(core, srshr(core, d, n, m, size), size - 1);
  }

  static long sqshrun(Arm64Core core, long d, long n, long m, int size) {
    return clampUnsigned(core, n >> m, size - 1);
  }

  static long sqrshrun(Arm64Core core, long d, long n, long m, int size) {
    return clampUnsigned(core, srshr(core, d, n, m, size), size - 1);
  }

  static long uqshrn(Arm64Core core, long d, long n, long m, int size) {
    return uqxtn(core, d, n >>> m, m, size);
  }

  static long uqrshrn(Arm64Core core, long d, long n, long m, int size) {
    return uqxtn(core, d, urshr(core, d, n, m, size), m, size);
  }

  // ---- shifts by the low byte of a register's element: to the left, or by a negative one to the right

  static long sshl(Arm64Core core, long d, long n, long m, int size) {
    int by = (byte) m;
    return by < 0 ? sshr(core, d, n, -by, size) : left(n, by);
  }

  static long ushl(Arm64Core core, long d, long n, long m, int size) {
    int by = (byte) m;
    return by < 0 ? ushr(core, d, n, Math.min(64, -by), size) : left(n, by);
  }

  private static long left(long n, int by) {
    return by > 63 ? 0 : n << by;
  }

  static long srshl(Arm64Core core, long d, long n, long m, int size) {
    int by = (byte) m;
    return by < 0 ? by < -64 ? 0 : srshr(core, d, n, -by, size) : left(n, by);
  }

  static long urshl(Arm64Core core, long d, long n, long m, int size) {
    int by = (byte) m;
    return by < 0 ? by < -64 ? 0 : urshr(core, d, n, -by, size) : left(n, by);
  }

  static long sqshl(Arm64Core core, long d, long n, long m, int size) {
    int by = (byte) m;
    return by < 0 ? sshl(core, d, n, m, size) : leftSaturating(core, n, by, size);
  }

  static long sqrshl(Arm64Core core, long d, long n, long m, int size) {
    int by = (byte) m;
    return by < 0 ? srshl(core, d, n, m, size) : leftSaturating(core, n, by, size);
  }

  static long uqshl(Arm64Core core, long d, long n, long m, int size) {
    int by = (byte) m;
    return by < 0 ? ushl(core, d, n, m, size) : leftSaturatingUnsigned(core, n, by, size);
  }

  static long uqrshl(Arm64Core core, long d, long n, long m, int size) {
    int by = (byte) m;
    return by < 0 ? urshl(core, d, n, m, size) : leftSaturatingUnsigned(core, n, by, size);
  }

  private static long leftSaturating(Arm64Core core, long n, int by, int size) {
    int unused = 64 - (8 << size);
    long shifted = left(n, by) << unused >> unused;
    boolean fits = n == 0 || (by < 8 << size && shifted >> by == n);
    return unless(core, !fits, n < 0 ? ~greatest(size) : greatest(size), shifted);
  }

  private static long leftSaturatingUnsigned(Arm64Core core, long n, int by, int size) {
    long shifted = left(n, by) & ones(size);
    boolean fits = n == 0 || (by < 8 << size && shifted >>> by == n);
    return unless(core, !fits, ones(size), shifted);
  }
}
