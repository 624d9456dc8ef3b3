package dev.crosspatch.asm;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.ToLongFunction;

/// An A64 instruction that Keystone encodes once all addresses are known.
///
/// @param encoder what encodes it
/// @param slots   the numbers in its text, with the texts before them
/// @param after   the text behind the last
record A64Instruction(Statement statement, Encoder encoder, List<Slot> slots, String after) implements Fragment {
  /// A number in the text.
  ///
  /// @param before   text before it
  /// @param modifier relocation operator without colons, or empty
  /// @param value    its value, before the modifier
  record Slot(String before, String modifier, Expression value) {
    private long number(ToLongFunction<String> symbols) {
      long v = value.value(symbols);
      return switch (modifier) {
        case "" -> v;
        case "lo12" -> v & 0xfff;
        case "abs_g0_nc" -> v & 0xffff;
        case "abs_g1_nc" -> v >>> 16 & 0xffff;
        case "abs_g2_nc" -> v >>> 32 & 0xffff;
        case "abs_g3" -> v >>> 48;
        case "abs_g0" -> v;
        case "abs_g1" -> v >>> 16;
        case "abs_g2" -> v >>> 32;
        default -> throw new SyntaxError("unknown relocation operator ':" + modifier + ":'");
      };
    }
  }

  @Override
  public String textForBytes(ToLongFunction<String> symbols) {
    StringBuilder text = new StringBuilder();
    for (Slot slot : slots) {
      text.append(slot.before).append('#').append(Numbers.hex(slot.number(symbols)));
    }
    return text.append(after).toString();
  }

  @Override
  public long size(ToLongFunction<String> symbols, long address) {
    return 4;
  }

  @Override
  public void write(ToLongFunction<String> symbols, long address, ByteBuffer out) {
    out.put(encoder.bytes(textForBytes(symbols)));
  }
}
