package dev.crosspatch.asm;

import dev.crosspatch.asm.X86Argument.Memory;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads `size ptr segment:[base + index*scale + displacement]` and `displacement[base]`.
final class X86MemoryParser {
  private static final Pattern SCALE_FIRST = Pattern.compile("([0-9][0-9A-Za-z]*)\\s*\\*\\s*([A-Za-z][0-9A-Za-z]*)");

  private static final int MOST_TERMS = 100;

  private final Cursor cursor;
  private final Unit unit;
  private String base = "";
  private String index = "";
  private long scale = 1;
  private Expression displacement = new Expression.Constant(0);

  X86MemoryParser(Cursor cursor, Unit unit) {
    this.cursor = cursor;
    this.unit = unit;
  }

  /// Takes the operand, with which the text must end.
  Memory parse() {
    String size = acceptWord(X86Argument.SIZES);
    if (!size.isEmpty() && !acceptWord(Map.of("ptr", 0)).isEmpty() && cursor.atEnd()) {
      throw new SyntaxError("an address is missing behind 'ptr'");
    }
    String segment = acceptWord(X86Argument.REGISTERS);
    if (!segment.isEmpty()) {
      cursor.expect(":");
    }
    if (cursor.peek() != '[') {
      displacement = X86Argument.parser(cursor, unit).parse();
    }
    // `fs:40` is `fs:[40]`, as in gas.
    if (segment.isEmpty() || cursor.peek() == '[') {
      cursor.expect("[");
      terms();
      cursor.expect("]");
    }
    String decoration = cursor.peek() == '{' ? cursor.rest() : "";
    if (decoration.isEmpty()) {
      cursor.expectEnd();
    }
    moveStackPointer();
    if (base.matches("[xyz]mm.*") && index.isEmpty()) {
      index = base;
      base = "";
    }
    check(base, index);
    return new Memory(size, segment, base, index, scale, displacement, decoration);
  }

  /// The stack pointer has no encoding as an index, and Keystone would leave it out.
  private void moveStackPointer() {
    if (!index.equals("rsp") && !index.equals("esp")) {
      return;
    }
    if (scale != 1 || base.equals(index)) {
      throw new SyntaxError("register '" + index + "' cannot be an index");
    }
    String swapped = base;
    base = index;
    index = swapped;
  }

  /// Refuses registers that an address cannot have. Keystone takes any register here and encodes its number.
  ///
  /// @param base  a register, or empty
  /// @param index a register, or empty
  static void check(String base, String index) {
    boolean isPointer = X86Argument.INSTRUCTION_POINTERS.contains(base);
    if (!base.isEmpty() && !isPointer && !X86Argument.ADDRESS_REGISTERS.contains(base)) {
      throw new SyntaxError("register '" + base + "' cannot be a base");
    }
    boolean isIndex = X86Argument.ADDRESS_REGISTERS.contains(index) || index.matches("[xyz]mm.*");
    if (!index.isEmpty() && (!isIndex || isPointer)) {
      throw new SyntaxError("register '" + index + "' cannot be an index" + (isPointer ? " to " + base : ""));
    }
    if (!base.isEmpty() && X86Argument.ADDRESS_REGISTERS.contains(index) && bits(base) != bits(index)) {
      throw new SyntaxError("registers '" + base + "' and '" + index + "' of one address have different widths");
    }
  }

  private static int bits(String register) {
    return Objects.requireNonNull(X86Argument.REGISTERS.get(register)).bits();
  }

  private String acceptWord(Map<String, ?> words) {
    int start = cursor.position();
    String word = cursor.symbol().toLowerCase(Locale.ROOT);
    if (words.containsKey(word)) {
      return word;
    }
    cursor.seek(start);
    return "";
  }

  private void terms() {
    boolean minus = cursor.accept("-");
    for (int count = 0; ; count++) {
      if (count == MOST_TERMS) {
        throw new SyntaxError("an address has at most " + MOST_TERMS + " terms");
      }
      term(minus);
      minus = cursor.peek() == '-';
      if (!cursor.accept("+") && !cursor.accept("-")) {
        return;
      }
    }
  }

  private void term(boolean minus) {
    Matcher scaleFirst = SCALE_FIRST.matcher(cursor.rest());
    if (scaleFirst.lookingAt() && X86Argument.REGISTERS.containsKey(scaleFirst.group(2).toLowerCase(Locale.ROOT))) {
      long factor = number(scaleFirst.group(1));
      cursor.accept(scaleFirst.group());
      register(scaleFirst.group(2).toLowerCase(Locale.ROOT), factor, true, minus);
      return;
    }
    String register = acceptWord(X86Argument.REGISTERS);
    if (!register.isEmpty()) {
      boolean scaled = cursor.accept("*");
      register(register, scaled ? X86Argument.parser(cursor, unit).parseTerm().constant("a scale") : 1, scaled, minus);
      return;
    }
    Expression value = X86Argument.parser(cursor, unit).parseTerm();
    Expression sum = new Expression.Binary(minus ? "-" : "+", displacement, value);
    displacement = sum.isConstant() ? new Expression.Constant(sum.constant("")) : sum;
  }

  private long number(String digits) {
    return X86Argument.parser(new Cursor(digits), unit).parse().constant("a scale");
  }

  /// Refuses a factor that an index cannot have.
  static void checkScale(long factor) {
    if (factor != 1 && factor != 2 && factor != 4 && factor != 8) {
      throw new SyntaxError("a scale is 1, 2, 4 or 8, not " + factor);
    }
  }

  private void register(String name, long factor, boolean scaled, boolean minus) {
    if (minus) {
      throw new SyntaxError("register '" + name + "' cannot be subtracted");
    }
    checkScale(factor);
    if (base.isEmpty() && !scaled) {
      base = name;
    } else if (index.isEmpty()) {
      index = name;
      scale = factor;
    } else {
      throw new SyntaxError("register '" + name + "' is one too many in an address");
    }
  }
}
