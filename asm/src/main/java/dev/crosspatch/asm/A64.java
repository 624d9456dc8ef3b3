package dev.crosspatch.asm;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// A64, the instruction set of AArch64, in Arm syntax. All instructions have 4 bytes, so addresses never depend on
/// what is encoded.
final class A64 implements InstructionSet {
  private static final int KS_ARCH_ARM64 = 2;
  private static final int KS_MODE_LITTLE_ENDIAN = 0;
  private static final int NOP = 0xd503201f;

  @Override
  public int keystoneArch() {
    return KS_ARCH_ARM64;
  }

  @Override
  public int keystoneMode() {
    return KS_MODE_LITTLE_ENDIAN;
  }

  @Override
  public boolean hashComments() {
    return false;
  }

  @Override
  public int wordWidth() {
    return 4;
  }

  @Override
  public boolean alignsByPower() {
    return true;
  }

  @Override
  public byte[] padding(int size) {
    ByteBuffer out = ByteBuffer.allocate(size).position(size % 4);
    while (out.hasRemaining()) {
      out.putInt(Integer.reverseBytes(NOP));
    }
    return out.array();
  }

  @Override
  public String batch(List<String> texts) {
    return String.join("\n", texts);
  }

  @Override
  public List<byte[]> split(byte[] bytes, int count) {
    List<byte[]> parts = new ArrayList<>();
    for (int i = 0; bytes.length == 4 * count && i < count; i++) {
      parts.add(Arrays.copyOfRange(bytes, 4 * i, 4 * i + 4));
    }
    return parts;
  }

  @Override
  public Fragment instruction(Statement statement, Unit unit) {
    Cursor cursor = new Cursor(statement.text());
    String mnemonic = cursor.take(Cursor::isSymbolPart).toLowerCase(Locale.ROOT);
    if (mnemonic.isEmpty()) {
      throw new SyntaxError("a mnemonic expected before '" + cursor.rest() + "'");
    }
    if (mnemonic.equals(".inst")) {
      return words(cursor, statement, unit);
    }
    if (mnemonic.startsWith(".")) {
      throw new SyntaxError("unknown directive '" + mnemonic + "'");
    }
    List<String> operands = Macro.splitArguments(cursor.rest());
    operands.forEach(A64::checkShape);
    Fragment relative = A64RelativeReader.read(mnemonic, operands, statement, unit);
    if (relative != null) {
      return relative;
    }
    Integer word =
        mnemonic.equals("udf")
            ? Integer.valueOf(udf(operands, unit))
            : A64Rows.find(mnemonic, operands, text -> number(text, unit).constant("an immediate"));
    return word != null
        ? new Fragment.Value(statement, new Expression.Constant(word), 4)
        : new A64TextBuilder(mnemonic, cursor.rest(), unit).build(statement);
  }

  /// Refuses operands that Keystone would misread or never come to an end with.
  private static void checkShape(String operand) {
    if (operand.isEmpty()) {
      throw new SyntaxError("an operand is missing");
    }
    int open = operand.indexOf('[');
    int close = operand.indexOf(']');
    if (open != operand.lastIndexOf('[') || close != operand.lastIndexOf(']') || (open < 0 ? close >= 0 : close < open)) {
      throw new SyntaxError("brackets do not match in '" + operand + "'");
    }
  }

  /// `.inst`: instructions as words.
  private static Fragment words(Cursor cursor, Statement statement, Unit unit) {
    while (true) {
      Fragment word = new Fragment.Value(statement, unit.expression(cursor), 4);
      if (!cursor.accept(",")) {
        cursor.expectEnd();
        return word;
      }
      unit.add(word);
    }
  }

  private static int udf(List<String> operands, Unit unit) {
    long value = operands.size() == 1 ? number(operands.getFirst(), unit).constant("an immediate") : -1;
    if (value < 0 || value > 0xffff) {
      throw new SyntaxError("udf takes a number of 16 bits");
    }
    return (int) value;
  }

  /// A number or an expression, with or without `#`.
  static Expression number(String text, Unit unit) {
    Cursor cursor = new Cursor(text);
    cursor.accept("#");
    Expression value = unit.expression(cursor);
    cursor.expectEnd();
    return value;
  }
}
