package dev.crosspatch.asm;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Names of A64 words that Capstone does not know (Arm ARM C6.2): barriers, flag instructions, waits, PSTATE fields,
/// UDF.
final class A64Names {
  /// A word with at most a register in bits 4:0 and a number in `bits` bits at `shift`.
  ///
  /// @param text with `%x` for the register and `%d` for the number
  private record Name(int mask, int match, String text, int shift, int bits) {
    private String of(int word) {
      int register = word & 31;
      int number = word >>> shift & (1 << bits) - 1;
      return text.replace("%x", register == 31 ? "xzr" : "x" + register).replace("%d", Integer.toString(number));
    }
  }

  private static final List<Name> NAMES = List.of(
      word(0xd50330ff, "sb"),
      word(0xd503309f, "ssbb"),
      word(0xd503349f, "pssbb"),
      word(0xd500401f, "cfinv"),
      word(0xd500403f, "xaflag"),
      word(0xd500405f, "axflag"),
      new Name(0xffffffe0, 0xd5031000, "wfet %x", 0, 0),
      new Name(0xffffffe0, 0xd5031020, "wfit %x", 0, 0),
      new Name(0xffff0000, 0, "udf #%d", 0, 16),
      pstate(0xd500407f, "uao"),
      pstate(0xd500409f, "pan"),
      pstate(0xd503403f, "ssbs"),
      pstate(0xd503405f, "dit"),
      pstate(0xd503409f, "tco"));

  private A64Names() {}

  private static Name word(int word, String text) {
    return new Name(-1, word, text, 0, 0);
  }

  private static Name pstate(int word, String field) {
    return new Name(0xfffffeff, word, "msr " + field + ", #%d", 8, 1);
  }

  /// Mnemonic and operands of `word`, or null.
  static @Nullable String find(int word) {
    for (Name name : NAMES) {
      if ((word & name.mask) == name.match) {
        return name.of(word);
      }
    }
    return null;
  }
}
