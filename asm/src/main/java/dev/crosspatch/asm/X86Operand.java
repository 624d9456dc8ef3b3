package dev.crosspatch.asm;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An operand of an x86-64 instruction in Intel syntax.
sealed interface X86Operand {
  /// A register.
  ///
  /// @param name       lower case
  /// @param bits       width
  /// @param number     as ModRM and REX encode it
  /// @param decoration what stands in braces behind it, or empty
  record Register(String name, int bits, int number, String decoration) implements X86Operand {}

  /// A place in memory.
  ///
  /// @param size         size keyword, or empty
  /// @param segment      segment register, or empty
  /// @param base         base register, or empty
  /// @param index        index register, or empty
  /// @param scale        of the index
  /// @param displacement of all numbers and symbols
  /// @param decoration   what stands in braces behind it, or empty
  record Memory(
      String size, String segment, String base, String index, long scale, Expression displacement, String decoration)
      implements X86Operand {
    /// Whether the displacement counts from the instruction pointer and names a target rather than a distance.
    boolean isRelativeToSymbol() {
      return base.equals("rip") && !displacement.isConstant();
    }

    /// Whether there is nothing but a displacement.
    boolean isAbsolute() {
      return base.isEmpty() && index.isEmpty();
    }
  }

  /// A number.
  ///
  /// @param offset whether `offset` stands before it
  record Immediate(Expression value, boolean offset) implements X86Operand {}

  /// Size keywords and their bits.
  Map<String, Integer> SIZES =
      Map.ofEntries(
          Map.entry("byte", 8), Map.entry("word", 16), Map.entry("dword", 32), Map.entry("fword", 48),
          Map.entry("qword", 64), Map.entry("mmword", 64), Map.entry("tbyte", 80), Map.entry("oword", 128),
          Map.entry("xmmword", 128), Map.entry("ymmword", 256), Map.entry("zmmword", 512));

  /// All registers by name.
  Map<String, Register> REGISTERS = registers();

  /// The registers an address can be made of, apart from rip and vectors of indexes.
  Set<String> ADDRESS_REGISTERS = addressRegisters();

  private static Set<String> addressRegisters() {
    Set<String> names = new HashSet<>();
    for (String name : "ax cx dx bx sp bp si di".split(" ", -1)) {
      names.add("r" + name);
      names.add("e" + name);
    }
    for (int i = 8; i < 16; i++) {
      names.add("r" + i);
      names.add("r" + i + "d");
    }
    return Set.copyOf(names);
  }

  private static Map<String, Register> registers() {
    Map<String, Register> map = new HashMap<>();
    name(map, 64, "rax rcx rdx rbx rsp rbp rsi rdi");
    name(map, 32, "eax ecx edx ebx esp ebp esi edi");
    name(map, 16, "ax cx dx bx sp bp si di");
    name(map, 8, "al cl dl bl spl bpl sil dil");
    name(map, 8, "- - - - ah ch dh bh");
    name(map, 16, "es cs ss ds fs gs");
    name(map, 64, "rip");
    name(map, 80, "st");
    for (int i = 8; i < 16; i++) {
      put(map, "r" + i, 64, i);
      put(map, "r" + i + "d", 32, i);
      put(map, "r" + i + "w", 16, i);
      put(map, "r" + i + "b", 8, i);
    }
    number(map, "cr", 64, 16);
    number(map, "dr", 64, 16);
    number(map, "mm", 64, 8);
    number(map, "k", 64, 8);
    number(map, "bnd", 128, 4);
    number(map, "xmm", 128, 32);
    number(map, "ymm", 256, 32);
    number(map, "zmm", 512, 32);
    return Map.copyOf(map);
  }

  private static void name(Map<String, Register> map, int bits, String names) {
    String[] each = names.split(" ", -1);
    for (int i = 0; i < each.length; i++) {
      put(map, each[i], bits, i);
    }
  }

  private static void number(Map<String, Register> map, String prefix, int bits, int count) {
    for (int i = 0; i < count; i++) {
      put(map, prefix + i, bits, i);
    }
  }

  private static void put(Map<String, Register> map, String name, int bits, int number) {
    map.put(name, new Register(name, bits, number, ""));
  }

  /// Reads an operand.
  static X86Operand parse(String text, Unit unit) {
    Cursor cursor = new Cursor(text);
    int start = cursor.position();
    String word = cursor.symbol().toLowerCase(Locale.ROOT);
    if (word.equals("offset")) {
      return new Immediate(end(cursor, expression(cursor, unit)), true);
    }
    Register register = REGISTERS.get(word);
    if (register != null && cursor.peek() != ':') {
      return decorated(register, cursor);
    }
    cursor.seek(start);
    if (SIZES.containsKey(word) || register != null || cursor.peek() == '[') {
      return new MemoryParser(cursor, unit).parse();
    }
    Expression value = expression(cursor, unit);
    if (cursor.peek() == '[') {
      cursor.seek(start);
      return new MemoryParser(cursor, unit).parse();
    }
    return new Immediate(end(cursor, value), false);
  }

  private static Register decorated(Register register, Cursor cursor) {
    String name = register.name;
    if (name.equals("st") && cursor.peek() == '(') {
      name += cursor.take(c -> c == '(' || c == ')' || (c >= '0' && c <= '7'));
    }
    String decoration = cursor.peek() == '{' ? cursor.rest() : "";
    if (decoration.isEmpty()) {
      cursor.expectEnd();
    }
    return new Register(name, register.bits, register.number, decoration);
  }

  private static Expression end(Cursor cursor, Expression value) {
    cursor.expectEnd();
    return value;
  }

  private static Expression expression(Cursor cursor, Unit unit) {
    return parser(cursor, unit).parse();
  }

  private static ExpressionParser parser(Cursor cursor, Unit unit) {
    return new ExpressionParser(
        cursor,
        name -> {
          if (REGISTERS.containsKey(name.toLowerCase(Locale.ROOT))) {
            throw new SyntaxError("register '" + name + "' cannot be part of an expression");
          }
          return unit.use(name);
        });
  }

  /// Reads `size ptr segment:[base + index*scale + displacement]` and `displacement[base]`.
  final class MemoryParser {
    private static final Pattern SCALE_FIRST = Pattern.compile("([0-9][0-9A-Za-z]*)\\s*\\*\\s*([A-Za-z][0-9A-Za-z]*)");

    private final Cursor cursor;
    private final Unit unit;
    private String base = "";
    private String index = "";
    private long scale = 1;
    private Expression displacement = new Expression.Constant(0);

    private MemoryParser(Cursor cursor, Unit unit) {
      this.cursor = cursor;
      this.unit = unit;
    }

    private Memory parse() {
      String size = acceptWord(SIZES);
      if (!size.isEmpty() && !acceptWord(Map.of("ptr", 0)).isEmpty() && cursor.atEnd()) {
        throw new SyntaxError("an address is missing behind 'ptr'");
      }
      String segment = acceptWord(REGISTERS);
      if (!segment.isEmpty()) {
        cursor.expect(":");
      }
      if (cursor.peek() != '[') {
        displacement = expression(cursor, unit);
      }
      cursor.expect("[");
      terms();
      cursor.expect("]");
      String decoration = cursor.peek() == '{' ? cursor.rest() : "";
      if (decoration.isEmpty()) {
        cursor.expectEnd();
      }
      moveStackPointer();
      checkRegisters();
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

    /// Keystone takes any register here and encodes its number.
    private void checkRegisters() {
      if (base.matches("[xyz]mm.*") && index.isEmpty()) {
        index = base;
        base = "";
      }
      if (!base.isEmpty() && !base.equals("rip") && !ADDRESS_REGISTERS.contains(base)) {
        throw new SyntaxError("register '" + base + "' cannot be a base");
      }
      boolean isIndex = ADDRESS_REGISTERS.contains(index) || index.matches("[xyz]mm.*");
      if (!index.isEmpty() && (!isIndex || base.equals("rip"))) {
        throw new SyntaxError("register '" + index + "' cannot be an index" + (base.equals("rip") ? " to rip" : ""));
      }
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
      while (true) {
        term(minus);
        minus = cursor.peek() == '-';
        if (!cursor.accept("+") && !cursor.accept("-")) {
          return;
        }
      }
    }

    private void term(boolean minus) {
      Matcher scaleFirst = SCALE_FIRST.matcher(cursor.rest());
      if (scaleFirst.lookingAt() && REGISTERS.containsKey(scaleFirst.group(2).toLowerCase(Locale.ROOT))) {
        long factor = number(scaleFirst.group(1));
        cursor.accept(scaleFirst.group());
        register(scaleFirst.group(2).toLowerCase(Locale.ROOT), factor, true, minus);
        return;
      }
      String register = acceptWord(REGISTERS);
      if (!register.isEmpty()) {
        boolean scaled = cursor.accept("*");
        register(register, scaled ? parser(cursor, unit).parseTerm().constant("a scale") : 1, scaled, minus);
        return;
      }
      Expression value = parser(cursor, unit).parseTerm();
      Expression sum = new Expression.Binary(minus ? "-" : "+", displacement, value);
      displacement = sum.isConstant() ? new Expression.Constant(sum.constant("")) : sum;
    }

    private long number(String digits) {
      return parser(new Cursor(digits), unit).parse().constant("a scale");
    }

    private void register(String name, long factor, boolean scaled, boolean minus) {
      if (minus) {
        throw new SyntaxError("register '" + name + "' cannot be subtracted");
      }
      if (factor != 1 && factor != 2 && factor != 4 && factor != 8) {
        throw new SyntaxError("a scale is 1, 2, 4 or 8, not " + factor);
      }
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

  /// Width in bits that an immediate beside these operands may have, or null if they do not tell.
  static @Nullable Integer width(List<X86Operand> operands) {
    return switch (operands.getFirst()) {
      case Register r -> r.bits;
      case Memory m -> SIZES.get(m.size);
      case Immediate i -> null;
    };
  }
}
