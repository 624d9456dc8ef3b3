package dev.crosspatch.asm;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;

/// An x86 instruction that Keystone encodes.
///
/// Numbers that depend on the layout are replaced by stand-ins of the same kind (signed 32 bits, unsigned 32 bits, 64
/// bits), found again in the bytes and overwritten with the true value. So the text given to Keystone, and with it the
/// size, stays the same while the layout moves. Immediates of 32 bits are replaced, too: one text does for all of them.
final class X86Instruction implements Fragment {
  /// A number in the text.
  ///
  /// @param before     text before it
  /// @param expression its value
  /// @param kind       what it is
  /// @param bits       width it must fit
  record Slot(String before, Expression expression, Kind kind, int bits) {
    /// Whether `value` here can only be encoded as an immediate of 32 bits that is extended by its sign.
    private boolean isImmediateOf32Bits(long value) {
      boolean immediate = kind == Kind.IMMEDIATE || kind == Kind.SIGNED;
      return immediate && bits >= 32 && !Numbers.fits(value, 8) && Numbers.fitsSigned(value, 32);
    }
  }

  /// What a number in the text is.
  enum Kind {
    IMMEDIATE,
    /// An immediate of 32 bits that is extended by its sign.
    SIGNED,
    DISPLACEMENT,
    /// A displacement that names a target and counts from the end of the instruction.
    RELATIVE,
    /// A displacement without base and index. Keystone would make it relative to the instruction pointer; the text
    /// has rsp as base and the bytes are mended: ModRM mod 10 becomes 00, SIB base 100 becomes 101 (SDM 2, 2.2.1.6).
    ABSOLUTE
  }

  private static final long STAND_IN_32 = 0x5a17c0d3;
  private static final long STAND_IN_64 = 0x5a17c0d35b68e1f4L;

  private static final byte EVEX = 0x62;
  private static final int MODRM_BEHIND_EVEX = 5;

  private final Statement statement;
  private final Encoder encoder;
  private final List<Slot> slots;
  private final String after;
  private final UnaryOperator<byte[]> rewrite;
  /// Displacements have 32 bits, however small they are.
  private boolean far;

  /// @param slots   numbers with the texts before them
  /// @param after   text behind the last
  /// @param rewrite changes Keystone's bytes, before numbers are filled in
  X86Instruction(
      Statement statement, Encoder encoder, List<Slot> slots, String after, UnaryOperator<byte[]> rewrite) {
    this.statement = statement;
    this.encoder = encoder;
    this.slots = slots;
    this.after = after;
    this.rewrite = rewrite;
  }

  @Override
  public Statement statement() {
    return statement;
  }

  @Override
  public String textForSize(ToLongFunction<String> symbols) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      text.append(slot.before).append(Numbers.hex(numberInText(slot, i, symbols)));
    }
    return text.append(after).toString();
  }

  private long numberInText(Slot slot, int index, ToLongFunction<String> symbols) {
    long value = slot.expression.value(symbols);
    if (slot.kind == Kind.RELATIVE || slot.kind == Kind.ABSOLUTE) {
      return STAND_IN_32 + index;
    }
    boolean near = !far || slot.kind != Kind.DISPLACEMENT;
    if (near && (slot.expression.isConstant() ? !slot.isImmediateOf32Bits(value) : Numbers.fitsSigned(value, 17))) {
      return value;
    }
    if (Numbers.fitsSigned(value, 32)) {
      return value < 0 ? -STAND_IN_32 - index : STAND_IN_32 + index;
    }
    return Numbers.fits(value, 32) ? (1L << 31) + STAND_IN_32 + index : STAND_IN_64 + index;
  }

  private byte[] encoded(ToLongFunction<String> symbols) {
    return rewrite.apply(encoder.bytes(textForSize(symbols)));
  }

  /// A displacement of 8 bits behind EVEX counts in units of the operand's width (SDM volume 2, 2.7.5), and Keystone
  /// writes the low byte of the number itself.
  @Override
  public boolean grow(ToLongFunction<String> symbols, long address) {
    boolean wrong = !far && slots.stream().anyMatch(slot -> slot.kind == Kind.DISPLACEMENT)
        && hasScaledByte(encoded(symbols));
    far |= wrong;
    return wrong;
  }

  private static boolean hasScaledByte(byte[] bytes) {
    int at = 0;
    while (at < bytes.length && X86.isPrefixByte(bytes[at])) {
      at++;
    }
    return at + MODRM_BEHIND_EVEX < bytes.length && bytes[at] == EVEX && (bytes[at + MODRM_BEHIND_EVEX] & 0xc0) == 0x40;
  }

  @Override
  public long size(ToLongFunction<String> symbols, long address) {
    return encoded(symbols).length;
  }

  @Override
  public void write(ToLongFunction<String> symbols, long address, ByteBuffer out) {
    byte[] bytes = encoded(symbols).clone();
    for (int i = 0; i < slots.size(); i++) {
      fill(bytes, i, symbols, address);
    }
    out.put(bytes);
  }

  private void fill(byte[] bytes, int index, ToLongFunction<String> symbols, long address) {
    Slot slot = slots.get(index);
    long value = slot.expression.value(symbols);
    refuseTooWide(slot, value);
    long inText = numberInText(slot, index, symbols);
    if (inText == value && slot.kind != Kind.ABSOLUTE && slot.kind != Kind.RELATIVE) {
      return;
    }
    int width = Numbers.fits(inText, 32) ? 4 : 8;
    int at = find(bytes, inText, width);
    if (slot.kind == Kind.ABSOLUTE) {
      bytes[at - 2] &= 0x3f;
      bytes[at - 1] |= 1;
    }
    long stored = slot.kind == Kind.RELATIVE ? value - (address + bytes.length) : value;
    if (slot.kind == Kind.RELATIVE && !Numbers.fitsSigned(stored, 32)) {
      throw new SyntaxError("target is out of reach, " + stored + " bytes away");
    }
    for (int i = 0; i < width; i++) {
      bytes[at + i] = (byte) (stored >> (8 * i));
    }
  }

  private static void refuseTooWide(Slot slot, long value) {
    boolean fits =
        switch (slot.kind) {
          case IMMEDIATE -> Numbers.fits(value, slot.bits);
          case SIGNED, DISPLACEMENT, ABSOLUTE -> Numbers.fitsSigned(value, 32);
          case RELATIVE -> true;
        };
    if (!fits) {
      String what = slot.kind == Kind.IMMEDIATE || slot.kind == Kind.SIGNED ? "immediate " : "displacement ";
      throw new SyntaxError(what + Numbers.hex(value) + " does not fit " + Math.min(slot.bits, 64) + " bits");
    }
  }

  private int find(byte[] bytes, long number, int width) {
    int found = -1;
    for (int i = 0; i + width <= bytes.length; i++) {
      long here = 0;
      for (int k = width - 1; k >= 0; k--) {
        here = here << 8 | (bytes[i + k] & 0xff);
      }
      if (here == (width == 4 ? number & 0xffffffffL : number)) {
        if (found >= 0) {
          throw new IllegalStateException("stand-in twice in the code of " + statement.text());
        }
        found = i;
      }
    }
    if (found < 0) {
      throw new SyntaxError("this operand cannot hold an address of that size");
    }
    return found;
  }
}
