package dev.crosspatch.asm;

import dev.crosspatch.asm.X86Argument.Immediate;
import dev.crosspatch.asm.X86Argument.Memory;
import dev.crosspatch.asm.X86Argument.Register;
import java.util.Locale;

/// An operand in AT&T syntax: `%register`, `$immediate` or `%segment:displacement(base, index, scale)`.
///
/// @param operand what it is
/// @param starred whether `*` stands before it
/// @param bare    whether it is an expression and nothing else: an address in memory, or where a branch leads
record AttOperand(X86Argument operand, boolean starred, boolean bare) {
  /// Reads an operand, with which `text` must end.
  static AttOperand parse(String text, Unit unit) {
    Cursor cursor = new Cursor(text);
    boolean starred = cursor.accept("*");
    if (cursor.accept("$")) {
      Expression value = X86Argument.parser(cursor, unit).parse();
      cursor.expectEnd();
      return new AttOperand(new Immediate(value, true), starred, false);
    }
    String segment = "";
    if (cursor.peek() == '%') {
      Register register = register(cursor);
      if (!cursor.accept(":")) {
        return new AttOperand(decorated(register, cursor), starred, false);
      }
      segment = register.name();
      if (!X86Argument.SEGMENT_PREFIXES.containsKey(segment)) {
        throw new SyntaxError("'%" + segment + "' is no segment register");
      }
    }
    return memory(segment, cursor, unit, starred);
  }

  private static Register register(Cursor cursor) {
    cursor.expect("%");
    String name = cursor.symbol().toLowerCase(Locale.ROOT);
    // objdump's name of the debug registers
    Register register = X86Argument.REGISTERS.get(name.startsWith("db") ? "dr" + name.substring(2) : name);
    if (register == null) {
      throw new SyntaxError("no register is called '%" + name + "'");
    }
    return register;
  }

  private static Register decorated(Register register, Cursor cursor) {
    if (X86Argument.INSTRUCTION_POINTERS.contains(register.name())) {
      throw new SyntaxError("'%" + register.name() + "' is the base of an address only, as in 16(%"
          + register.name() + ")");
    }
    String name = register.name();
    if (name.equals("st") && cursor.accept("(")) {
      name += "(" + cursor.take(c -> c >= '0' && c <= '7') + ")";
      cursor.expect(")");
    }
    return new Register(name, register.bits(), register.number(), decoration(cursor));
  }

  /// What stands in braces, as Intel's syntax has it: `{k1}` for `{%k1}`.
  private static String decoration(Cursor cursor) {
    if (cursor.peek() == '{') {
      return cursor.rest().replace("%", "");
    }
    cursor.expectEnd();
    return "";
  }

  private static AttOperand memory(String segment, Cursor cursor, Unit unit, boolean starred) {
    Expression displacement = isAddress(cursor) ? new Expression.Constant(0) : X86Argument.parser(cursor, unit).parse();
    boolean bare = segment.isEmpty() && cursor.atEnd();
    String base = "";
    String index = "";
    long scale = 1;
    if (cursor.accept("(")) {
      base = acceptRegister(cursor);
      if (cursor.accept(",")) {
        index = acceptRegister(cursor);
        // `(%rax,%rcx,)` has the scale 1, and `(,1)` nothing but that.
        boolean behindIndex = index.isEmpty() || cursor.accept(",");
        scale = behindIndex && !cursor.atEnd() && cursor.peek() != ')' ? scale(cursor, unit) : 1;
      }
      cursor.expect(")");
    }
    checkIndex(index);
    X86MemoryParser.check(base, index);
    Memory memory = new Memory("", segment, base, index, scale, displacement, decoration(cursor));
    return new AttOperand(memory, starred, bare);
  }

  /// Whether a parenthesis comes next that holds registers rather than a part of an expression.
  private static boolean isAddress(Cursor cursor) {
    int start = cursor.position();
    boolean address = cursor.accept("(") && (cursor.peek() == '%' || cursor.peek() == ',');
    cursor.seek(start);
    return address;
  }

  private static String acceptRegister(Cursor cursor) {
    return cursor.peek() == '%' ? register(cursor).name() : "";
  }

  private static long scale(Cursor cursor, Unit unit) {
    long scale = X86Argument.parser(cursor, unit).parse().constant("a scale");
    X86MemoryParser.checkScale(scale);
    return scale;
  }

  private static void checkIndex(String index) {
    if (index.equals("rsp") || index.equals("esp")) {
      throw new SyntaxError("register '" + index + "' cannot be an index");
    }
  }
}
