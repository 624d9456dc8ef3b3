package dev.crosspatch.isa.x86;

import java.util.function.LongBinaryOperator;

/// What an instruction does with 128 bits of its operands.
interface X86Lane {
  /// Writes words `d` and `d + 1` of [X86Core#v] from words `a`, `a + 1` of the first source, `b`, `b + 1` of the
  /// second and the immediate. Any of them may be the same, so both sources are read before the first word is written.
  void run(X86Core c, int d, int a, int b, int imm);

  /// A lane of two words that have nothing to do with each other.
  static X86Lane words(LongBinaryOperator f) {
    return (c, d, a, b, imm) -> {
      long low = f.applyAsLong(c.v[a], c.v[b]);
      c.v[d + 1] = f.applyAsLong(c.v[a + 1], c.v[b + 1]);
      c.v[d] = low;
    };
  }

  /// A lane of elements of so many bits, which `f` gets with their sign.
  static X86Lane signed(int bits, LongBinaryOperator f) {
    int unused = 64 - bits;
    return words((a, b) -> {
      long out = 0;
      for (int at = 0; at < 64; at += bits) {
        long value = f.applyAsLong(a << (unused - at) >> unused, b << (unused - at) >> unused);
        out |= value << unused >>> (unused - at);
      }
      return out;
    });
  }

  /// As [#signed], of elements without sign.
  static X86Lane unsigned(int bits, LongBinaryOperator f) {
    int unused = 64 - bits;
    return words((a, b) -> {
      long out = 0;
      for (int at = 0; at < 64; at += bits) {
        long value = f.applyAsLong(a << (unused - at) >>> unused, b << (unused - at) >>> unused);
        out |= value << unused >>> (unused - at);
      }
      return out;
    });
  }
}
