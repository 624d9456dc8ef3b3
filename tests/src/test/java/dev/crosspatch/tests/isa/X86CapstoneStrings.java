package dev.crosspatch.tests.isa;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/// Byte strings to compare decoders on. Half are random, with prefixes, escapes and opcode maps made likelier than
/// chance; half are made from strings that turned out to be instructions, one of each kind, by a change or two. So rare
/// opcodes get as many strings as those of one byte.
final class X86CapstoneStrings {
  private static final int BYTES = 15;
  private static final int HEAD = 6;
  private static final int[] PREFIXES = {0x66, 0x66, 0xf2, 0xf3, 0xf0, 0x67, 0x2e, 0x64, 0x65, 0x3e};

  private final Random random;
  private final Set<String> kinds = new HashSet<>();
  private final List<byte[]> instructions = new ArrayList<>();

  X86CapstoneStrings(Random random) {
    this.random = random;
  }

  /// The next string.
  byte[] next() {
    return instructions.isEmpty() || random.nextBoolean() ? fresh() : changed();
  }

  /// Keeps `code`, an instruction, if it is the first of its kind.
  void keep(String kind, byte[] code) {
    if (kinds.add(kind)) {
      instructions.add(code);
    }
  }

  private byte[] changed() {
    byte[] code = instructions.get(random.nextInt(instructions.size())).clone();
    for (int changes = 1 + random.nextInt(2); changes > 0; changes--) {
      int at = random.nextInt(HEAD);
      switch (random.nextInt(4)) {
        case 0 -> code[at] = (byte) random.nextInt();
        case 1 -> code[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> {
          System.arraycopy(code, 0, code, 1, BYTES - 1);
          code[0] = (byte) (random.nextBoolean() ? PREFIXES[random.nextInt(PREFIXES.length)] : 0x40
              | random.nextInt(16));
        }
        default -> {
          for (int i = at + 1; i < BYTES; i++) {
            code[i] = (byte) random.nextInt();
          }
        }
      }
    }
    return code;
  }

  private byte[] fresh() {
    byte[] code = new byte[BYTES];
    random.nextBytes(code);
    int at = 0;
    while (random.nextInt(4) == 0 && at < 4) {
      code[at++] = (byte) PREFIXES[random.nextInt(PREFIXES.length)];
    }
    if (random.nextInt(3) == 0) {
      code[at++] = (byte) (0x40 | random.nextInt(16));
    }
    switch (random.nextInt(8)) {
      case 0, 1, 2 -> code[at] = 0x0f;
      case 3 -> {
        code[at] = 0x0f;
        code[at + 1] = (byte) (random.nextBoolean() ? 0x38 : 0x3a);
      }
      case 4 -> vex(code, at);
      default -> { }
    }
    return code;
  }

  private void vex(byte[] code, int at) {
    code[at] = (byte) (random.nextInt(4) == 0 ? 0xc5 : 0xc4);
    code[at + 1] = (byte) (random.nextInt(8) << 5 | random.nextInt(4));
    code[at + 2] &= (byte) ~(random.nextBoolean() ? 4 : 0);
    if (random.nextBoolean()) {
      code[at + 3] = (byte) (0xf0 | random.nextInt(8));
    }
  }
}
