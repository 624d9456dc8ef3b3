package dev.crosspatch.asm;

import dev.crosspatch.asm.A64Instruction.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Finds the numbers in an instruction's operands, so that Keystone sees values only.
final class A64TextBuilder {
  /// Words behind which a number needs no `#`.
  private static final Set<String> SHIFTS =
      Set.of(
          "lsl", "lsr", "asr", "ror", "msl", "uxtb", "uxth", "uxtw", "uxtx", "sxtb", "sxth", "sxtw", "sxtx", "mul");

  private final String operands;
  private final Unit unit;
  private final List<Slot> slots = new ArrayList<>();
  private final StringBuilder text;
  private final boolean isFloat;
  private int position;

  A64TextBuilder(String mnemonic, String operands, Unit unit) {
    this.operands = operands;
    this.unit = unit;
    text = new StringBuilder(mnemonic);
    isFloat = mnemonic.equals("fmov");
    if (!operands.isEmpty()) {
      text.append(' ');
    }
  }

  A64Instruction build(Statement statement) {
    boolean numberMayStart = true;
    while (position < operands.length()) {
      numberMayStart = step(operands.charAt(position), numberMayStart);
    }
    return new A64Instruction(statement, unit.encoder(), slots, text.toString());
  }

  /// Takes something, and returns whether a number without `#` may come next.
  private boolean step(char c, boolean numberMayStart) {
    if (c == '{') {
      return copyThrough('}');
    }
    if (c == '[' && position > 0 && isBeforeLane(operands.charAt(position - 1))) {
      return copyThrough(']');
    }
    if (c == '#') {
      position++;
      return number();
    }
    if (numberMayStart && (":(-~+'".indexOf(c) >= 0 || Character.isDigit(c))) {
      return number();
    }
    if (Cursor.isSymbolStart(c)) {
      return word(numberMayStart);
    }
    text.append(c);
    position++;
    return c == ',' || c == '[' || (c == ' ' && numberMayStart);
  }

  /// Whether a bracket behind `c` holds a lane number, as in `v0.b[1]` and `{v0.b}[1]`.
  private static boolean isBeforeLane(char c) {
    return Character.isLetterOrDigit(c) || c == '}';
  }

  /// Copies a register list or a lane number.
  private boolean copyThrough(char last) {
    int end = operands.indexOf(last, position);
    if (end < 0) {
      throw new SyntaxError("'" + last + "' is missing");
    }
    text.append(operands, position, end + 1);
    position = end + 1;
    return false;
  }

  private boolean word(boolean numberMayStart) {
    Cursor cursor = new Cursor(operands);
    cursor.seek(position);
    String word = cursor.symbol();
    if (numberMayStart && unit.symbols().isDefined(word)) {
      return number();
    }
    String lower = word.toLowerCase(Locale.ROOT);
    text.append(A64Rows.systemRegister(lower));
    position += word.length();
    return SHIFTS.contains(lower);
  }

  /// Keystone takes a number that has no encoding for zero.
  private String floatingPoint(String digits) {
    double value;
    try {
      value = Double.parseDouble(digits);
    } catch (NumberFormatException e) {
      throw new SyntaxError("'" + digits + "' is not a floating-point number");
    }
    // VFPExpandImm (Arm ARM, shared pseudocode): 16 to 31 sixteenths times a power of two from -3 to 4.
    double fraction = Math.abs(value) / Math.scalb(1.0, Math.getExponent(value)) * 16;
    boolean encodable = Math.getExponent(value) >= -3 && Math.getExponent(value) <= 4
        && fraction == Math.rint(fraction);
    boolean zero = Double.doubleToRawLongBits(value) == 0;
    if (isFloat && !encodable && !zero) {
      throw new SyntaxError("immediate " + digits
          + " is no multiple of 1/16 of a power of two from 1/8 to 16, nor zero");
    }
    return digits.contains(".") ? digits : digits + ".0";
  }

  private boolean number() {
    Cursor cursor = new Cursor(operands);
    cursor.seek(position);
    String rest = cursor.rest();
    if (rest.matches("[-+]?[0-9]+\\.[0-9].*") || (isFloat && rest.matches("[-+]?[0-9]+"))) {
      text.append('#').append(floatingPoint(cursor.take(c -> c != ',' && c != ']').strip()));
    } else {
      String modifier = "";
      if (cursor.accept(":")) {
        modifier = cursor.expectSymbol();
        cursor.expect(":");
      }
      Expression value = unit.expression(cursor);
      if (isFloat && value.isConstant() && (value.constant("") < 0 || value.constant("") > 255)) {
        throw new SyntaxError("an encoded floating-point number has 8 bits; " + rest + " has more");
      }
      slots.add(new Slot(text.toString(), modifier, value));
      text.setLength(0);
    }
    position = cursor.position();
    return false;
  }
}
