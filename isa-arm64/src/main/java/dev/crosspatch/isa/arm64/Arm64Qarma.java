package dev.crosspatch.isa.arm64;

/// QARMA5, the block cipher of pointer authentication codes: 64 bits under a key of 128 bits and a tweak of 64, five
/// rounds forth and five back, with the S-box sigma 2. Source: DDI0487, ComputePAC and its functions; R. Avanzi, "The
/// QARMA Block Cipher Family", ToSC 2017(1), which has test vectors.
///
/// A block is 16 cells of 4 bits, cell 0 in bits 3:0; four cells of 16 bits are a row of a 4 by 4 matrix.
final class Arm64Qarma {
  private Arm64Qarma() {}

  private static final int ROUNDS = 5;
  /// For each cell of the result: which it was before, or what becomes of that value.
  private static final int[] SHUFFLE = {13, 6, 11, 0, 7, 12, 1, 10, 8, 3, 14, 5, 2, 9, 4, 15};
  private static final int[] TWEAK_SHUFFLE = {4, 5, 6, 7, 11, 2, 3, 8, 12, 13, 14, 15, 0, 1, 10, 9};
  private static final int[] SUBSTITUTE = {11, 6, 8, 15, 12, 0, 9, 14, 3, 7, 4, 5, 13, 2, 1, 10};
  /// One step of the shift register with x^4 + x^3 + 1 that some cells of the tweak take.
  private static final int[] STEP = new int[16];
  /// Cells of a shuffled tweak that take it.
  private static final int STEPPING = 1 << 2 | 1 << 4 | 1 << 7 | 1 << 11 | 1 << 12 | 1 << 14 | 1 << 15;

  static {
    for (int cell = 0; cell < 16; cell++) {
      STEP[cell] = cell >> 1 | ((cell ^ cell >> 1) & 1) << 3;
    }
  }

  private static final int[] SHUFFLE_BACK = inverse(SHUFFLE);
  private static final int[] TWEAK_SHUFFLE_BACK = inverse(TWEAK_SHUFFLE);
  private static final int[] SUBSTITUTE_BACK = inverse(SUBSTITUTE);
  private static final int[] STEP_BACK = inverse(STEP);

  /// Digits of pi.
  private static final long[] ROUND = {
    0, 0x13198a2e_03707344L, 0xa4093822_299f31d0L, 0x082efa98_ec4e6c89L, 0x452821e6_38d01377L
  };
  private static final long ALPHA = 0xc0ac29b7_c97c50ddL;

  private static int[] inverse(int[] table) {
    int[] back = new int[table.length];
    for (int i = 0; i < table.length; i++) {
      back[table[i]] = i;
    }
    return back;
  }

  /// Encrypts a block.
  ///
  /// @param tweak     what goes in besides the key
  /// @param whitening bits 127:64 of the key, w0 in the paper
  /// @param core      bits 63:0 of the key, k0 in the paper
  static long encrypt(long block, long tweak, long whitening, long core) {
    long lastWhitening = Long.rotateRight(whitening, 1) ^ whitening >>> 63;
    long t = tweak;
    long s = block ^ whitening;
    for (int i = 0; i < ROUNDS; i++) {
      s ^= core ^ t ^ ROUND[i];
      s = each(SUBSTITUTE, i == 0 ? s : mix(move(SHUFFLE, s)));
      t = nextTweak(t);
    }
    s = each(SUBSTITUTE, mix(move(SHUFFLE, s ^ lastWhitening ^ t)));
    s = move(SHUFFLE_BACK, mix(move(SHUFFLE, s)) ^ core);
    s = move(SHUFFLE_BACK, mix(each(SUBSTITUTE_BACK, s))) ^ whitening ^ t;
    for (int i = ROUNDS - 1; i >= 0; i--) {
      s = each(SUBSTITUTE_BACK, s);
      s = i == 0 ? s : move(SHUFFLE_BACK, mix(s));
      t = previousTweak(t);
      s ^= core ^ t ^ ROUND[i] ^ ALPHA;
    }
    return s ^ lastWhitening;
  }

  private static int cell(long block, int i) {
    return (int) (block >>> (4 * i)) & 15;
  }

  private static long move(int[] from, long block) {
    long moved = 0;
    for (int i = 0; i < 16; i++) {
      moved |= (long) cell(block, from[i]) << (4 * i);
    }
    return moved;
  }

  private static long each(int[] value, long block) {
    return some(value, block, -1);
  }

  /// The block with `value` of those cells that `which` has a bit for.
  private static long some(int[] value, long block, int which) {
    long changed = 0;
    for (int i = 0; i < 16; i++) {
      int cell = cell(block, i);
      changed |= (long) ((which >> i & 1) != 0 ? value[cell] : cell) << (4 * i);
    }
    return changed;
  }

  private static long nextTweak(long tweak) {
    return some(STEP, move(TWEAK_SHUFFLE, tweak), STEPPING);
  }

  private static long previousTweak(long tweak) {
    return move(TWEAK_SHUFFLE_BACK, some(STEP_BACK, tweak, STEPPING));
  }

  /// Multiplies by the matrix circ(0, rho, rho^2, rho), its own inverse: each cell becomes the sum of the other rows'
  /// cells of its column, rotated left by 1, 2 and 1 bits.
  private static long mix(long block) {
    return rotate(Long.rotateRight(block, 16), 1) ^ rotate(Long.rotateRight(block, 32), 2)
        ^ rotate(Long.rotateRight(block, 48), 1);
  }

  /// Rotates every cell left.
  private static long rotate(long block, int by) {
    long low = 0x1111_1111_1111_1111L * ((1 << by) - 1);
    return (block << by & ~low) | (block >>> (4 - by) & low);
  }
}
