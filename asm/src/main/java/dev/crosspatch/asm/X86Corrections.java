package dev.crosspatch.asm;

import dev.crosspatch.asm.X86Argument.Memory;
import dev.crosspatch.asm.X86Argument.Register;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The x86 instructions that Keystone lacks or encodes wrongly, a row each in the notation of SDM volume 2.
final class X86Corrections {
  /// Operands of a row: none, a register, memory, both, or either; the accumulator and an absolute address of 64 bits
  /// (`O` in SDM volume 2D table A-1).
  private enum Form { NONE, R, M, RM, M_R, R_M, R_RM, AL_O, AX_O, O_AL, O_AX }

  /// An instruction.
  ///
  /// @param prefix mandatory prefix in hex, or empty
  /// @param wide   REX.W always; otherwise it follows the operands, if `sized`
  /// @param sized  whether 16-bit operands take prefix 66 and 64-bit operands REX.W
  /// @param opcode in hex
  /// @param digit  ModRM.reg if no register stands there
  /// @param widths bits that its operands may have, added up
  private record Row(Form form, String prefix, boolean wide, boolean sized, String opcode, int digit, int widths) {}

  private static final Row UMONITOR = new Row(Form.R, "f3", false, false, "0fae", 6, 32 + 64);
  private static final Map<String, List<Row>> ROWS = new HashMap<>();

  static {
    fixed("endbr64", "f30f1efa");
    fixed("endbr32", "f30f1efb");
    fixed("serialize", "0f01e8");
    fixed("xsusldtrk", "f20f01e8");
    fixed("xresldtrk", "f20f01e9");
    fixed("setssbsy", "f30f01e8");
    fixed("saveprevssp", "f30f01ea");
    fixed("uiret", "f30f01ec");
    fixed("testui", "f30f01ed");
    fixed("clui", "f30f01ee");
    fixed("stui", "f30f01ef");
    fixed("wbnoinvd", "f30f09");
    fixed("pconfig", "0f01c5");
    // Keystone gives the 64-bit form to the names of the 32-bit form.
    fixed("sysret", "0f07");
    fixed("sysretq", "480f07");
    fixed("sysexit", "0f35");
    fixed("sysexitq", "480f35");
    // Keystone gives the 16-bit form.
    fixed("pushf", "9c");
    fixed("popf", "9d");
    fixed("pushfw", "669c");
    fixed("popfw", "669d");
    fixed("iretw", "66cf");

    row("nop", new Row(Form.RM, "", false, true, "0f1f", 0, 16 + 32 + 64));
    row("ud1", new Row(Form.R_RM, "", false, true, "0fb9", 0, 16 + 32 + 64));
    row("ud2b", new Row(Form.R_RM, "", false, true, "0fb9", 0, 16 + 32 + 64));
    row("lar", new Row(Form.R_RM, "", false, true, "0f02", 0, 16 + 32 + 64));
    row("lsl", new Row(Form.R_RM, "", false, true, "0f03", 0, 16 + 32 + 64));
    row("rdpid", new Row(Form.R, "f3", false, false, "0fc7", 7, 64));
    row("ptwrite", new Row(Form.RM, "f3", false, true, "0fae", 4, 32 + 64));
    row("incsspd", new Row(Form.R, "f3", false, false, "0fae", 5, 32));
    row("incsspq", new Row(Form.R, "f3", true, false, "0fae", 5, 64));
    row("rdsspd", new Row(Form.R, "f3", false, false, "0f1e", 1, 32));
    row("rdsspq", new Row(Form.R, "f3", true, false, "0f1e", 1, 64));
    row("rstorssp", new Row(Form.M, "f3", false, false, "0f01", 5, 64));
    row("clrssbsy", new Row(Form.M, "f3", false, false, "0fae", 6, 64));
    row("umonitor", UMONITOR);
    row("umwait", new Row(Form.R, "f2", false, false, "0fae", 6, 32 + 64));
    row("tpause", new Row(Form.R, "66", false, false, "0fae", 6, 32 + 64));
    row("senduipi", new Row(Form.R, "f3", false, false, "0fc7", 6, 64));
    row("cldemote", new Row(Form.M, "", false, false, "0f1c", 0, 8));
    row("wrssd", new Row(Form.M_R, "", false, true, "0f38f6", 0, 32));
    row("wrssq", new Row(Form.M_R, "", false, true, "0f38f6", 0, 64));
    row("wrussd", new Row(Form.M_R, "66", false, true, "0f38f5", 0, 32));
    row("wrussq", new Row(Form.M_R, "66", false, true, "0f38f5", 0, 64));
    row("movabs", new Row(Form.AL_O, "", false, true, "a0", 0, 8 + 16 + 32 + 64));
    row("movabs", new Row(Form.AX_O, "", false, true, "a1", 0, 8 + 16 + 32 + 64));
    row("movabs", new Row(Form.O_AL, "", false, true, "a2", 0, 8 + 16 + 32 + 64));
    row("movabs", new Row(Form.O_AX, "", false, true, "a3", 0, 8 + 16 + 32 + 64));
    row("lcallw", new Row(Form.M, "66", false, false, "ff", 3, 0));
    row("lcallq", new Row(Form.M, "", true, false, "ff", 3, 0));
    row("ljmpw", new Row(Form.M, "66", false, false, "ff", 5, 0));
    row("ljmpq", new Row(Form.M, "", true, false, "ff", 5, 0));
    row("movdiri", new Row(Form.M_R, "", false, true, "0f38f9", 0, 32 + 64));
    row("movdir64b", new Row(Form.R_M, "66", false, false, "0f38f8", 0, 64));
    row("enqcmd", new Row(Form.R_M, "f2", false, false, "0f38f8", 0, 64));
    row("enqcmds", new Row(Form.R_M, "f3", false, false, "0f38f8", 0, 64));
  }

  private static final List<String> ACCUMULATORS = List.of("al", "ax", "eax", "rax");

  private X86Corrections() {}

  private static void fixed(String name, String bytes) {
    row(name, new Row(Form.NONE, "", false, false, bytes, 0, 0));
  }

  private static void row(String name, Row row) {
    ROWS.computeIfAbsent(name, n -> new ArrayList<>()).add(row);
  }

  /// The fragment of a row that takes `operands`; null if Keystone is to encode the instruction.
  static @Nullable Fragment find(String mnemonic, List<X86Argument> operands, Statement statement, Unit unit) {
    List<Row> rows = ROWS.get(mnemonic);
    if (rows == null || isKeystones(mnemonic, operands)) {
      return null;
    }
    for (Row row : rows) {
      Fragment fragment = match(row, operands, statement, unit);
      if (fragment != null) {
        return fragment;
      }
    }
    throw new SyntaxError("invalid operand");
  }

  /// Whether Keystone encodes this form although others of the same name have rows.
  private static boolean isKeystones(String mnemonic, List<X86Argument> operands) {
    return switch (mnemonic) {
      case "nop" -> operands.isEmpty();
      case "lar", "lsl" -> operands.stream().anyMatch(Memory.class::isInstance);
      case "movabs" -> operands.stream().noneMatch(Memory.class::isInstance);
      default -> false;
    };
  }

  private static @Nullable Fragment match(Row row, List<X86Argument> operands, Statement statement, Unit unit) {
    @Nullable X86Argument first = operands.isEmpty() ? null : operands.getFirst();
    @Nullable X86Argument second = operands.size() < 2 ? null : operands.get(1);
    boolean takes =
        operands.size() <= 2
            && switch (row.form) {
              case NONE -> first == null;
              case R -> first instanceof Register && second == null;
              case M -> first instanceof Memory && second == null;
              case RM -> first != null && !(first instanceof X86Argument.Immediate) && second == null;
              case M_R -> first instanceof Memory && second instanceof Register;
              case R_M -> first instanceof Register && second instanceof Memory;
              case AL_O -> isAccumulator(first, true) && isOffset(second);
              case AX_O -> isAccumulator(first, false) && isOffset(second);
              case O_AL -> isOffset(first) && isAccumulator(second, true);
              case O_AX -> isOffset(first) && isAccumulator(second, false);
              case R_RM -> first instanceof Register && second != null && !(second instanceof X86Argument.Immediate);
            };
    if (!takes) {
      return null;
    }
    if (!fits(row, operands)) {
      return null;
    }
    if (row.form == Form.NONE) {
      return new Fragment.Bytes(statement, HexFormat.of().parseHex(row.opcode));
    }
    boolean memoryFirst = first instanceof Memory;
    if (row.form.ordinal() >= Form.AL_O.ordinal()) {
      Register accumulator = (Register) Objects.requireNonNull(memoryFirst ? second : first);
      Memory place = (Memory) Objects.requireNonNull(memoryFirst ? first : second);
      return offset(row.opcode, accumulator, place, statement, unit);
    }
    X86Argument place = second != null && !memoryFirst ? second : first;
    @Nullable Register register = second == null ? null : (Register) (memoryFirst ? second : first);
    return encode(row, place, register, statement, unit);
  }

  /// Whether the operands are general registers of widths the row has, and memory of the same size if it tells one.
  private static boolean fits(Row row, List<X86Argument> operands) {
    int registerBits = 0;
    for (X86Argument operand : operands) {
      if (operand instanceof Register r) {
        boolean alike = registerBits == 0 || registerBits == r.bits();
        if (!X86Argument.isGeneral(r) || !r.decoration().isEmpty() || !alike || !hasWidth(row, r.bits())) {
          return false;
        }
        registerBits = r.bits();
      }
    }
    for (X86Argument operand : operands) {
      if (operand instanceof Memory m && !sizeFits(row, m, registerBits)) {
        return false;
      }
    }
    return true;
  }

  private static boolean sizeFits(Row row, Memory memory, int registerBits) {
    @Nullable Integer bits = X86Argument.width(List.of(memory));
    if (bits == null) {
      return true;
    }
    // What moves 64 bytes to where a register says.
    int wanted = row.form == Form.R_M ? 512 : registerBits;
    return wanted == 0 ? hasWidth(row, bits) : bits == wanted;
  }

  private static boolean hasWidth(Row row, int bits) {
    return Integer.bitCount(bits) == 1 && (row.widths & bits) != 0;
  }

  private static boolean isAccumulator(@Nullable X86Argument operand, boolean byteWide) {
    return operand instanceof Register r && ACCUMULATORS.contains(r.name()) && (r.bits() == 8) == byteWide;
  }

  private static boolean isOffset(@Nullable X86Argument operand) {
    return operand instanceof Memory m && m.isAbsolute();
  }

  private static Fragment offset(
      String opcode, Register accumulator, Memory place, Statement statement, Unit unit) {
    @Nullable Integer bits = X86Argument.width(List.of(place));
    if (bits != null && bits != accumulator.bits()) {
      throw new SyntaxError("invalid operand");
    }
    String prefix = accumulator.bits() == 16 ? "66" : accumulator.bits() == 64 ? "48" : "";
    String segment = place.segment().isEmpty() ? "" : X86Argument.SEGMENT_PREFIXES.get(place.segment());
    unit.add(new Fragment.Bytes(statement, HexFormat.of().parseHex(segment + prefix + opcode)));
    return new Fragment.Value(statement, place.displacement(), 8);
  }

  private static Fragment encode(
      Row row, @Nullable X86Argument place, @Nullable Register register, Statement statement, Unit unit) {
    int bits = row.sized ? width(place, register) : 0;
    int reg = register == null ? row.digit : register.number();
    String prefix = bits == 16 ? "66" : row.prefix;
    int rex = (row.wide || bits == 64 ? 8 : 0) | reg >> 3 << 2;
    byte[] opcode = HexFormat.of().parseHex(row.opcode);
    if (place instanceof Register r) {
      // UMONITOR's register is an address.
      String before = row.equals(UMONITOR) && r.bits() == 32 ? "67" + prefix : prefix;
      byte[] modrm = {(byte) (0xc0 | (reg & 7) << 3 | (r.number() & 7))};
      return new Fragment.Bytes(statement, join(before, new byte[0], rex | r.number() >> 3, opcode, modrm));
    }
    Memory memory = (Memory) Objects.requireNonNull(place);
    // PREFETCHT0 (0F 18 /1) has the same addressing forms; only its opcode and ModRM.reg are replaced.
    Memory sibling =
        new Memory(
            "byte", memory.segment(), memory.base(), memory.index(), memory.scale(), memory.displacement(), "");
    return X86.encode("prefetcht0", List.of(sibling), statement, unit, code -> replace(code, prefix, rex, opcode, reg));
  }

  private static int width(@Nullable X86Argument place, @Nullable Register register) {
    if (register != null) {
      return register.bits();
    }
    @Nullable Integer bits = place == null ? null : X86Argument.width(List.of(place));
    if (bits == null) {
      throw new SyntaxError("the size of the operand is missing");
    }
    return bits;
  }

  /// Bytes of the sibling with another opcode.
  private static byte[] replace(byte[] code, String prefix, int rex, byte[] opcode, int reg) {
    int i = 0;
    while (code[i] != 0x0f && (code[i] & 0xf0) != 0x40) {
      i++;
    }
    byte[] legacy = Arrays.copyOf(code, i);
    int siblingRex = code[i] == 0x0f ? 0 : code[i++] & 0xf;
    byte[] rest = Arrays.copyOfRange(code, i + 2, code.length);
    rest[0] = (byte) ((rest[0] & 0xc7) | (reg & 7) << 3);
    return join(prefix, legacy, rex | siblingRex, opcode, rest);
  }

  private static byte[] join(String prefix, byte[] legacy, int rex, byte[] opcode, byte[] rest) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(legacy);
    out.writeBytes(HexFormat.of().parseHex(prefix));
    if (rex != 0) {
      out.write(0x40 | rex);
    }
    out.writeBytes(opcode);
    out.writeBytes(rest);
    return out.toByteArray();
  }
}
