package dev.crosspatch.isa.x86;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.uop.CostClass;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/// One instruction row, compiled from its text (see [X86Rows] for the notation).
///
/// A row matches a set of (legacy prefix, REX.W, REX.B, ModRM) combinations under one opcode of one map; two rows
/// overlap if these sets intersect. The more specific row wins ([#rank]).
final class X86Row {

  /// Appends the micro-ops of an instruction.
  interface Emitter {
    void emit(X86Builder b);
  }

  // ---- opcode maps
  static final int MAP_1 = 0;
  static final int MAP_0F = 1;
  static final int MAP_0F38 = 2;
  static final int MAP_0F3A = 3;
  /// VEX maps: `VEX + n` for VEX.mmmmm = n, 1 to 7; EVEX maps likewise; XOP maps 8 to 10.
  static final int VEX = 3;

  static final int EVEX = 10;
  static final int XOP = 10;
  static final int MAPS = 21;

  // ---- operand size rules
  static final int SIZE_32 = 0;
  /// 64 bits, 16 with a 66 prefix (PUSH, POP).
  static final int SIZE_D64 = 1;
  /// Always 64 bits (near branches, MOV CR). Intel ignores the 66 prefix on near branches; AMD does not (SDM vol. 2A,
  /// CALL).
  static final int SIZE_F64 = 2;

  /// Prefix classes of [#prefixes]: none, 66, F2, F3.
  static final int NO_PREFIX = 0;

  static final int P66 = 1;
  static final int PF2 = 2;
  static final int PF3 = 3;

  /// Behind every row of an instruction that is implemented.
  private static final int FOREIGN = 1000;

  private static final byte[][] LEGACY = {{}, {0x66}, {(byte) 0xf2}, {(byte) 0xf3}};
  private static final byte[][] ESCAPES = {{}, {0x0f}, {0x0f, 0x38}, {0x0f, 0x3a}};
  /// VEX.pp of a prefix class.
  private static final int[] VECTOR_PREFIX = {0, 1, 3, 2};

  final Emitter emitter;
  final String encoding;
  final String form;
  final String mnemonic;
  final String manual;
  final CostClass cost;
  /// The cost hangs on what the instruction does with memory.
  final boolean costsByMemory;
  /// It locks by itself where it stores (SDM vol. 2D XCHG).
  final boolean locks;
  final FlowClass flow;
  final X86Operand[] operands;
  /// Immediate kinds in order, as in the encoding: `b`, `w`, `d`, `z`, `v`, `o` (moffs), `c` (branch, 1 byte), `C`
  /// (branch, 4 bytes).
  final String immediates;

  final int map;
  final int opcode;
  /// Opcodes covered, from [#opcode] on.
  final int span;
  final boolean hasModrm;
  /// ModRM bits 7:6 are ignored and taken as 3 (MOV CR, MOV DR).
  final boolean anyMod;
  /// A 66 prefix besides the required one raises #UD.
  final boolean no66;
  final boolean lockable;
  final boolean privileged;
  /// The operand in memory has a vector as its index, so there is a SIB byte.
  final boolean vsib;
  /// Whether a vector in memory must be aligned, else #GP(0): with VEX only where a row says so, without unless it says
  /// that it need not.
  final boolean aligned;
  /// Only the length is known; the instruction raises #UD.
  final boolean foreign;
  /// The least of the levels that have it.
  final X86Level level;

  final int sizeRule;
  final int rank;
  // ---- what it matches
  private final int prefixes;
  private final int rexW;
  private final int rexB;
  /// VEX.L: bit 0 if it may be 0, bit 1 if it may be 1.
  private final int vexL;

  private final int digit;
  private final int fixedModrm;
  private final boolean memoryForm;
  private final boolean registerForm;

  /// Compiles a row `encoding | form | cost [flow] [marks] | manual`.
  ///
  /// @param emitter what the instruction does
  /// @throws IllegalArgumentException quoting the row and what is wrong with it
  X86Row(String line, Emitter emitter) {
    this.emitter = emitter;
    String[] columns = columns(line);
    encoding = columns[0];
    form = columns[1];
    manual = "SDM vol. " + columns[3];
    Encoding e = new Encoding(encoding);
    Kind k = new Kind(columns[2]);
    foreign = form.startsWith("* ");
    int blank = form.indexOf(' ');
    mnemonic = (blank < 0 ? form : form.substring(0, blank)).intern();
    operands = foreign || blank < 0 ? new X86Operand[0] : X86Operand.parse(form.substring(blank + 1));
    cost = k.cost;
    costsByMemory = cost == CostClass.ALU || cost == CostClass.SHIFT || cost == CostClass.VECTOR;
    locks = mnemonic.equals("XCHG");
    flow = k.flow;
    sizeRule = k.sizeRule;
    lockable = k.lockable;
    privileged = k.privileged;
    anyMod = k.anyMod;
    no66 = k.no66;
    vsib = k.vsib;
    immediates = e.immediates.toString();
    map = e.map;
    level = X86Level.of(mnemonic, map);
    aligned = map > MAP_0F3A ? k.aligned : !k.unaligned;
    opcode = e.opcode;
    span = e.span;
    hasModrm = e.hasModrm;
    prefixes = e.prefixes;
    rexW = e.rexW;
    rexB = e.rexB;
    vexL = foreign ? 0b11 : e.vexL;
    digit = e.digit;
    fixedModrm = e.fixedModrm;
    boolean memory = k.memoryForm;
    boolean register = k.registerForm;
    for (X86Operand o : operands) {
      memory |= o.kind() == X86Operand.MEMORY;
      register |= (o.kind() == X86Operand.RM_REGISTER && !anyMod) || o.kind() == X86Operand.VECTOR_RM_REGISTER
          || o.kind() == X86Operand.STACK || o.kind() == X86Operand.MMX_RM_REGISTER;
    }
    memoryForm = memory;
    registerForm = register;
    rank = foreign ? rank() - FOREIGN : rank();
  }

  private static String[] columns(String line) {
    String[] out = new String[4];
    int from = 0;
    for (int i = 0; i < 4; i++) {
      int bar = i == 3 ? line.length() : line.indexOf('|', from);
      if (bar < 0) {
        throw new IllegalArgumentException("x86 row needs 4 columns: " + line);
      }
      out[i] = line.substring(from, bar).strip();
      from = bar + 1;
    }
    return out;
  }

  private int rank() {
    return (fixedModrm >= 0 ? 32 : 0) + (digit >= 0 ? 16 : 0) + (memoryForm || registerForm ? 8 : 0)
        + 4 - Integer.bitCount(prefixes) + (rexW != 3 ? 1 : 0) + (span == 1 ? 1 : 0);
  }

  /// Whether the row is meant.
  ///
  /// @param prefix prefix class
  /// @param w      REX.W or VEX.W, 0 or 1
  /// @param b      REX.B, 0 or 1
  /// @param modrm  the ModRM byte; anything if the row has none
  boolean matches(int prefix, int w, int b, int modrm) {
    return (prefixes >> prefix & rexW >> w & rexB >> b & 1) != 0 && matchesModrm(modrm);
  }

  private boolean matchesModrm(int modrm) {
    if (!hasModrm) {
      return true;
    }
    boolean register = modrm >= 0xc0;
    return (fixedModrm < 0 || fixedModrm == modrm)
        && (digit < 0 || (modrm >> 3 & 7) == digit)
        && !(memoryForm && register)
        && !(registerForm && !register);
  }

  /// Whether VEX.L may be so.
  boolean hasLength(boolean vexLong) {
    return (vexL >> (vexLong ? 1 : 0) & 1) != 0;
  }

  /// The bytes of an example up to and with the opcode: prefixes, escapes, opcode. For tests and tools.
  byte[] head() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int prefix = Integer.numberOfTrailingZeros(prefixes);
    if (map <= MAP_0F3A) {
      out.writeBytes(LEGACY[prefix]);
      if (rexW == 0b10 || rexB == 0b10) {
        out.write(0x40 | (rexW == 0b10 ? 8 : 0) | (rexB == 0b10 ? 1 : 0));
      }
      out.writeBytes(ESCAPES[map]);
    } else if (map <= VEX + 7 || map >= XOP + 8) {
      out.write(map >= XOP + 8 ? 0x8f : 0xc4);
      out.write(0xe0 | map - (map >= XOP + 8 ? XOP : VEX));
      out.write((rexW == 0b10 ? 0xf8 : 0x78) | (vexL == 0b10 ? 4 : 0) | VECTOR_PREFIX[prefix]);
    } else {
      out.writeBytes(new byte[] {0x62, (byte) (0xf0 | map - EVEX), (byte) (0x7c | VECTOR_PREFIX[prefix]), 0x48});
    }
    out.write(opcode);
    return out.toByteArray();
  }

  /// A ModRM byte that matches, if the row has one: with mod 0 unless a register is wanted, with SIB if an index is.
  int example() {
    int rm = registerForm ? 0xc0 : vsib ? 4 : 0;
    return fixedModrm >= 0 ? fixedModrm : Math.max(digit, 0) << 3 | rm;
  }

  /// Whether the segment, control or debug register that ModRM.reg (extended by REX.R) names exists, and VEX.vvvv is
  /// used or 1111b.
  boolean operandsExist(int reg, int vvvv) {
    boolean usesVvvv = map <= MAP_0F3A || foreign;
    for (int i = 0; i < operands.length; i++) {
      if (operands[i].kind() == X86Operand.SYSTEM && !operands[i].exists(reg, i == 0)) {
        return false;
      }
      usesVvvv |= operands[i].kind() == X86Operand.VVVV || operands[i].kind() == X86Operand.VECTOR_VVVV;
    }
    return usesVvvv || vvvv == 0;
  }

  /// Whether some instruction matches both rows.
  boolean overlaps(X86Row other) {
    if (map != other.map || opcode >= other.opcode + other.span || other.opcode >= opcode + span
        || (prefixes & other.prefixes) == 0 || (rexW & other.rexW) == 0 || (rexB & other.rexB) == 0
        || (vexL & other.vexL) == 0) {
      return false;
    }
    for (int modrm = 0; modrm < 256; modrm++) {
      if (matchesModrm(modrm) && other.matchesModrm(modrm)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return encoding + " | " + form;
  }

  /// The words of the third column.
  private static final class Kind {
    CostClass cost = CostClass.ALU;
    FlowClass flow = FlowClass.OTHER;
    int sizeRule = SIZE_32;
    boolean lockable;
    boolean privileged;
    boolean anyMod;
    boolean no66;
    boolean vsib;
    boolean aligned;
    boolean unaligned;
    boolean memoryForm;
    boolean registerForm;

    Kind(String text) {
      List<String> words = words(text);
      cost = CostClass.valueOf(words.get(0));
      for (String word : words.subList(1, words.size())) {
        mark(word);
      }
    }

    private void mark(String word) {
      switch (word) {
        case "lock" -> lockable = true;
        case "cpl0" -> privileged = true;
        case "d64" -> sizeRule = SIZE_D64;
        case "f64" -> sizeRule = SIZE_F64;
        case "anymod" -> anyMod = true;
        case "no66" -> no66 = true;
        case "vsib" -> vsib = true;
        case "aligned" -> aligned = true;
        case "unaligned" -> unaligned = true;
        case "mem" -> memoryForm = true;
        case "reg" -> registerForm = true;
        default -> flow = FlowClass.valueOf(word);
      }
    }
  }

  /// The words of the first column.
  private static final class Encoding {
    int map = MAP_1;
    int opcode = -1;
    int span = 1;
    boolean hasModrm;
    int digit = -1;
    int fixedModrm = -1;
    int prefixes = 0b1111;
    int rexW = 0b11;
    int rexB = 0b11;
    int vexL = 0b01;
    final StringBuilder immediates = new StringBuilder();

    Encoding(String text) {
      List<String> words = words(text);
      for (int i = 0; i < words.size(); i++) {
        word(words.get(i), i + 1 < words.size() ? words.get(i + 1) : "");
      }
      if (opcode < 0) {
        throw new IllegalArgumentException("x86 row without opcode: " + text);
      }
    }

    private void word(String word, String next) {
      switch (word) {
        case "NP" -> prefixes = 1 << NO_PREFIX;
        case "NFx" -> prefixes = 1 << NO_PREFIX | 1 << P66;
        case "REX.W0", "W0" -> rexW = 0b01;
        case "REX.W1", "W1" -> rexW = 0b10;
        case "REX.B0" -> rexB = 0b01;
        case "REX.B1" -> rexB = 0b10;
        case "/r" -> hasModrm = true;
        case "ib" -> immediates.append('b');
        case "iw" -> immediates.append('w');
        case "id" -> immediates.append('d');
        case "iz" -> immediates.append('z');
        case "iv" -> immediates.append('v');
        case "o" -> immediates.append('o');
        case "cb" -> immediates.append('c');
        case "cz" -> immediates.append('C');
        default -> opcodeOrPrefix(word, next);
      }
    }

    private void opcodeOrPrefix(String word, String next) {
      if (word.startsWith("/")) {
        hasModrm = true;
        digit = word.charAt(1) - '0';
      } else if (word.indexOf('.') > 0) {
        vector(word);
      } else if (opcode < 0 && isPrefix(word, next)) {
        prefixes = 1 << prefixClass(word);
      } else if (opcode < 0 && word.equals("0F") && map == MAP_1) {
        map = MAP_0F;
      } else if (opcode < 0 && map == MAP_0F && (word.equals("38") || word.equals("3A"))) {
        map = word.equals("38") ? MAP_0F38 : MAP_0F3A;
      } else if (opcode < 0) {
        opcode(word);
      } else {
        hasModrm = true;
        fixedModrm = Integer.parseInt(word, 16);
      }
    }

    /// 66, F2 and F3 are prefixes if an opcode follows.
    private static boolean isPrefix(String word, String next) {
      return (word.equals("66") || word.equals("F2") || word.equals("F3")) && !next.isEmpty() && next.charAt(0) != '/';
    }

    private static int prefixClass(String word) {
      return switch (word) {
        case "66" -> P66;
        case "F2" -> PF2;
        case "F3" -> PF3;
        case "NP" -> NO_PREFIX;
        default -> throw new IllegalArgumentException("x86 row: '" + word + "' is no prefix");
      };
    }

    /// `VEX.66.0F38`, `VEX.256.66.0F38`, `VEX.0F`, `EVEX.M5`: length and prefix, which may be missing, and map.
    private void vector(String word) {
      int dot = word.lastIndexOf('.');
      int first = word.indexOf('.');
      int second = word.indexOf('.', first + 1);
      vexL = switch (second < 0 ? "" : word.substring(first + 1, second)) {
        case "256" -> 0b10;
        case "LIG", "Lx" -> 0b11;
        default -> 0b01;
      };
      first = second > 0 && second < dot ? second : first;
      int maps = word.startsWith("E") ? EVEX : word.startsWith("X") ? XOP : VEX;
      map = maps + switch (word.substring(dot + 1)) {
        case "0F" -> 1;
        case "0F38" -> 2;
        case "0F3A" -> 3;
        case "M4" -> 4;
        case "M5" -> 5;
        case "M6" -> 6;
        case "M7" -> 7;
        case "M8" -> 8;
        case "M9" -> 9;
        case "MA" -> 10;
        default -> throw new IllegalArgumentException("x86 row: unknown map in '" + word + "'");
      };
      if (first < dot) {
        prefixes = 1 << prefixClass(word.substring(first + 1, dot));
      }
    }

    /// `90`, `90+r`, `70+c`, `D8-DF`.
    private void opcode(String word) {
      opcode = Integer.parseInt(word, 0, 2, 16);
      if (word.endsWith("+r")) {
        span = 8;
      } else if (word.endsWith("+c")) {
        span = 16;
      } else if (word.length() == 5) {
        span = Integer.parseInt(word, 3, 5, 16) - opcode + 1;
      } else if (word.length() != 2) {
        throw new IllegalArgumentException("x86 row: '" + word + "' is no opcode");
      }
    }
  }

  private static List<String> words(String text) {
    List<String> out = new ArrayList<>();
    int from = 0;
    while (from < text.length()) {
      int blank = text.indexOf(' ', from);
      int end = blank < 0 ? text.length() : blank;
      if (end > from) {
        out.add(text.substring(from, end));
      }
      from = end + 1;
    }
    return out;
  }
}
