package dev.crosspatch.isa.x86;

import dev.crosspatch.core.code.Disassembler.Line;
import dev.crosspatch.core.uop.Uop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A decoded instruction in Intel syntax, from its row: the mnemonic of SDM vol. 2 in the form that its operand size
/// chooses, and its operands.
final class X86Text {
  private static final String[] NAMES = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
  private static final String[] BYTES = {"al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"};
  private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};
  private static final String[] CONDITIONS = {
    "o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"
  };
  private static final String[] SIZES = {"byte", "word", "dword", "qword", "xmmword", "ymmword"};
  private static final String[] PREFETCHES = {"prefetchnta", "prefetcht0", "prefetcht1", "prefetcht2"};
  private static final String[] WRITE_PREFETCHES = {"prefetch", "prefetchw", "prefetchwt1"};

  /// What is shown with the sign of its immediate.
  private static final Set<String> SIGNED = Set.of("ADD", "ADC", "SUB", "SBB", "CMP", "IMUL", "PUSH");

  /// What takes a byte or word of a vector to a register, of which it writes 32 bits.
  private static final Set<String> TO_DOUBLEWORD = Set.of("PEXTRB", "PEXTRW", "VPEXTRB", "VPEXTRW");

  /// Gathering loads whose index, and those whose destination and mask, are 16 bytes beside vectors of 32.
  private static final Set<String> HALF_INDEX = Set.of("VPGATHERDQ", "VGATHERDPD");

  private static final Set<String> HALF_LOADED = Set.of("VPGATHERQD", "VGATHERQPS");

  private static final Set<String> STRINGS = Set.of("MOVS", "CMPS", "STOS", "LODS", "SCAS");

  /// Instructions of extensions that are a no-operation, or WBINVD, on a CPU without them, and so to the rows.
  private static final Pattern WITHOUT_EXTENSION =
      Pattern.compile("bnd(mk|cl|cu|cn|mov|ldx|stx)|cldemote|rdssp[dq]|endbr32|wbnoinvd");

  /// A segment override without effect, and an index that is not there.
  private static final Pattern IDLE = Pattern.compile("\\b[cdes]s:| \\+ [er]iz(\\*\\d)?");

  private static final Pattern NUMBER = Pattern.compile("(?:- ?)?\\b(0x[0-9a-f]+|[0-9]+)\\b");

  private final X86Decoder d;
  private final X86Row row;
  private final long address;
  /// log2 of the operand size in bytes.
  private final int width;

  /// @param decoder has parsed an instruction of `row`
  X86Text(X86Decoder decoder, X86Row row, long address) {
    d = decoder;
    this.row = row;
    this.address = address;
    width = decoder.operandWidth();
  }

  /// The instruction. `other` is returned in its place if it says the same.
  Line line(@Nullable Line other) {
    Line ours = new Line(address, d.length, prefix() + mnemonic(), operands());
    return other != null && (isSame(ours, other) || isVectorVariant(ours, other)) ? other : ours;
  }

  /// Whether two lines tell the same instruction: its length, its name but for prefixes without effect, its operands
  /// with numbers alike in the bits that count.
  private boolean isSame(Line ours, Line other) {
    boolean extension = (ours.mnemonic().equals("nop") || ours.mnemonic().equals("wbinvd"))
        && WITHOUT_EXTENSION.matcher(other.mnemonic()).matches();
    return ours.length() == other.length()
        && (extension
            || (sameName(ours.mnemonic(), other.mnemonic()) && sameOperands(ours.operands(), other.operands())));
  }

  /// Vector instructions that the other tells of with the name of a variant (CMPEQPS), or with operands of its own
  /// style (sizes in memory, immediates), are the same if the name begins alike.
  private boolean isVectorVariant(Line ours, Line other) {
    boolean vectors = Arrays.stream(row.operands).anyMatch(X86Operand::isVector);
    int prefix = ours.mnemonic().startsWith("v") ? 4 : 3;
    return vectors && ours.length() == other.length() && ours.mnemonic().length() >= prefix
        && other.mnemonic().startsWith(ours.mnemonic().substring(0, prefix));
  }

  private static boolean sameName(String ours, String other) {
    boolean sameLock = ours.startsWith("lock ") == other.contains("lock ");
    String mine = ours.substring(ours.lastIndexOf(' ') + 1);
    String theirs = other.substring(other.lastIndexOf(' ') + 1);
    return sameLock && (mine.equals(theirs) || (mine.equals("shl") && theirs.equals("sal")));
  }

  private boolean sameOperands(String ours, String other) {
    int bits = row.operands.length == 0 ? 64 : 8 << row.operands[0].width(width, d.vectorWidth());
    String sized = ours.contains(" ptr ") ? other : other.replaceFirst("\\w+ ptr ", "");
    String theirs = d.segment == Uop.ZERO ? IDLE.matcher(sized).replaceAll("") : sized;
    if (!NUMBER.matcher(ours).replaceAll("#").equals(NUMBER.matcher(theirs).replaceAll("#"))) {
      return false;
    }
    Matcher mine = NUMBER.matcher(ours);
    Matcher others = NUMBER.matcher(theirs);
    while (mine.find() && others.find()) {
      long difference = value(mine) - value(others);
      if (difference << (64 - bits) != 0) {
        return false;
      }
    }
    return true;
  }

  private static long value(Matcher number) {
    String digits = number.group(1);
    long value = digits.startsWith("0x")
        ? Long.parseUnsignedLong(digits, 2, digits.length(), 16) : Long.parseUnsignedLong(digits);
    return number.group().startsWith("-") ? -value : value;
  }

  private String prefix() {
    if (d.lock) {
      return "lock ";
    }
    if (d.repeat == 0 || !STRINGS.contains(row.mnemonic)) {
      return "";
    }
    boolean compares = row.mnemonic.equals("CMPS") || row.mnemonic.equals("SCAS");
    return d.repeat == 0xf2 ? "repne " : compares ? "repe " : "rep ";
  }

  private String mnemonic() {
    String condition = CONDITIONS[d.opcode & 15];
    int reg = d.modrm >> 3 & 7;
    return switch (row.mnemonic) {
      case "Jcc" -> "j" + condition;
      case "SETcc" -> "set" + condition;
      case "CMOVcc" -> "cmov" + condition;
      case "CBW" -> bySize("cbw", "cwde", "cdqe");
      case "CWD" -> bySize("cwd", "cdq", "cqo");
      case "IRET" -> bySize("iret", "iretd", "iretq");
      case "RETF" -> bySize("retf", "retf", "retfq");
      case "SYSRET" -> bySize("sysret", "sysret", "sysretq");
      case "PUSHF" -> bySize("pushf", "pushfq", "pushfq");
      case "POPF" -> bySize("popf", "popfq", "popfq");
      case "JRCXZ" -> d.address32 ? "jecxz" : "jrcxz";
      case "XLAT" -> "xlatb";
      case "PREFETCH" -> reg < PREFETCHES.length && d.modrm < 0xc0 ? PREFETCHES[reg] : "nop";
      case "PREFETCHW" -> reg < WRITE_PREFETCHES.length ? WRITE_PREFETCHES[reg] : "nop";
      case "MOVS", "CMPS", "STOS", "LODS", "SCAS" ->
          row.mnemonic.toLowerCase(Locale.ROOT) + "bwdq".charAt(stringWidth());
      case "MOV" -> row.immediates.equals("o") || (row.immediates.equals("v") && width == 3) ? "movabs" : "mov";
      default -> row.mnemonic.toLowerCase(Locale.ROOT);
    };
  }

  private String bySize(String word, String dword, String qword) {
    return width == 1 ? word : width == 2 ? dword : qword;
  }

  private int stringWidth() {
    return (d.opcode & 1) == 0 ? 0 : width;
  }

  private String operands() {
    if (row.mnemonic.equals("ENTER")) {
      return number(d.immediate) + ", " + number(d.immediate2);
    }
    if (row.mnemonic.equals("FNSTSW") && row.operands.length == 0) {
      return "ax";
    }
    if (row.mnemonic.equals("PAUSE")) {
      return ""; // its register is what CPUs exchange that have no PAUSE with REX.B
    }
    List<String> texts = new ArrayList<>();
    for (X86Operand operand : row.operands) {
      texts.add(operand(operand));
    }
    return String.join(", ", texts);
  }

  private String operand(X86Operand operand) {
    int bytes = operand.width(width, d.vectorWidth());
    return switch (operand.kind()) {
      case X86Operand.RM, X86Operand.RM_REGISTER, X86Operand.MEMORY, X86Operand.VECTOR_RM,
          X86Operand.VECTOR_RM_REGISTER, X86Operand.MMX_RM, X86Operand.MMX_RM_REGISTER -> place(operand);
      case X86Operand.MMX -> "mm" + (d.modrm >> 3 & 7);
      case X86Operand.VECTOR -> vector(bytes, (d.modrm >> 3 & 7) | (d.rex & 4) << 1);
      case X86Operand.VECTOR_VVVV -> vector(bytes, d.vvvv);
      case X86Operand.VECTOR_IMMEDIATE -> vector(bytes, (int) d.immediate >> 4 & 15);
      case X86Operand.REG -> register(bytes, (d.modrm >> 3 & 7) | (d.rex & 4) << 1);
      case X86Operand.VVVV -> register(bytes, d.vvvv);
      // The row of BSWAP has no 16 bits, which are undefined but there.
      case X86Operand.OPCODE_REGISTER ->
          register(row.mnemonic.equals("BSWAP") ? width : bytes, (d.opcode & 7) | (d.rex & 1) << 3);
      case X86Operand.IMMEDIATE -> immediate();
      case X86Operand.RELATIVE -> "0x" + Long.toHexString(address + d.length + d.immediate);
      case X86Operand.OFFSET -> SIZES[bytes] + " ptr " + segment() + "[" + number(d.immediate) + "]";
      case X86Operand.ACCUMULATOR -> register(bytes, 0);
      case X86Operand.STACK_TOP -> "st(0)";
      case X86Operand.STACK -> "st(" + (d.modrm & 7) + ")";
      case X86Operand.SYSTEM -> systemRegister(operand);
      case X86Operand.STRING -> string(operand);
      case X86Operand.COUNT, X86Operand.PORT, X86Operand.ONE, X86Operand.SEGMENT ->
          operand.text().toLowerCase(Locale.ROOT);
      default -> throw new IllegalStateException("no text for operand " + operand.text());
    };
  }

  private String place(X86Operand operand) {
    // MOV to a segment register takes the low 16 bits of a register of any width, and says which.
    boolean toSegment = row.operands[0].text().startsWith("S");
    if (d.modrm >= 0xc0 && operand.isVector()) {
      return vector(operand.width(width, d.vectorWidth()), (d.modrm & 7) | (d.rex & 1) << 3);
    }
    if (d.modrm >= 0xc0 && operand.kind() == X86Operand.RM && TO_DOUBLEWORD.contains(row.mnemonic)) {
      return register(2, (d.modrm & 7) | (d.rex & 1) << 3);
    }
    if (d.modrm >= 0xc0 && operand.kind() >= X86Operand.MMX) {
      return "mm" + (d.modrm & 7);
    }
    if (d.modrm >= 0xc0) {
      return register(toSegment ? width : operand.width(width, d.vectorWidth()), (d.modrm & 7) | (d.rex & 1) << 3);
    }
    return size(operand) + segment() + "[" + sum() + "]";
  }

  private String size(X86Operand operand) {
    if (row.mnemonic.startsWith("PREFETCH")) {
      return "byte ptr ";
    }
    if (operand.size() == 0) {
      return "";
    }
    return operand.size() == 't' ? "tbyte ptr " : SIZES[operand.width(width, d.vectorWidth())] + " ptr ";
  }

  private String vector(int bytes, int number) {
    return (bytes == 5 && !HALF_LOADED.contains(row.mnemonic) ? "ymm" : "xmm") + number;
  }

  /// Of an address, without its scale.
  private String index(int bytes) {
    return !row.vsib ? register(bytes, d.index)
        : (d.vectorWidth() == 5 && !HALF_INDEX.contains(row.mnemonic) ? "ymm" : "xmm") + d.vectorIndex;
  }

  private String segment() {
    return d.segment == Uop.ZERO ? "" : d.segment == X86Core.FS_BASE ? "fs:" : "gs:";
  }

  private String sum() {
    int bytes = d.address32 ? 2 : 3;
    List<String> terms = new ArrayList<>();
    if (d.ripRelative) {
      terms.add(d.address32 ? "eip" : "rip");
    } else if (d.base != Uop.ZERO) {
      terms.add(register(bytes, d.base));
    }
    if (d.index != Uop.ZERO || row.vsib) {
      terms.add(index(bytes) + (d.scale == 0 && d.base != Uop.ZERO ? "" : "*" + (1 << d.scale)));
    }
    if (terms.isEmpty()) {
      return number(d.address32 ? d.displacement & 0xffff_ffffL : d.displacement);
    }
    String displacement = d.displacement < 0 ? " - " + number(-d.displacement) : d.displacement > 0
        ? " + " + number(d.displacement) : "";
    return String.join(" + ", terms) + displacement;
  }

  private String string(X86Operand operand) {
    boolean source = operand.text().startsWith("X");
    String register = (d.address32 ? "e" : "r") + (source ? "si" : "di");
    return SIZES[stringWidth()] + " ptr " + (source ? segment() : "") + "[" + register + "]";
  }

  private String systemRegister(X86Operand operand) {
    int number = (d.modrm >> 3 & 7) | (d.rex & 4) << 1;
    return switch (operand.text().charAt(0)) {
      case 'S' -> SEGMENTS[number & 7];
      case 'C' -> "cr" + number;
      default -> "dr" + number;
    };
  }

  private String immediate() {
    long value = d.immediate;
    if (SIGNED.contains(row.mnemonic)) {
      return value < 0 ? "-" + number(-value) : number(value);
    }
    boolean toByte = row.operands[0].size() == 'b'
        || !Set.of("AND", "OR", "XOR", "TEST", "MOV", "RET", "RETF").contains(row.mnemonic);
    int bits = toByte ? 8 : 8 << width;
    return number(bits == 64 ? value : value & (1L << bits) - 1);
  }

  /// Decimal up to 9, else hexadecimal.
  private static String number(long value) {
    return value >= 0 && value <= 9 ? Long.toString(value) : "0x" + Long.toHexString(value);
  }

  private String register(int bytes, int number) {
    if (number >= 8) {
      return "r" + number + new String[] {"b", "w", "d", ""}[bytes];
    }
    if (bytes == 0) {
      return d.hasRex && number >= 4 ? NAMES[number] + "l" : BYTES[number];
    }
    return (bytes == 1 ? "" : bytes == 2 ? "e" : "r") + NAMES[number];
  }
}
