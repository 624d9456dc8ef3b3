package dev.crosspatch.asm;

import dev.crosspatch.core.asm.Syntax;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An operand of an x86-64 instruction in Intel syntax.
sealed interface X86Argument {
  /// A register.
  ///
  /// @param name       lower case
  /// @param bits       width
  /// @param number     as ModRM and REX encode it
  /// @param decoration what stands in braces behind it, or empty
  record Register(String name, int bits, int number, String decoration) implements X86Argument {
    /// The general register with this number of another width, 16, 32 or 64 bits.
    Register withBits(int other) {
      return REGISTERS.values().stream().filter(r -> isGeneral(r) && r.bits == other && r.number == number).findAny()
          .orElseThrow();
    }
  }

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
      implements X86Argument {
    /// Whether the displacement counts from the instruction pointer and names a target rather than a distance.
    boolean isRelativeToSymbol() {
      return INSTRUCTION_POINTERS.contains(base) && !displacement.isConstant();
    }

    /// The same place with another size keyword.
    Memory withSize(String other) {
      return new Memory(other, segment, base, index, scale, displacement, decoration);
    }

    /// The same place with another segment register, or the default if that is empty.
    Memory withSegment(String other) {
      return new Memory(size, other, base, index, scale, displacement, decoration);
    }

    /// Whether there is nothing but a displacement.
    boolean isAbsolute() {
      return base.isEmpty() && index.isEmpty();
    }
  }

  /// A number.
  ///
  /// @param offset whether `offset` stands before it
  record Immediate(Expression value, boolean offset) implements X86Argument {}

  /// Size keywords and their bits.
  Map<String, Integer> SIZES =
      Map.ofEntries(
          Map.entry("byte", 8), Map.entry("word", 16), Map.entry("dword", 32), Map.entry("fword", 48),
          Map.entry("qword", 64), Map.entry("mmword", 64), Map.entry("tbyte", 80), Map.entry("oword", 128),
          Map.entry("xmmword", 128), Map.entry("ymmword", 256), Map.entry("zmmword", 512));

  /// Segment registers and their override prefixes.
  Map<String, String> SEGMENT_PREFIXES =
      Map.of("es", "26", "cs", "2e", "ss", "36", "ds", "3e", "fs", "64", "gs", "65");

  Set<String> INSTRUCTION_POINTERS = Set.of("rip", "eip");

  Set<String> HIGH_BYTES = Set.of("ah", "ch", "dh", "bh");

  /// The general registers, of all widths.
  Set<String> GENERAL_REGISTERS = generalRegisters();

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

  private static Set<String> generalRegisters() {
    Set<String> names = new HashSet<>(addressRegisters());
    names.addAll(List.of("ax cx dx bx sp bp si di al cl dl bl spl bpl sil dil ah ch dh bh".split(" ", -1)));
    for (int i = 8; i < 16; i++) {
      names.add("r" + i + "w");
      names.add("r" + i + "b");
    }
    return Set.copyOf(names);
  }

  /// Whether `register` is one of the sixteen general ones or a part of one.
  static boolean isGeneral(Register register) {
    return GENERAL_REGISTERS.contains(register.name);
  }

  /// AH, CH, DH or BH, which have no encoding in an instruction with a REX prefix (SDM volume 2, 2.2.1.2).
  static boolean isHighByte(X86Argument operand) {
    return operand instanceof Register r && HIGH_BYTES.contains(r.name);
  }

  /// Whether an operand asks for a REX prefix: registers from R8 on, SPL to DIL, and general registers of 64 bits where
  /// the instruction has others, too.
  static boolean needsRex(X86Argument operand) {
    return switch (operand) {
      case Register r -> isGeneral(r)
          && (r.number >= 8 || r.bits == 64 || (r.bits == 8 && r.number >= 4 && !HIGH_BYTES.contains(r.name)));
      case Memory m -> isExtended(m.base) || isExtended(m.index);
      case Immediate i -> false;
    };
  }

  private static boolean isExtended(String name) {
    Register register = REGISTERS.get(name);
    return register != null && register.number >= 8;
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
    name(map, 32, "eip");
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
  static X86Argument parse(String text, Unit unit) {
    Cursor cursor = new Cursor(text);
    int start = cursor.position();
    String word = cursor.symbol().toLowerCase(Locale.ROOT);
    if (word.equals("offset")) {
      return new Immediate(end(cursor, parser(cursor, unit).parse()), true);
    }
    Register register = REGISTERS.get(word);
    if (register != null && cursor.peek() != ':') {
      if (INSTRUCTION_POINTERS.contains(word)) {
        throw new SyntaxError("'" + word + "' is the base of an address only, as in [" + word + " + 16]");
      }
      return decorated(register, cursor);
    }
    cursor.seek(start);
    if (SIZES.containsKey(word) || register != null || cursor.peek() == '[') {
      return new X86MemoryParser(cursor, unit).parse();
    }
    Expression value = parser(cursor, unit).parse();
    if (cursor.peek() == '[') {
      cursor.seek(start);
      return new X86MemoryParser(cursor, unit).parse();
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

  /// A parser of expressions that refuses registers in them.
  static ExpressionParser parser(Cursor cursor, Unit unit) {
    return new ExpressionParser(
        cursor,
        name -> {
          if (REGISTERS.containsKey(name.toLowerCase(Locale.ROOT))) {
            boolean att = unit.syntax() == Syntax.ATT;
            throw new SyntaxError("register '" + name
                + (att ? "' has a '%' before it in AT&T syntax" : "' cannot be part of an expression"));
          }
          return unit.use(name);
        });
  }

  /// Width in bits that an immediate beside these operands may have, or null if they do not tell.
  static @Nullable Integer width(List<X86Argument> operands) {
    return switch (operands.getFirst()) {
      case Register r -> r.bits;
      case Memory m -> SIZES.get(m.size);
      case Immediate i -> null;
    };
  }
}
