package dev.crosspatch.asm;

import java.nio.ByteBuffer;
import java.util.function.ToLongFunction;

/// An A64 instruction whose operand is a place relative to itself. Keystone gets some of them wrong and would have to
/// encode every one of them anew wherever it stands.
///
/// @param opcode the word without the distance
/// @param field  where the distance goes
/// @param target the place
record A64Relative(Statement statement, int opcode, Field field, Expression target) implements Fragment {
  /// A distance field (Arm ARM C6.2): bits it has, where they are, and what it counts.
  enum Field {
    IMM26(26, 0, 4),
    IMM19(19, 5, 4),
    IMM14(14, 5, 4),
    /// Bytes: the two low bits in 30:29, the others in 23:5.
    ADR(21, 5, 1),
    /// Pages of 4 KiB, laid out as above.
    ADRP(21, 5, 4096);

    final int bits;
    final int shift;
    final int unit;

    Field(int bits, int shift, int unit) {
      this.bits = bits;
      this.shift = shift;
      this.unit = unit;
    }

    private int place(long distance) {
      if (this == ADR || this == ADRP) {
        return (int) ((distance & 3) << 29 | (distance >> 2 & 0x7ffff) << 5);
      }
      return (int) (distance & (1L << bits) - 1) << shift;
    }
  }

  @Override
  public long size(ToLongFunction<String> symbols, long address) {
    return 4;
  }

  @Override
  public void write(ToLongFunction<String> symbols, long address, ByteBuffer out) {
    long value = target.value(symbols);
    long from = field == Field.ADRP ? address & -field.unit : address;
    long to = field == Field.ADRP ? value & -field.unit : value;
    long bytes = to - from;
    if (bytes % field.unit != 0) {
      throw new SyntaxError("target " + Numbers.hex(value) + " is not a multiple of 4 bytes away");
    }
    if (!Numbers.fitsSigned(bytes / field.unit, field.bits)) {
      throw new SyntaxError("target is out of reach, " + bytes + " bytes away");
    }
    out.putInt(Integer.reverseBytes(opcode | field.place(bytes / field.unit)));
  }
}
