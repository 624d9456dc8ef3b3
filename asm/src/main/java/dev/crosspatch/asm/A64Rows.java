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
/// pointer in place of the zero register. [A64Form] tells what else there is.
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
    row("rmif", 0xba000400, "Xn", "#6:15", "#4:0");
    row("setf8", 0x3a00080d, "Wn");
    row("setf16", 0x3a00480d, "Wn");
    row("wfet", 0xd5031000, "Xd");
    row("wfit", 0xd5031020, "Xd");
    pointerAuthentication();
    atomics();
    orderedAccesses();
    hashesAndCiphers();
    hashesOfArmv82();
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
    for (int k = 0; k < 2; k++) {
      String name = k == 0 ? "ldraa" : "ldrab";
      row(name, 0xf8200400 | k << 23, "Xd", "[Xn|SP, #s10*8]");
      row(name, 0xf8200c00 | k << 23, "Xd", "[Xn|SP, #s10*8]!");
    }
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

  /// FEAT_LRCPC, FEAT_LRCPC2 and FEAT_LOR.
  private static void orderedAccesses() {
    sized("ldapr", 0x38bfc000, "d", "[Xn|SP]");
    sized("ldlar", 0x08df7c00, "d", "[Xn|SP]");
    sized("stllr", 0x089f7c00, "d", "[Xn|SP]");
    sized("stlur", 0x19000000, "d", "[Xn|SP, #s9]");
    sized("ldapur", 0x19400000, "d", "[Xn|SP, #s9]");
    row("ldapursb", 0x19800000, "Xd", "[Xn|SP, #s9]");
    row("ldapursb", 0x19c00000, "Wd", "[Xn|SP, #s9]");
    row("ldapursh", 0x59800000, "Xd", "[Xn|SP, #s9]");
    row("ldapursh", 0x59c00000, "Wd", "[Xn|SP, #s9]");
    row("ldapursw", 0x99800000, "Xd", "[Xn|SP, #s9]");
  }

  /// FEAT_AES, FEAT_PMULL, FEAT_SHA1, FEAT_SHA256.
  private static void hashesAndCiphers() {
    row("aese", 0x4e284800, "Vd.16b", "Vn.16b");
    row("aesd", 0x4e285800, "Vd.16b", "Vn.16b");
    row("aesmc", 0x4e286800, "Vd.16b", "Vn.16b");
    row("aesimc", 0x4e287800, "Vd.16b", "Vn.16b");
    row("pmull", 0x0e20e000, "Vd.8h", "Vn.8b", "Vm.8b");
    row("pmull", 0x0ee0e000, "Vd.1q", "Vn.1d", "Vm.1d");
    row("pmull2", 0x4e20e000, "Vd.8h", "Vn.16b", "Vm.16b");
    row("pmull2", 0x4ee0e000, "Vd.1q", "Vn.2d", "Vm.2d");
    row("sha1c", 0x5e000000, "Qd", "Sn", "Vm.4s");
    row("sha1p", 0x5e001000, "Qd", "Sn", "Vm.4s");
    row("sha1m", 0x5e002000, "Qd", "Sn", "Vm.4s");
    row("sha1h", 0x5e280800, "Sd", "Sn");
    row("sha1su0", 0x5e003000, "Vd.4s", "Vn.4s", "Vm.4s");
    row("sha1su1", 0x5e281800, "Vd.4s", "Vn.4s");
    row("sha256h", 0x5e004000, "Qd", "Qn", "Vm.4s");
    row("sha256h2", 0x5e005000, "Qd", "Qn", "Vm.4s");
    row("sha256su0", 0x5e282800, "Vd.4s", "Vn.4s");
    row("sha256su1", 0x5e006000, "Vd.4s", "Vn.4s", "Vm.4s");
  }

  /// FEAT_SHA512, FEAT_SHA3, FEAT_SM3, FEAT_SM4.
  private static void hashesOfArmv82() {
    row("sha512h", 0xce608000, "Qd", "Qn", "Vm.2d");
    row("sha512h2", 0xce608400, "Qd", "Qn", "Vm.2d");
    row("sha512su0", 0xcec08000, "Vd.2d", "Vn.2d");
    row("sha512su1", 0xce608800, "Vd.2d", "Vn.2d", "Vm.2d");
    row("eor3", 0xce000000, "Vd.16b", "Vn.16b", "Vm.16b", "Va.16b");
    row("bcax", 0xce200000, "Vd.16b", "Vn.16b", "Vm.16b", "Va.16b");
    row("rax1", 0xce608c00, "Vd.2d", "Vn.2d", "Vm.2d");
    row("xar", 0xce800000, "Vd.2d", "Vn.2d", "Vm.2d", "#6:10");
    row("sm3ss1", 0xce400000, "Vd.4s", "Vn.4s", "Vm.4s", "Va.4s");
    row("sm3tt1a", 0xce408000, "Vd.4s", "Vn.4s", "Vm.s[#2:12]");
    row("sm3tt1b", 0xce408400, "Vd.4s", "Vn.4s", "Vm.s[#2:12]");
    row("sm3tt2a", 0xce408800, "Vd.4s", "Vn.4s", "Vm.s[#2:12]");
    row("sm3tt2b", 0xce408c00, "Vd.4s", "Vn.4s", "Vm.s[#2:12]");
    row("sm3partw1", 0xce60c000, "Vd.4s", "Vn.4s", "Vm.4s");
    row("sm3partw2", 0xce60c400, "Vd.4s", "Vn.4s", "Vm.4s");
    row("sm4e", 0xcec08400, "Vd.4s", "Vn.4s");
    row("sm4ekey", 0xce60c800, "Vd.4s", "Vn.4s", "Vm.4s");
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
      Integer word = match(row, operands, number);
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
    if (mnemonic.equals("msr") && field != null && operands.size() == 2 && register(operands.get(1), 'X', "zr") < 0) {
      long value = number.apply(operands.get(1));
      if (value < 0 || value > 1) {
        throw new SyntaxError("PSTATE." + first.toUpperCase(Locale.ROOT) + " is 0 or 1, not " + value);
      }
      return 0xd500401f | field | (int) value << 8;
    }
    Integer operation = SYSTEM_OPERATIONS.get(mnemonic + " " + first);
    if (operation != null) {
      boolean whole = first.startsWith("vmall");
      int register = !whole && operands.size() == 2 ? register(operands.get(1), 'X', "zr") : whole
          && operands.size() == 1 ? 31 : -1;
      if (register < 0) {
        throw new SyntaxError("invalid operand");
      }
      return operation | register;
    }
    return null;
  }

  private static @Nullable Integer match(Row row, List<String> operands, Function<String, Long> number) {
    if (row.operands.size() != operands.size()) {
      return null;
    }
    int word = row.opcode;
    for (int i = 0; i < operands.size(); i++) {
      int fields = fields(row, i, operands, number);
      if (fields < 0) {
        return null;
      }
      word |= fields;
    }
    return word;
  }

  /// The fields that operand `i` fills, or -1 if it is not what the row has there.
  private static int fields(Row row, int i, List<String> operands, Function<String, Long> number) {
    String form = row.operands.get(i);
    String operand = operands.get(i);
    if (Character.isLowerCase(form.charAt(0))) {
      return form.equals(operand.toLowerCase(Locale.ROOT)) ? 0 : -1;
    }
    if (A64Form.isOne(form)) {
      return A64Form.fields(form, operand, number);
    }
    int register = operandRegister(form, operand);
    if (form.endsWith("+1")) {
      return register == operandRegister(row.operands.get(i - 1), operands.get(i - 1)) + 1 ? 0 : -1;
    }
    boolean startsPair = i + 1 < row.operands.size() && row.operands.get(i + 1).endsWith("+1");
    if (register < 0 || (startsPair && register % 2 != 0)) {
      return -1;
    }
    return register << A64Form.shift(form.charAt(form.charAt(0) == '[' ? 2 : 1));
  }

  private static int operandRegister(String form, String operand) {
    String zero = form.contains("|SP") ? "sp" : "zr";
    if (form.charAt(0) == '[') {
      boolean bracketed = operand.startsWith("[") && operand.endsWith("]");
      return bracketed ? register(operand.substring(1, operand.length() - 1).strip(), 'X', zero) : -1;
    }
    return register(operand, form.charAt(0), zero);
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
