package dev.crosspatch.asm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The A64 instructions and system registers that Keystone lacks or encodes wrongly, a row each (Arm ARM C6.2, D24.2).
///
/// A row's operands are written as the manual writes them; each takes its field of the word:
/// `Xd Xt` bits 4:0, `Xn [Xn]` 9:5, `Xm Xs` 20:16. `X` is a 64-bit register, `W` a 32-bit one, `|SP` allows the stack
/// pointer in place of the zero register.
final class A64Rows {
  private record Row(int opcode, List<String> operands) {}

  private static final Map<String, List<Row>> ROWS = new HashMap<>();
  private static final Map<String, Integer> PSTATE_FIELDS = new HashMap<>();
  private static final Map<String, Integer> SYSTEM_OPERATIONS = new HashMap<>();
  private static final Map<String, String> SYSTEM_REGISTERS = new HashMap<>();

  private static final int NOP = 0xd503201f;

  static {
    hints();
    row("sb", 0xd50330ff);
    row("ssbb", 0xd503309f);
    row("pssbb", 0xd503349f);
    row("cfinv", 0xd500401f);
    row("xaflag", 0xd500403f);
    row("axflag", 0xd500405f);
    row("setf8", 0x3a00080d, "Wn");
    row("setf16", 0x3a00480d, "Wn");
    row("wfet", 0xd5031000, "Xd");
    row("wfit", 0xd5031020, "Xd");
    pointerAuthentication();
    atomics();
    orderedLoads();
    systemRegisters();
  }

  private A64Rows() {}

  private static void row(String name, int opcode, String... operands) {
    ROWS.computeIfAbsent(name, n -> new ArrayList<>()).add(new Row(opcode, List.of(operands)));
  }

  private static void hint(String name, int number, String... operands) {
    row(name, NOP | number << 5, operands);
  }

  private static void hints() {
    hint("dgh", 6);
    hint("xpaclri", 7);
    hint("pacia1716", 8);
    hint("pacib1716", 10);
    hint("autia1716", 12);
    hint("autib1716", 14);
    hint("esb", 16);
    hint("psb", 17, "csync");
    hint("tsb", 18, "csync");
    hint("csdb", 20);
    hint("paciaz", 24);
    hint("paciasp", 25);
    hint("pacibz", 26);
    hint("pacibsp", 27);
    hint("autiaz", 28);
    hint("autiasp", 29);
    hint("autibz", 30);
    hint("autibsp", 31);
    hint("bti", 32);
    hint("bti", 34, "c");
    hint("bti", 36, "j");
    hint("bti", 38, "jc");
  }

  private static void pointerAuthentication() {
    row("retaa", 0xd65f0bff);
    row("retab", 0xd65f0fff);
    row("eretaa", 0xd69f0bff);
    row("eretab", 0xd69f0fff);
    row("braaz", 0xd61f081f, "Xn");
    row("brabz", 0xd61f0c1f, "Xn");
    row("blraaz", 0xd63f081f, "Xn");
    row("blrabz", 0xd63f0c1f, "Xn");
    row("braa", 0xd71f0800, "Xn", "Xd|SP");
    row("brab", 0xd71f0c00, "Xn", "Xd|SP");
    row("blraa", 0xd73f0800, "Xn", "Xd|SP");
    row("blrab", 0xd73f0c00, "Xn", "Xd|SP");
    row("pacga", 0x9ac03000, "Xd", "Xn", "Xm|SP");
    row("xpaci", 0xdac143e0, "Xd");
    row("xpacd", 0xdac147e0, "Xd");
    String[] keys = {"ia", "ib", "da", "db"};
    for (int k = 0; k < keys.length; k++) {
      row("pac" + keys[k], 0xdac10000 | k << 10, "Xd", "Xn|SP");
      row("aut" + keys[k], 0xdac11000 | k << 10, "Xd", "Xn|SP");
      String zero = keys[k].charAt(0) + "z" + keys[k].charAt(1);
      row("pac" + zero, 0xdac123e0 | k << 10, "Xd");
      row("aut" + zero, 0xdac133e0 | k << 10, "Xd");
    }
  }

  /// The Large System Extensions, with acquire and release in the name.
  private static void atomics() {
    String[] operations = {"add", "clr", "eor", "set", "smax", "smin", "umax", "umin"};
    for (int order = 0; order < 4; order++) {
      boolean acquire = (order & 1) != 0;
      boolean release = (order & 2) != 0;
      String suffix = (acquire ? "a" : "") + (release ? "l" : "");
      int exclusiveOrder = (acquire ? 1 << 22 : 0) | (release ? 1 << 15 : 0);
      int atomicOrder = (acquire ? 1 << 23 : 0) | (release ? 1 << 22 : 0);
      sized("cas" + suffix, 0x08a07c00 | exclusiveOrder, "s", "d", "[Xn|SP]");
      row("casp" + suffix, 0x08207c00 | exclusiveOrder, "Ws", "Ws+1", "Wd", "Wd+1", "[Xn|SP]");
      row("casp" + suffix, 0x48207c00 | exclusiveOrder, "Xs", "Xs+1", "Xd", "Xd+1", "[Xn|SP]");
      sized("swp" + suffix, 0x38208000 | atomicOrder, "s", "d", "[Xn|SP]");
      for (int i = 0; i < operations.length; i++) {
        sized("ld" + operations[i] + suffix, 0x38200000 | atomicOrder | i << 12, "s", "d", "[Xn|SP]");
        if (!acquire) {
          sized("st" + operations[i] + suffix, 0x3820001f | atomicOrder | i << 12, "s", "[Xn|SP]");
        }
      }
    }
  }

  private static void orderedLoads() {
    sized("ldapr", 0x38bfc000, "d", "[Xn|SP]");
  }

  /// Rows for bytes, half-words, words and double-words; operands `s` and `d` are registers of the fitting width.
  private static void sized(String name, int opcode, String... operands) {
    String[] names = {name + "b", name + "h", name, name};
    for (int size = 0; size < 4; size++) {
      String width = size == 3 ? "X" : "W";
      String[] typed = operands.clone();
      for (int i = 0; i < typed.length; i++) {
        typed[i] = typed[i].length() == 1 ? width + typed[i] : typed[i];
      }
      row(names[size], opcode | size << 30, typed);
    }
  }

  private static void systemRegisters() {
    PSTATE_FIELDS.put("uao", 0x000060);
    PSTATE_FIELDS.put("pan", 0x000080);
    PSTATE_FIELDS.put("ssbs", 0x030020);
    PSTATE_FIELDS.put("dit", 0x030040);
    PSTATE_FIELDS.put("tco", 0x030080);

    operation("dc cvap", 3, 7, 12, 1);
    operation("dc cvadp", 3, 7, 13, 1);
    operation("at s1e1rp", 0, 7, 9, 0);
    operation("at s1e1wp", 0, 7, 9, 1);
    operation("tlbi vmalle1os", 0, 8, 1, 0);
    operation("tlbi vae1os", 0, 8, 1, 1);
    operation("tlbi aside1os", 0, 8, 1, 2);
    operation("tlbi vaae1os", 0, 8, 1, 3);
    operation("tlbi vale1os", 0, 8, 1, 5);
    operation("tlbi vaale1os", 0, 8, 1, 7);

    SYSTEM_REGISTERS.put("pan", "s3_0_c4_c2_3");
    SYSTEM_REGISTERS.put("uao", "s3_0_c4_c2_4");
    SYSTEM_REGISTERS.put("dit", "s3_3_c4_c2_5");
    SYSTEM_REGISTERS.put("ssbs", "s3_3_c4_c2_6");
    SYSTEM_REGISTERS.put("tco", "s3_3_c4_c2_7");
    SYSTEM_REGISTERS.put("trfcr_el1", "s3_0_c1_c2_1");
    SYSTEM_REGISTERS.put("trfcr_el2", "s3_4_c1_c2_1");
    SYSTEM_REGISTERS.put("disr_el1", "s3_0_c12_c1_1");
    SYSTEM_REGISTERS.put("rndr", "s3_3_c2_c4_0");
    SYSTEM_REGISTERS.put("rndrrs", "s3_3_c2_c4_1");
    SYSTEM_REGISTERS.put("id_aa64mmfr2_el1", "s3_0_c0_c7_2");
    SYSTEM_REGISTERS.put("id_aa64isar2_el1", "s3_0_c0_c6_2");
    SYSTEM_REGISTERS.put("trblimitr_el1", "s3_0_c9_c11_0");
    SYSTEM_REGISTERS.put("trbptr_el1", "s3_0_c9_c11_1");
    SYSTEM_REGISTERS.put("trbbaser_el1", "s3_0_c9_c11_2");
    SYSTEM_REGISTERS.put("trbsr_el1", "s3_0_c9_c11_3");
    SYSTEM_REGISTERS.put("trbmar_el1", "s3_0_c9_c11_4");
    SYSTEM_REGISTERS.put("trbtrg_el1", "s3_0_c9_c11_6");
    SYSTEM_REGISTERS.put("trbidr_el1", "s3_0_c9_c11_7");
    String[] keys = {"ia", "ib", "da", "db", "ga"};
    for (int k = 0; k < keys.length; k++) {
      String place = "s3_0_c2_c" + (1 + k / 2) + "_";
      SYSTEM_REGISTERS.put("ap" + keys[k] + "keylo_el1", place + 2 * (k % 2));
      SYSTEM_REGISTERS.put("ap" + keys[k] + "keyhi_el1", place + (2 * (k % 2) + 1));
    }
  }

  private static void operation(String name, int op1, int crn, int crm, int op2) {
    SYSTEM_OPERATIONS.put(name, 0xd5080000 | op1 << 16 | crn << 12 | crm << 8 | op2 << 5);
  }

  /// The name that Keystone knows for a system register.
  static String systemRegister(String name) {
    return SYSTEM_REGISTERS.getOrDefault(name, name);
  }

  /// The word of an instruction with these operands; null if Keystone is to encode it.
  ///
  /// @param number reads an operand that is a number
  static @Nullable Integer find(String mnemonic, List<String> operands, Function<String, Long> number) {
    Integer system = systemInstruction(mnemonic, operands, number);
    List<Row> rows = ROWS.get(mnemonic);
    if (system != null || rows == null) {
      return system;
    }
    for (Row row : rows) {
      Integer word = match(row, operands);
      if (word != null) {
        return word;
      }
    }
    throw new SyntaxError("invalid operand");
  }

  private static @Nullable Integer systemInstruction(
      String mnemonic, List<String> operands, Function<String, Long> number) {
    if (operands.isEmpty()) {
      return null;
    }
    String first = operands.getFirst().toLowerCase(Locale.ROOT);
    Integer field = PSTATE_FIELDS.get(first);
    if (mnemonic.equals("msr") && field != null && operands.size() == 2 && register(operands.get(1), 'X', "") < 0) {
      long value = number.apply(operands.get(1));
      if (value < 0 || value > 1) {
        throw new SyntaxError("PSTATE." + first.toUpperCase(Locale.ROOT) + " is 0 or 1, not " + value);
      }
      return 0xd500401f | field | (int) value << 8;
    }
    Integer operation = SYSTEM_OPERATIONS.get(mnemonic + " " + first);
    if (operation != null) {
      int register = operands.size() == 2 ? register(operands.get(1), 'X', "zr") : operands.size() == 1 ? 31 : -1;
      if (register < 0) {
        throw new SyntaxError("invalid operand");
      }
      return operation | register;
    }
    return null;
  }

  private static @Nullable Integer match(Row row, List<String> operands) {
    if (row.operands.size() != operands.size()) {
      return null;
    }
    int word = row.opcode;
    int first = 0;
    for (int i = 0; i < operands.size(); i++) {
      String form = row.operands.get(i);
      String operand = operands.get(i).toLowerCase(Locale.ROOT);
      if (Character.isLowerCase(form.charAt(0))) {
        if (!form.equals(operand)) {
          return null;
        }
        continue;
      }
      int register = operandRegister(form, operand);
      boolean second = form.endsWith("+1");
      if (register < 0 || (second ? register != first + 1 : i + 1 < row.operands.size() && isOddPair(row, i, register))) {
        return null;
      }
      first = register;
      word |= second ? 0 : register << shift(form);
    }
    return word;
  }

  /// Whether operand `i` starts a pair, which must begin with an even register.
  private static boolean isOddPair(Row row, int i, int register) {
    return row.operands.get(i + 1).endsWith("+1") && register % 2 != 0;
  }

  private static int operandRegister(String form, String operand) {
    String zero = form.contains("|SP") ? "sp" : "zr";
    if (form.charAt(0) == '[') {
      boolean bracketed = operand.startsWith("[") && operand.endsWith("]");
      return bracketed ? register(operand.substring(1, operand.length() - 1).strip(), 'X', zero) : -1;
    }
    return register(operand, form.charAt(0), zero);
  }

  private static int shift(String form) {
    return switch (form.charAt(form.charAt(0) == '[' ? 2 : 1)) {
      case 'd' -> 0;
      case 'n' -> 5;
      case 'm', 's' -> 16;
      default -> throw new IllegalArgumentException(form);
    };
  }

  /// Number of a general register, or -1 if `name` is none of that kind.
  ///
  /// @param kind `X` or `W`
  /// @param last name of register 31: `sp`, `zr` (with the kind before it), or empty if it is not allowed
  static int register(String name, char kind, String last) {
    String lower = name.toLowerCase(Locale.ROOT);
    char prefix = Character.toLowerCase(kind);
    if (!last.isEmpty() && lower.equals(last.equals("sp") ? (kind == 'X' ? "sp" : "wsp") : prefix + last)) {
      return 31;
    }
    if (kind == 'X' && (lower.equals("fp") || lower.equals("lr"))) {
      return lower.equals("fp") ? 29 : 30;
    }
    if (!lower.matches(prefix + "(0|[12]?[1-9]|[12]0|30)")) {
      return -1;
    }
    return Integer.parseInt(lower.substring(1));
  }
}
