package dev.crosspatch.asm;

import dev.crosspatch.asm.A64Instruction.Slot;
import dev.crosspatch.asm.A64Relative.Field;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A64, the instruction set of AArch64, in Arm syntax. All instructions have 4 bytes, so addresses never depend on
/// what is encoded.
final class A64 implements InstructionSet {
  private static final int KS_ARCH_ARM64 = 2;
  private static final int KS_MODE_LITTLE_ENDIAN = 0;
  private static final int NOP = 0xd503201f;

  private static final String[] CONDITIONS = {
    "eq", "ne", "cs hs", "cc lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "al", "nv"
  };

  /// Words behind which a number needs no `#`.
  private static final Set<String> SHIFTS =
      Set.of(
          "lsl", "lsr", "asr", "ror", "msl", "uxtb", "uxth", "uxtw", "uxtx", "sxtb", "sxth", "sxtw", "sxtx", "mul");

  /// Branches whose only operand is the target.
  private static final Map<String, A64Relative> BRANCHES = branches();

  private static Map<String, A64Relative> branches() {
    Statement none = new Statement("", 0, "", "");
    Expression zero = new Expression.Constant(0);
    Map<String, A64Relative> map = new HashMap<>();
    map.put("b", new A64Relative(none, 0x14000000, Field.IMM26, zero));
    map.put("bl", new A64Relative(none, 0x94000000, Field.IMM26, zero));
    for (int i = 0; i < CONDITIONS.length; i++) {
      for (String name : CONDITIONS[i].split(" ", -1)) {
        map.put("b." + name, new A64Relative(none, 0x54000000 | i, Field.IMM19, zero));
        map.put("b" + name, new A64Relative(none, 0x54000000 | i, Field.IMM19, zero));
      }
    }
    return Map.copyOf(map);
  }

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
    Fragment relative = relative(mnemonic, operands, statement, unit);
    if (relative != null) {
      return relative;
    }
    Integer word =
        mnemonic.equals("udf")
            ? Integer.valueOf(udf(operands, unit))
            : A64Rows.find(mnemonic, operands, text -> number(text, unit).constant("an immediate"));
    return word != null
        ? new Fragment.Value(statement, new Expression.Constant(word), 4)
        : new TextBuilder(mnemonic, cursor.rest(), unit).build(statement);
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

  private static @Nullable Fragment relative(
      String mnemonic, List<String> operands, Statement statement, Unit unit) {
    if (operands.isEmpty()) {
      return null;
    }
    int opcode;
    Field field;
    switch (mnemonic) {
      case "cbz", "cbnz" -> {
        opcode = (mnemonic.equals("cbz") ? 0x34000000 : 0x35000000) | sizedRegister(operands.getFirst());
        field = Field.IMM19;
      }
      case "tbz", "tbnz" -> {
        opcode = (mnemonic.equals("tbz") ? 0x36000000 : 0x37000000) | testedBit(operands, unit);
        field = Field.IMM14;
      }
      case "adr", "adrp" -> {
        opcode = (mnemonic.equals("adr") ? 0x10000000 : 0x90000000) | register(operands.getFirst(), 'X');
        field = mnemonic.equals("adr") ? Field.ADR : Field.ADRP;
      }
      case "ldr", "ldrsw" -> {
        if (operands.size() != 2 || operands.get(1).startsWith("[")) {
          return null;
        }
        opcode = literalLoad(mnemonic, operands.getFirst());
        field = Field.IMM19;
      }
      default -> {
        A64Relative branch = BRANCHES.get(mnemonic);
        if (branch == null) {
          return null;
        }
        opcode = branch.opcode();
        field = branch.field();
      }
    }
    int before = BRANCHES.containsKey(mnemonic) ? 0 : mnemonic.startsWith("tb") ? 2 : 1;
    if (operands.size() != before + 1) {
      throw new SyntaxError("'" + mnemonic + "' takes " + (before + 1) + " operands, not " + operands.size());
    }
    return new A64Relative(statement, opcode, field, target(operands, unit));
  }

  private static Expression target(List<String> operands, Unit unit) {
    String text = operands.getLast();
    if (text.startsWith("=")) {
      boolean wide = !operands.getFirst().toLowerCase(Locale.ROOT).startsWith("w");
      return unit.literal(number(text.substring(1), unit), wide ? 8 : 4);
    }
    return number(text.startsWith(":pg_hi21:") ? text.substring(9) : text, unit);
  }

  /// A number or an expression, with or without `#`.
  private static Expression number(String text, Unit unit) {
    Cursor cursor = new Cursor(text);
    cursor.accept("#");
    Expression value = unit.expression(cursor);
    cursor.expectEnd();
    return value;
  }

  private static int register(String name, char kind) {
    int number = A64Rows.register(name, kind, "zr");
    if (number < 0) {
      throw new SyntaxError("'" + name + "' is not a " + (kind == 'X' ? "64" : "32") + "-bit register");
    }
    return number;
  }

  /// Register number, and bit 31 set for an X register.
  private static int sizedRegister(String name) {
    int wide = A64Rows.register(name, 'X', "zr");
    return wide >= 0 ? 1 << 31 | wide : register(name, 'W');
  }

  /// Fields of TBZ: the register, and the bit number in 31 and 23:19.
  private static int testedBit(List<String> operands, Unit unit) {
    int register = sizedRegister(operands.getFirst());
    long bit = operands.size() < 2 ? -1 : number(operands.get(1), unit).constant("a bit number");
    if (bit < 0 || bit > (register < 0 ? 63 : 31)) {
      throw new SyntaxError("'" + operands.getFirst() + "' has no bit " + bit);
    }
    return (register & 31) | (int) (bit >> 5) << 31 | (int) (bit & 31) << 19;
  }

  private static int literalLoad(String mnemonic, String name) {
    if (mnemonic.equals("ldrsw")) {
      return 0x98000000 | register(name, 'X');
    }
    int vector = "sdq".indexOf(Character.toLowerCase(name.charAt(0)));
    if (vector >= 0 && name.substring(1).matches("[0-9]|[12][0-9]|3[01]")) {
      return 0x1c000000 | vector << 30 | Integer.parseInt(name.substring(1));
    }
    int sized = sizedRegister(name);
    return (sized < 0 ? 0x58000000 : 0x18000000) | (sized & 31);
  }

  /// Finds the numbers in an instruction's operands, so that Keystone sees values only.
  private static final class TextBuilder {
    private final String operands;
    private final Unit unit;
    private final List<Slot> slots = new ArrayList<>();
    private final StringBuilder text;
    private int position;

    TextBuilder(String mnemonic, String operands, Unit unit) {
      this.operands = operands;
      this.unit = unit;
      text = new StringBuilder(mnemonic);
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
      if (c == '[' && position > 0 && Character.isLetterOrDigit(operands.charAt(position - 1))) {
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

    private boolean number() {
      Cursor cursor = new Cursor(operands);
      cursor.seek(position);
      String rest = cursor.rest();
      if (rest.matches("[-+]?[0-9]+\\.[0-9].*")) {
        text.append('#');
        text.append(cursor.take(c -> c != ',' && c != ']'));
      } else {
        String modifier = "";
        if (cursor.accept(":")) {
          modifier = cursor.expectSymbol();
          cursor.expect(":");
        }
        slots.add(new Slot(text.toString(), modifier, unit.expression(cursor)));
        text.setLength(0);
      }
      position = cursor.position();
      return false;
    }
  }
}
