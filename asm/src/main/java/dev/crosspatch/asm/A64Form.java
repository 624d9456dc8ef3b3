package dev.crosspatch.asm;

import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Operands of [A64Rows] that are more than a general register:
///
/// * `Qd Sn Vm.4s`: a scalar or vector register, with the letter of its field (`d` bits 4:0, `n` 9:5, `a` 14:10, `m`
///   20:16);
/// * `Vm.s[#2:12]`: a lane, its number a field as below;
/// * `#6:15`: an unsigned number of 6 bits at bit 15;
/// * `[Xn|SP, #s9]`: a base with an optional signed distance of 9 bits at bit 12;
/// * `[Xn|SP, #s10*8]`: the same in units of 8 bytes, with the sign in bit 22; a `!` behind both is kept.
final class A64Form {
  private static final Pattern MEMORY = Pattern.compile("\\[\\s*(\\w+)\\s*(?:,(.*))?](!?)");
  private static final Pattern VECTOR = Pattern.compile("v(\\d+)\\.(\\w+)(?:\\[(.*)])?", Pattern.CASE_INSENSITIVE);
  private static final Pattern FIELD = Pattern.compile("#(\\d+):(\\d+)");

  private A64Form() {}

  /// Whether `form` is described here.
  static boolean isOne(String form) {
    return "QSV#".indexOf(form.charAt(0)) >= 0 || form.contains(", #");
  }

  /// The fields that `operand` fills, or -1 if it does not fit `form`.
  ///
  /// @param number reads an operand that is a number
  static int fields(String form, String operand, Function<String, Long> number) {
    return switch (form.charAt(0)) {
      case '[' -> memory(form, operand, number);
      case '#' -> unsigned(form, number.apply(operand));
      case 'V' -> vector(form, operand, number);
      default -> scalar(form, operand);
    };
  }

  /// Where the field of a register begins.
  static int shift(char letter) {
    return switch (letter) {
      case 'd' -> 0;
      case 'n' -> 5;
      case 'a' -> 10;
      case 'm', 's' -> 16;
      default -> throw new IllegalArgumentException("no field " + letter);
    };
  }

  private static int scalar(String form, String operand) {
    boolean sameKind = Character.toUpperCase(operand.charAt(0)) == form.charAt(0);
    return sameKind ? simd(operand.substring(1), form) : -1;
  }

  private static int vector(String form, String operand, Function<String, Long> number) {
    Matcher m = VECTOR.matcher(operand);
    int dot = form.indexOf('.');
    int lane = form.indexOf('[');
    boolean fits =
        m.matches()
            && m.group(2).equalsIgnoreCase(form.substring(dot + 1, lane < 0 ? form.length() : lane))
            && (m.group(3) == null) == (lane < 0);
    if (!fits) {
      return -1;
    }
    int register = simd(m.group(1), form);
    int index = lane < 0 ? 0 : unsigned(form.substring(lane + 1, form.length() - 1), number.apply(m.group(3)));
    return register < 0 || index < 0 ? -1 : register | index;
  }

  private static int simd(String digits, String form) {
    return digits.matches("[0-9]|[12][0-9]|3[01]") ? Integer.parseInt(digits) << shift(form.charAt(1)) : -1;
  }

  private static int unsigned(String form, long value) {
    Matcher field = FIELD.matcher(form);
    if (!field.matches()) {
      throw new IllegalArgumentException(form);
    }
    long end = 1L << Integer.parseInt(field.group(1));
    return value >= 0 && value < end ? (int) value << Integer.parseInt(field.group(2)) : -1;
  }

  private static int memory(String form, String operand, Function<String, Long> number) {
    Matcher m = MEMORY.matcher(operand);
    if (!m.matches() || m.group(3).isEmpty() == form.endsWith("!")) {
      return -1;
    }
    int base = A64Rows.register(m.group(1), 'X', "sp");
    long distance = m.group(2) == null ? 0 : number.apply(m.group(2).strip());
    int scale = form.contains("*8") ? 8 : 1;
    int bits = scale == 8 ? 10 : 9;
    if (base < 0 || distance % scale != 0 || !Numbers.fitsSigned(distance / scale, bits)) {
      return -1;
    }
    int units = (int) (distance / scale);
    int sign = scale == 8 ? (units >> 9 & 1) << 22 : 0;
    return base << shift('n') | (units & 0x1ff) << 12 | sign;
  }
}
