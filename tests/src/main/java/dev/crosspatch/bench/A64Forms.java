package dev.crosspatch.bench;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.AssemblyException;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.sim.Plugins;
import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Sequences of A64 instructions in the notation of the PMEvo data: forms with a bar between them, blanks written `_`,
/// operands `((REG:R:G:64))` (read or written, general or floating point, bits or `VEC`), `((MEM:64))` (a base),
/// `((MIMM:16))` (an offset). Registers are chosen as there, so that no instruction waits for another: what is read
/// nobody writes, and what is written is written again only after many others.
final class A64Forms {
  /// Copies of a sequence, each with registers of its own to write.
  static final int COPIES = 4;

  private static final Pattern OPERAND = Pattern.compile("\\(\\((REG|MEM|MIMM):([A-Z0-9:]+)\\)\\)");
  private static final Pattern FLOAT = Pattern.compile("(\\d+\\.\\d+)e\\+([0-9])");
  private static final int BASE = 28;
  private static final int STEP = 16;
  /// Registers from 0 on that are written, and how many behind them are read, but for the base.
  private static final int WRITTEN = 20;

  private static final int GENERAL_READ = 8;
  private static final int VECTOR_READ = 12;

  private final Isa isa;
  private @Nullable Assembler assembler;
  private final Map<String, byte[]> known = new HashMap<>();

  A64Forms(Isa isa) {
    this.isa = isa;
  }

  /// The bytes of [#COPIES] copies of a sequence.
  ///
  /// @throws IllegalArgumentException naming a form that nobody can assemble
  byte[] assemble(String forms) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String[] each = forms.split("\\|", -1);
    int turn = 0;
    for (int copy = 0; copy < COPIES; copy++) {
      for (String form : each) {
        out.writeBytes(one(form.strip(), turn++));
      }
    }
    return out.toByteArray();
  }

  private byte[] one(String form, int turn) {
    String text = text(form, turn);
    byte[] bytes = known.get(text);
    if (bytes == null) {
      try {
        bytes = assembler().assemble(0, text);
      } catch (AssemblyException e) {
        throw new IllegalArgumentException("'" + form + "': " + e.what(), e);
      }
      known.put(text, bytes);
    }
    return bytes;
  }

  private Assembler assembler() {
    Assembler made = assembler;
    if (made == null) {
      made = Plugins.assembler(isa.name()).assembler(isa.name());
      assembler = made;
    }
    return made;
  }

  /// The form as an instruction.
  ///
  /// @param turn number of the instruction among all copies
  static String text(String form, int turn) {
    String plain = form.replace('_', ' ').strip();
    Matcher floats = FLOAT.matcher(plain);
    plain = floats.replaceAll(m -> String.valueOf(Double.parseDouble(m.group(1) + "e" + m.group(2))));
    StringBuilder out = new StringBuilder();
    Matcher operand = OPERAND.matcher(plain);
    int seen = 0;
    while (operand.find()) {
      String what = switch (operand.group(1)) {
        case "MEM" -> "x" + BASE;
        case "MIMM" -> "#" + STEP * (turn % STEP);
        default -> register(operand.group(2), seen == 0, seen, turn);
      };
      seen++;
      operand.appendReplacement(out, what);
    }
    return operand.appendTail(out).toString();
  }

  /// The first operand is what most instructions write, whatever the notation says; a store or a comparison reads it.
  private static String register(String kind, boolean first, int seen, int turn) {
    boolean general = kind.contains(":G:");
    String size = kind.substring(kind.lastIndexOf(':') + 1);
    int read = WRITTEN + (turn + seen) % (general ? GENERAL_READ : VECTOR_READ);
    int number = first ? turn % WRITTEN : read;
    String letter = switch (size) {
      case "VEC" -> "v";
      case "8" -> "b";
      case "16" -> "h";
      case "32" -> general ? "w" : "s";
      case "64" -> general ? "x" : "d";
      case "128" -> "q";
      default -> throw new IllegalArgumentException("'" + kind + "' is no register");
    };
    return letter + number;
  }
}
