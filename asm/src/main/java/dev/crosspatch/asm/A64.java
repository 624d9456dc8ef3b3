package dev.crosspatch.asm;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A64, the instruction set of AArch64, in Arm syntax. All instructions have 4 bytes, so addresses never depend on
/// what is encoded.
final class A64 implements Dialect {
  private static final int NOP = 0xd503201f;
  /// Arm ARM C1.2.5; Keystone takes it for the zero register.
  private static final Pattern NO_REGISTER = Pattern.compile("(?<![\\w.$])([wx]31)(?![\\w.$])",
      Pattern.CASE_INSENSITIVE);

  private static final Set<String> ADDITIONS = Set.of("add", "adds", "sub", "subs", "cmp", "cmn");

  /// Logical instructions whose immediate is the complement of the one that is encoded.
  private static final Set<String> COMPLEMENTED = Set.of("bic", "bics", "orn", "eon");

  private final Encoder encoder;

  A64(Encoder encoder) {
    this.encoder = encoder;
  }

  @Override
  public String name() {
    return "aarch64";
  }

  @Override
  public Encoder encoder() {
    return encoder;
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
    refuseWideMask(mnemonic, operands, unit);
    refuseMixedShift(mnemonic, operands);
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
    if (open != operand.lastIndexOf('[') || close != operand.lastIndexOf(']')
        || (open < 0 ? close >= 0 : close < open)) {
      throw new SyntaxError("brackets do not match in '" + operand + "'");
    }
    Matcher none = NO_REGISTER.matcher(operand);
    if (operand.contains("31") && none.find()) {
      throw new SyntaxError("there is no register '" + none.group(1) + "'; number 31 is called sp, wsp, xzr or wzr");
    }
  }

  /// Keystone (and LLVM, of MOV) looks at the low half of the immediate only, which is right if the high half has
  /// nothing to add.
  private static void refuseWideMask(String mnemonic, List<String> operands, Unit unit) {
    int at = COMPLEMENTED.contains(mnemonic) ? 2 : mnemonic.equals("mov") ? 1 : operands.size();
    if (operands.size() != at + 1 || !operands.get(at).startsWith("#")
        || !operands.getFirst().toLowerCase(Locale.ROOT).startsWith("w")) {
      return;
    }
    Expression value = number(operands.get(at), unit);
    long high = value.isConstant() ? value.constant("an immediate") >> 32 : 0;
    if (high != 0 && high != -1) {
      throw new SyntaxError("immediate " + Numbers.hex(value.constant("an immediate")) + " does not fit 32 bits");
    }
  }

  /// ADD and its kind extend a W register for an X register; LSL shifts one of the same width only, and Keystone takes
  /// the X register of that number.
  private static void refuseMixedShift(String mnemonic, List<String> operands) {
    if (!ADDITIONS.contains(mnemonic) || operands.size() < 3
        || !operands.getLast().toLowerCase(Locale.ROOT).startsWith("lsl")) {
      return;
    }
    char first = Character.toLowerCase(operands.getFirst().charAt(0));
    char shifted = Character.toLowerCase(operands.get(operands.size() - 2).charAt(0));
    if (shifted == 'w' && first != 'w') {
      throw new SyntaxError("lsl shifts a register as wide as the others; uxtw and sxtw extend '"
          + operands.get(operands.size() - 2) + "'");
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
    return unit.expression(text.startsWith("#") ? text.substring(1) : text);
  }
}
