package dev.crosspatch.isa.arm64;

import static dev.crosspatch.isa.arm64.Arm64Field.*;

import dev.crosspatch.core.code.Disassembler.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Instruction words as text, where a disassembler of others is wrong or blind: constrained unpredictable loads and
/// stores, fields that are ignored, barriers and PSTATE fields it does not know. Everything else is left to it.
///
/// A word without a row that it takes for an instruction is one of an extension that this machine has not, and keeps
/// its text; only accesses to system registers with op0 = 0, of which there are none, are undefined (DDI0487 D24.1.1).
final class Arm64Text {
  static final String[] CONDITIONS = {
    "eq", "ne", "hs", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "al", "nv"
  };

  /// Names that the architecture gave to words after the disassembler was made.
  private static final Set<String> LATER = Set.of("SB", "SSBB", "PSSBB", "UDF", "BC.cond");

  private final Arm64Row row;
  private final Arm64Word word;
  private final long address;

  private Arm64Text(Arm64Row row, int bits, long address) {
    this.row = row;
    this.address = address;
    word = new Arm64Word(row, bits);
  }

  /// See [dev.crosspatch.core.machine.Isa#text].
  static @Nullable Line line(int bits, long address, @Nullable Line other) {
    Arm64Row row = Arm64Decoder.find(bits);
    Line sense = other == null || isRegisterOfOp0(other) ? null : other;
    if (row == null) {
      return Arm64FlowText.line(bits, address, sense);
    }
    Arm64Text ours = new Arm64Text(row, bits, address);
    return sense == null || !ours.agrees(sense) ? ours.line() : sense;
  }

  private static boolean isRegisterOfOp0(Line line) {
    return line.mnemonic().startsWith("m") && line.operands().contains("s0_");
  }

  private boolean agrees(Line other) {
    return !LATER.contains(row.mnemonic()) && (!isDirectBranch() || other.operands().endsWith(target()));
  }

  private boolean isDirectBranch() {
    return switch (row.flow()) {
      case COND_BRANCH, JUMP, CALL -> true;
      default -> false;
    };
  }

  private String target() {
    return "#0x" + Long.toHexString(address + row.distance(word.bits()));
  }

  private Line line() {
    return new Line(address, 4, mnemonic(), operands());
  }

  private String mnemonic() {
    String name = row.mnemonic().toLowerCase(Locale.ROOT);
    if (name.endsWith(".cond")) {
      return name.substring(0, name.length() - 4) + CONDITIONS[word.get(COND)];
    }
    boolean sized = row.has(SIZE) && word.get(SIZE) < 2;
    return sized ? name + (word.get(SIZE) == 0 ? "b" : "h") : name;
  }

  private String operands() {
    if (row.mnemonic().equals("UDF")) {
      return "#" + word.get(IMM16);
    }
    if (row.mnemonic().equals("MSR") && row.has(CRM) && !row.has(RT)) {
      return row.name().substring(4).toLowerCase(Locale.ROOT) + ", #" + word.get(CRM);
    }
    List<String> texts = new ArrayList<>();
    for (Arm64Field field : new Arm64Field[] {RS, RT, RT2, RD}) {
      if (row.has(field)) {
        texts.add(register(isWide(field), word.get(field)));
      }
    }
    if (isDirectBranch()) {
      texts.add(target());
    } else if (row.has(RN) && row.has(RT)) {
      texts.add(place());
    } else {
      texts.addAll(sources());
    }
    return String.join(", ", texts);
  }

  private List<String> sources() {
    List<String> texts = new ArrayList<>();
    for (Arm64Field field : new Arm64Field[] {RN, RM, RA}) {
      if (row.has(field)) {
        texts.add(register(isWide(field), word.get(field)));
      }
    }
    return texts;
  }

  /// Whether a register of the instruction is an X register.
  private boolean isWide(Arm64Field field) {
    String name = row.mnemonic();
    if (row.has(SF)) {
      return word.is(SF);
    }
    if (row.has(RS) && field == RS && name.startsWith("ST")) {
      return false; // the status of a store exclusive
    }
    if (row.has(SIZE) || row.has(SZ)) {
      return row.has(SIZE) ? word.get(SIZE) == 3 : word.is(SZ);
    }
    if (name.startsWith("LDP") || name.startsWith("LDNP") || (name.startsWith("ST") && row.has(RT2))) {
      return word.bits() < 0 || name.equals("LDPSW");
    }
    boolean signedToWord = (word.bits() & 3 << 22) == 3 << 22;
    return name.matches("LD[UT]?RS[BHW]") ? !signedToWord : (!name.startsWith("LD") && !name.startsWith("ST"))
        || word.bits() >>> 30 == 3;
  }

  private String place() {
    String base = word.get(RN) == 31 ? "sp" : "x" + word.get(RN);
    if (row.has(IMM12)) {
      return "[" + base + offset(", #", (long) word.get(IMM12) << (word.bits() >>> 30)) + "]";
    }
    if (row.has(RM)) {
      return "[" + base + ", " + extended() + "]";
    }
    long distance = row.has(IMM7) ? word.signed(IMM7) * (word.bits() < 0 ? 8 : 4) : row.has(IMM9)
        ? word.signed(IMM9) : 0;
    if (row.name().endsWith("post-index)")) {
      return "[" + base + "], " + "#" + number(distance);
    }
    boolean before = row.name().endsWith("pre-index)");
    return "[" + base + (before ? ", #" + number(distance) : offset(", #", distance)) + (before ? "]!" : "]");
  }

  private String extended() {
    String[] extensions = {"uxtb", "uxth", "uxtw", "lsl", "sxtb", "sxth", "sxtw", "sxtx"};
    int option = word.get(OPTION);
    int amount = word.is(S) ? word.bits() >>> 30 : 0;
    boolean plain = option == 3 && !word.is(S);
    return register((option & 1) != 0, word.get(RM))
        + (plain ? "" : ", " + extensions[option] + (word.is(S) ? " #" + amount : ""));
  }

  private static String offset(String before, long distance) {
    return distance == 0 ? "" : before + number(distance);
  }

  private static String number(long value) {
    String sign = value < 0 ? "-" : "";
    long size = Math.abs(value);
    return sign + (size <= 9 ? Long.toString(size) : "0x" + Long.toHexString(size));
  }

  /// The name of a general register, 31 being zero.
  static String register(boolean wide, int number) {
    return (wide ? "x" : "w") + (number == 31 ? "zr" : Integer.toString(number));
  }
}
