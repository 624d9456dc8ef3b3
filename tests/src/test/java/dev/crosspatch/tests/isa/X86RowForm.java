package dev.crosspatch.tests.isa;

import dev.crosspatch.isa.x86.X86Isa;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// An instruction form as a row of the emulator has it (`X86Isa.rows()`): what vectors of vector instructions are made
/// of.
///
/// @param row      the row's text
/// @param prefixes bytes before the opcode: 66, F2, F3
/// @param map      1 0F, 2 0F38, 3 0F3A
/// @param vex      with a VEX prefix
/// @param length   of VEX: `128`, `256`, `Lx` or `LIG`
/// @param wide     W: 0, 1 or -1 for any
/// @param opcode   the opcode
/// @param reg      ModRM.reg, or -1 for any; -2 without ModRM
/// @param immediate there is a byte of immediate
/// @param mnemonic of the instruction
/// @param operands in SDM notation
record X86RowForm(String row, int prefixes, int map, boolean vex, String length, int wide, int opcode, int reg,
    boolean immediate, String mnemonic, List<String> operands) {
  /// Vector instructions without an operand in a vector register, or one of MMX.
  private static final Set<String> ALSO =
      Set.of("LDMXCSR", "STMXCSR", "VLDMXCSR", "VSTMXCSR", "VZEROUPPER", "VZEROALL", "EMMS");

  /// All rows with vectors, MMX's among them.
  static List<X86RowForm> all() {
    return X86Isa.rows().stream().filter(X86RowForm::hasVector).map(X86RowForm::parse).toList();
  }

  private static boolean hasVector(String row) {
    String[] form = row.substring(row.indexOf('|') + 2).split(" ", 2);
    return ALSO.contains(form[0]) || (form.length == 2 && form[1].matches("(.*,)?[VHWULPQN].*"));
  }

  private static X86RowForm parse(String row) {
    String[] halves = row.split(" \\| ", 2);
    String[] form = halves[1].split(" ", 2);
    int map = 1;
    boolean vex = false;
    String length = "";
    int wide = -1;
    int reg = -2;
    boolean immediate = false;
    List<String> tokens = new ArrayList<>(List.of(halves[0].split(" ", -1)));
    for (String token : List.copyOf(tokens)) {
      switch (token) {
        case "REX.W0", "W0" -> wide = 0;
        case "REX.W1", "W1" -> wide = 1;
        case "ib" -> immediate = true;
        case "/r" -> reg = -1;
        default -> {
          reg = token.startsWith("/") ? token.charAt(1) - '0' : reg;
          continue;
        }
      }
      tokens.remove(token);
    }
    String first = tokens.removeFirst();
    if (first.startsWith("VEX")) {
      vex = true;
      List<String> parts = List.of(first.split("\\.", -1));
      map = List.of("0F", "0F38", "0F3A").indexOf(parts.getLast()) + 1;
      length = parts.size() == 4 ? parts.get(1) : "128";
      first = parts.get(parts.size() - 2);
    } else {
      tokens.removeFirst(); // 0F
      map = tokens.getFirst().equals("38") && tokens.size() > 1 ? 2 : tokens.getFirst().equals("3A") ? 3 : 1;
      if (map > 1) {
        tokens.removeFirst();
      }
    }
    int prefix = first.equals("NP") ? 0 : Integer.parseInt(first, 16);
    int opcode = Integer.parseInt(tokens.getFirst(), 16);
    List<String> operands = form.length < 2 ? List.of() : List.of(form[1].split(",", -1));
    return new X86RowForm(row, prefix, map, vex, length, wide, opcode, reg, immediate, form[0], operands);
  }

  /// Whether operand `i` is in ModRM.r/m and may be memory, may be a register.
  boolean mayBeMemory() {
    return operands.stream().anyMatch(o -> "EMWQ".indexOf(o.charAt(0)) >= 0);
  }

  boolean mayBeRegister() {
    return operands.stream().noneMatch(o -> o.charAt(0) == 'M');
  }
}
