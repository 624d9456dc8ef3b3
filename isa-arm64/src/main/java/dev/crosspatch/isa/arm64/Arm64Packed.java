package dev.crosspatch.isa.arm64;

/// What a vector instruction does with 64 bits of each of its operands: elements of one size side by side, the lowest
/// first. A register of 128 bits is two of these.
interface Arm64Packed {

  /// One element of the result.
  interface Lane {
    /// Makes it.
    ///
    /// @param d    the destination's element as it was
    /// @param n    the first operand's
    /// @param m    the second operand's, or the immediate of an instruction that has one
    /// @param size log2 of an element's bytes
    /// @return the result in its low bits; the others mean nothing
    long of(Arm64Core core, long d, long n, long m, int size);
  }

  /// Makes 64 bits of the result.
  ///
  /// @param bits how many bits to work on: 64, or those of one element for a scalar, when the others of the result are
  ///             zero
  long of(Arm64Core core, long d, long n, long m, int size, int bits);

  /// Element by element, with their signs.
  static Arm64Packed signed(Lane lane) {
    return (core, d, n, m, size, bits) -> {
      int unused = 64 - (8 << size);
      long result = 0;
      for (int left = unused; left > unused - bits; left -= 8 << size) {
        long element = lane.of(core, d << left >> unused, n << left >> unused, m << left >> unused, size);
        result |= element << unused >>> left;
      }
      return result;
    };
  }

  /// Element by element, without a sign.
  static Arm64Packed unsigned(Lane lane) {
    return (core, d, n, m, size, bits) -> {
      int unused = 64 - (8 << size);
      long result = 0;
      for (int left = unused; left > unused - bits; left -= 8 << size) {
        long element = lane.of(core, d << left >>> unused, n << left >>> unused, m << left >>> unused, size);
        result |= element << unused >>> left;
      }
      return result;
    };
  }

  // ---- moving elements about

  /// `element` of `size` in every place.
  static long replicate(long element, int size) {
    long all = size == 3 ? element : element & (1L << (8 << size)) - 1;
    for (int s = size; s < 3; s++) {
      all |= all << (8 << s);
    }
    return all;
  }

  /// Ones where elements with an even number are.
  static long evenPlaces(int size) {
    return replicate(-1L >>> (64 - (8 << size)), size + 1);
  }

  /// The elements of the low 32 bits as elements of twice the size, `size` being that of the results.
  static long widen(long word, int size, boolean signed) {
    int wide = 8 << size;
    int unused = 64 - wide / 2;
    long result = 0;
    for (int at = 0; at < 64; at += wide) {
      long element = word << (unused - at / 2);
      long extended = signed ? element >> unused : element >>> unused;
      result |= extended << (64 - wide) >>> (64 - wide - at);
    }
    return result;
  }

  /// The low halves of the elements of `size`, in the low 32 bits.
  static long narrow(long word, int size) {
    int wide = 8 << size;
    long result = 0;
    for (int at = 0; at < 64; at += wide) {
      result |= word >>> at << (64 - wide / 2) >>> (64 - wide / 2 - at / 2);
    }
    return result;
  }

  /// The elements with an even number of two words one behind the other.
  static long even(long low, long high, int size) {
    return size == 3 ? low : narrow(low, size + 1) | narrow(high, size + 1) << 32;
  }

  /// Those with an odd number.
  static long odd(long low, long high, int size) {
    return size == 3 ? high : even(low >>> (8 << size), high >>> (8 << size), size);
  }

  /// Low halves of elements of `size`, extended to them.
  static long lowHalves(long word, int size, boolean signed) {
    return widen(narrow(word, size), size, signed);
  }

  /// Elements of `size` in turn from the low 32 bits of two words.
  static long zip(long first, long second, int size) {
    return size == 3 ? first : widen(first, size + 1, false) | widen(second, size + 1, false) << (8 << size);
  }

  /// Elements of `size` in reverse order within each one of `container`.
  static long reverse(long word, int size, int container) {
    long result = word;
    for (int s = size; s < container; s++) {
      long even = evenPlaces(s);
      result = (result >>> (8 << s) & even) | (result & even) << (8 << s);
    }
    return result;
  }
}
