package dev.crosspatch.isa.arm64;

import static dev.crosspatch.isa.arm64.Arm64Field.*;

/// Field values that are unallocated although the bits around them match. A constant names the *allowed* case.
enum Arm64Guard {
  /// Everything.
  NONE,
  /// The shift amount fits the operand size.
  AMOUNT_FITS,
  /// As above, and not ROR, which additions do not have.
  AMOUNT_FITS_NO_ROTATE,
  /// Extended registers shift by at most 4.
  EXTEND_AMOUNT,
  /// Register offsets extend from words or doublewords only.
  WIDE_OFFSET,
  /// Wide moves of 32 bits have two halves only.
  HALF_FITS,
  /// N equals sf, and positions fit the operand size.
  BITFIELD,
  /// As above for EXTR, which has no immr.
  EXTRACT,
  /// The bitmask immediate decodes to something.
  BITMASK,
  /// CRC32X, and only it, is a 64-bit instruction.
  CRC_SIZE,
  /// Register pairs of CASP start at even registers.
  EVEN_PAIRS,

  // ---- SIMD: sizes of elements
  /// No vector of one doubleword.
  TWO_DOUBLEWORDS,
  NO_DOUBLEWORDS,
  BYTES_AND_HALVES,
  HALVES_AND_WORDS,
  /// Elements to be reduced: no doublewords, and no vector of two words.
  FOUR_WORDS,
  /// No vector of one double.
  TWO_DOUBLES,
  /// 128 bits.
  QUAD,
  /// As TWO_DOUBLES, and DOUBLE_INDEX.
  ELEMENT_OF_TWO,
  /// H alone is the index of a double.
  DOUBLE_INDEX,
  /// A fixed-point number of 32 bits has no more bits of fraction.
  FRACTION_FITS,
  /// As TWO_DOUBLEWORDS, of a shift by an immediate.
  SHIFT_FITS,
  /// imm5 tells an element's size.
  ELEMENT,
  /// As above, and there is no vector of one doubleword.
  ELEMENT_FITS,
  /// Q tells the size of the result of SMOV, which is larger than the element.
  ELEMENT_SIGNED,
  /// The same of UMOV, with Q for a doubleword alone.
  ELEMENT_WHOLE,
  /// EXT starts within the register.
  BYTE_FITS;

  /// Whether `w`, which matches its row's pattern, is allocated.
  boolean allows(Arm64Word w) {
    return switch (this) {
      case NONE -> true;
      case AMOUNT_FITS -> w.get(IMM6) < w.operandBits();
      case AMOUNT_FITS_NO_ROTATE -> w.get(SHIFT) != 3 && w.get(IMM6) < w.operandBits();
      case EXTEND_AMOUNT -> w.get(IMM3) <= 4;
      case WIDE_OFFSET -> (w.get(OPTION) & 2) != 0;
      case HALF_FITS -> w.is(SF) || w.get(HW) < 2;
      case BITFIELD -> w.get(N) == w.get(SF) && w.get(IMMR) < w.operandBits() && w.get(IMMS) < w.operandBits();
      case EXTRACT -> w.get(N) == w.get(SF) && w.get(IMMS) < w.operandBits();
      case BITMASK -> (w.is(SF) || !w.is(N)) && Arm64Bitmask.valid(w.get(N), w.get(IMMS));
      case CRC_SIZE -> w.is(SF) == (w.get(SZ) == 3);
      case EVEN_PAIRS -> (w.get(RS) & 1) == 0 && (w.get(RT) & 1) == 0;
      case TWO_DOUBLEWORDS -> w.get(SIZE) != 3 || w.is(Q);
      case NO_DOUBLEWORDS -> w.get(SIZE) != 3;
      case BYTES_AND_HALVES -> w.get(SIZE) < 2;
      case HALVES_AND_WORDS -> w.get(SIZE) == 1 || w.get(SIZE) == 2;
      case FOUR_WORDS -> w.get(SIZE) < 2 || (w.get(SIZE) == 2 && w.is(Q));
      case TWO_DOUBLES -> !w.is(SZ) || w.is(Q);
      case QUAD -> w.is(Q);
      case ELEMENT_OF_TWO -> !w.is(SZ) || (w.is(Q) && !w.is(L));
      case DOUBLE_INDEX -> !w.is(SZ) || !w.is(L);
      case FRACTION_FITS -> w.is(SF) || w.get(SCALE) >= 32;
      case SHIFT_FITS -> w.get(IMMH) < 8 || w.is(Q);
      case ELEMENT -> element(w) < 4;
      case ELEMENT_FITS -> element(w) < 3 || (element(w) == 3 && w.is(Q));
      case ELEMENT_SIGNED -> element(w) < (w.is(Q) ? 3 : 2);
      case ELEMENT_WHOLE -> w.is(Q) ? element(w) == 3 : element(w) < 3;
      case BYTE_FITS -> w.is(Q) || w.get(IMM4) < 8;
    };
  }

  /// log2 of the bytes of an element.
  private static int element(Arm64Word w) {
    return Integer.numberOfTrailingZeros(w.get(IMM5));
  }
}
