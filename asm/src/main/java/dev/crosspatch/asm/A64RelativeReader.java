package dev.crosspatch.asm;

import dev.crosspatch.asm.A64Relative.Field;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the A64 instructions that say where they lead or what they load relative to themselves.
final class A64RelativeReader {
  /// What stands in the word apart from the distance.
  private record Form(int opcode, Field field) {}

  private static final String[] CONDITIONS = {
    "eq", "ne", "cs hs", "cc lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "al", "nv"
  };

  /// Branches whose only operand is the target.
  private static final Map<String, Form> BRANCHES = branches();

  private A64RelativeReader() {}

  private static Map<String, Form> branches() {
    Map<String, Form> map = new HashMap<>();
    map.put("b", new Form(0x14000000, Field.IMM26));
    map.put("bl", new Form(0x94000000, Field.IMM26));
    for (int i = 0; i < CONDITIONS.length; i++) {
      for (String name : CONDITIONS[i].split(" ", -1)) {
        map.put("b." + name, new Form(0x54000000 | i, Field.IMM19));
        map.put("b" + name, new Form(0x54000000 | i, Field.IMM19));
      }
    }
    return Map.copyOf(map);
  }

  /// The fragment, or null if the instruction is not of this kind.
  static @Nullable Fragment read(String mnemonic, List<String> operands, Statement statement, Unit unit) {
    Form branch = BRANCHES.get(mnemonic);
    Form form = branch != null ? branch : operands.isEmpty() ? null : form(mnemonic, operands, unit);
    if (form == null) {
      return null;
    }
    int count = branch != null ? 1 : mnemonic.startsWith("tb") ? 3 : 2;
    if (operands.size() != count) {
      throw new SyntaxError("'" + mnemonic + "' takes " + count + " operands, not " + operands.size());
    }
    return new A64Relative(statement, form.opcode, form.field, target(operands, unit));
  }

  private static @Nullable Form form(String mnemonic, List<String> operands, Unit unit) {
    String first = operands.getFirst();
    return switch (mnemonic) {
      case "cbz" -> new Form(0x34000000 | sizedRegister(first), Field.IMM19);
      case "cbnz" -> new Form(0x35000000 | sizedRegister(first), Field.IMM19);
      case "tbz" -> new Form(0x36000000 | testedBit(operands, unit), Field.IMM14);
      case "tbnz" -> new Form(0x37000000 | testedBit(operands, unit), Field.IMM14);
      case "adr" -> new Form(0x10000000 | register(first, 'X'), Field.ADR);
      case "adrp" -> new Form(0x90000000 | register(first, 'X'), Field.ADRP);
      case "ldr", "ldrsw" -> isLiteral(operands) ? new Form(literalLoad(mnemonic, first), Field.IMM19) : null;
      case "prfm" -> {
        if (isLiteral(operands)) {
          throw new SyntaxError("prfm of a label is not offered");
        }
        yield null;
      }
      default -> null;
    };
  }

  private static boolean isLiteral(List<String> operands) {
    return operands.size() == 2 && !operands.get(1).startsWith("[");
  }

  private static Expression target(List<String> operands, Unit unit) {
    String text = operands.getLast();
    if (text.startsWith("=")) {
      boolean wide = !operands.getFirst().toLowerCase(Locale.ROOT).startsWith("w");
      return unit.literal(A64.number(text.substring(1), unit), wide ? 8 : 4);
    }
    return A64.number(text.startsWith(":pg_hi21:") ? text.substring(9) : text, unit);
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
    long bit = operands.size() < 2 ? -1 : A64.number(operands.get(1), unit).constant("a bit number");
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
}
