package dev.crosspatch.isa.x86;

import java.util.Arrays;
import java.util.stream.Collectors;

/// Makes several rows of one: the form of a vector instruction with a VEX prefix, the one without, and that of MMX.
final class X86VexForm {
  private X86VexForm() {}

  /// The line without operands that only VEX can name.
  static String without(String line) {
    String[] columns = line.split("\\|", -1);
    String form = columns[1].strip();
    int blank = form.indexOf(' ');
    String operands = Arrays.stream(form.substring(blank + 1).split(",", -1))
        .filter(operand -> !operand.startsWith("H") && !operand.startsWith("L")).collect(Collectors.joining(","));
    return columns[0] + "| " + form.substring(0, blank) + " " + operands + " |" + columns[2] + "|" + columns[3];
  }

  /// The line as MMX has it: `66 0F FC /r | PADDB Vx,Hx,Wx` is `NP 0F FC /r | PADDB Pq,Qq`.
  static String mmx(String line) {
    String[] columns = without(line).split("\\|", -1);
    String form = columns[1].strip();
    int blank = form.indexOf(' ');
    String operands = Arrays.stream(form.substring(blank + 1).split(",", -1)).map(X86VexForm::mmxOperand)
        .collect(Collectors.joining(","));
    return columns[0].strip().replaceFirst("^66", "NP") + " | " + form.substring(0, blank) + " " + operands + " |"
        + columns[2] + "|" + columns[3];
  }

  private static String mmxOperand(String operand) {
    return switch (operand.charAt(0)) {
      case 'V' -> "Pq";
      case 'W' -> "Qq";
      case 'U' -> "Nq";
      default -> operand;
    };
  }

  /// The line as VEX has it: `66 0F FC /r | PADDB Vx,Hx,Wx` is `VEX.Lx.66.0F FC /r | VPADDB Vx,Hx,Wx`. VEX.L is part of
  /// the size of `x`, `ps` and `pd`, ignored with scalars, else 0.
  static String of(String line) {
    String[] columns = line.split("\\|", -1);
    String encoding = columns[0].strip();
    String form = columns[1].strip();
    String operands = form.substring(form.indexOf(' ') + 1);
    String length = operands.matches(".*(x|ps|pd)(,.*)?") ? "Lx" : operands.matches(".*(ss|sd)(,.*)?") ? "LIG" : "128";
    StringBuilder out = new StringBuilder("VEX.").append(length);
    String rest = encoding;
    String width = "";
    for (int i = 0; i < 2; i++) {
      int blank = rest.indexOf(' ');
      String word = rest.substring(0, blank);
      boolean isWidth = word.startsWith("REX.W");
      if (isWidth) {
        width = word.substring(4) + " ";
      } else if (!word.equals("0F")) {
        out.append('.').append(word);
      }
      rest = isWidth || !word.equals("0F") ? rest.substring(blank + 1) : rest;
    }
    rest = rest.substring(3); // 0F
    boolean longMap = rest.startsWith("38 ") || rest.startsWith("3A ");
    out.append(longMap ? ".0F" + rest.substring(0, 2) + " " : ".0F ").append(width);
    return out + (longMap ? rest.substring(3) : rest) + " | V" + form + " |" + columns[2] + "|" + columns[3];
  }
}
