package dev.crosspatch.tests.isa;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A row of `x86-host-forms.tsv`: an instruction form to make vectors of.
///
/// @param tokens      of the encoding
/// @param sizes       letters b, w, d, q
/// @param forms       r register, m memory, - no ModRM, s string, x XLAT
/// @param undefined   flag letters OSZAPC, or a rule
/// @param feature     CPU feature, or `-`
/// @param instruction for messages
record X86Form(List<String> tokens, String sizes, String forms, String undefined, String feature, String instruction) {
  private static final List<String> NOT_BEYOND = List.of("STD", "DIV", "CMPXCHG", "MOVSXD", "LEA", "NOP");

  /// All forms, in file order.
  static List<X86Form> all() throws IOException {
    return Files.readAllLines(Path.of("src", "test", "resources", "x86-host-forms.tsv")).stream()
        .filter(line -> !line.startsWith("#"))
        .map(X86Form::parse)
        .toList();
  }

  private static X86Form parse(String line) {
    String[] c = line.split("\t", -1);
    return new X86Form(List.of(c[0].split(" ", -1)), c[1], c[2], c[3], c[4], c[5]);
  }

  /// Flags undefined after the instruction with masked shift count `count`, operands of `size` bits.
  int undefinedFlags(int count, int size) {
    return switch (undefined) {
      case "shift" ->
          count == 0 ? 0 : X86Vector.AF | (count > 1 ? X86Vector.OF : 0) | (count >= size ? X86Vector.CF : 0);
      case "sar" -> count == 0 ? 0 : X86Vector.AF | (count > 1 ? X86Vector.OF : 0);
      case "double" -> count == 0 ? 0 : X86Vector.AF | (count > 1 ? X86Vector.OF : 0);
      case "rotate" -> count > 1 ? X86Vector.OF : 0;
      default -> letters();
    };
  }

  private int letters() {
    int bits = 0;
    for (int i = 0; i < undefined.length(); i++) {
      bits |= switch (undefined.charAt(i)) {
        case 'O' -> X86Vector.OF;
        case 'S' -> X86Vector.SF;
        case 'Z' -> X86Vector.ZF;
        case 'A' -> X86Vector.AF;
        case 'P' -> X86Vector.PF;
        case 'C' -> X86Vector.CF;
        case '-' -> 0;
        default -> throw new IllegalArgumentException("undefined flags '" + undefined + "' of " + instruction);
      };
    }
    return bits;
  }

  /// Whether others may follow: all flags are defined, and it needs no stack.
  boolean chains() {
    return undefined.equals("-") && forms.contains("r") && feature.equals("-") && !instruction.equals("PUSH")
        && !instruction.equals("POP");
  }

  /// Whether it may be given an operand that is not mapped: it has one in memory, raises nothing else then, needs no
  /// comparand from there, and leaves RFLAGS.DF clear for the next vector. Not MOVSXD: with a 66 prefix Intel reads two
  /// bytes (SDM vol. 2B MOVSX/MOVSXD), AMD's Zen 4 four.
  boolean mayReachBeyond() {
    boolean memory = forms.contains("m") || forms.equals("s");
    return memory && NOT_BEYOND.stream().noneMatch(instruction::contains);
  }
}
