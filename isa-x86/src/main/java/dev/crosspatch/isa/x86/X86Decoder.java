package dev.crosspatch.isa.x86;

import dev.crosspatch.core.code.Disassembler.Line;
import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.uop.Uop;
import dev.crosspatch.core.uop.UopBuffer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Takes one instruction apart: prefixes, opcode, ModRM, SIB, displacement, immediates (SDM vol. 2A chapter 2), 64-bit
/// mode only.
///
/// [#parse()] finds the length and the row; [#emit(UopBuffer)] and [#classify(long)] make of it what the engine and a
/// flow decoder want. One object serves one instruction.
final class X86Decoder {
  /// Longest instruction; a longer one raises #GP (SDM vol. 2A 2.3.11).
  static final int MAX_LENGTH = 15;

  /// [#parse()]: more bytes are needed.
  static final int MORE = -1;

  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] code;
  private final int start;
  private final int limit;
  private int at;
  private boolean more;

  // ---- what was found
  @Nullable X86Row row;
  int length;
  boolean tooLong;
  boolean lock;
  /// 0, 0xf2 (REPNE) or 0xf3 (REP).
  int repeat;
  boolean operand16;
  boolean address32;
  /// Register whose value is added to addresses: FS base, GS base or [Uop#ZERO].
  int segment = Uop.ZERO;

  /// REX bits W 8, R 4, X 2, B 1, also of VEX.
  int rex;
  boolean hasRex;
  int map;
  int opcode;
  int modrm;
  /// VEX.vvvv.
  int vvvv;
  private int vexPrefix;
  private boolean vexLong;
  /// What later or other processors have is told apart: REX2, XOP, new VEX and EVEX maps; else these are no
  /// instructions.
  private boolean tracing;
  private boolean rex2;
  private X86Level level = X86Level.ALL;

  int base = Uop.ZERO;
  int index = Uop.ZERO;
  /// The index if it is a vector (VSIB); -1 without SIB.
  int vectorIndex = -1;
  int scale;
  long displacement;
  boolean ripRelative;
  /// First immediate, sign-extended (branch displacement, absolute address as well); `iw` zero-extended.
  long immediate;
  /// Second immediate (ENTER), zero-extended.
  int immediate2;

  /// A decoder of the instruction in `code[offset, offset + available)`.
  X86Decoder(byte[] code, int offset, int available) {
    this.code = code;
    start = offset;
    at = offset;
    limit = offset + available;
  }

  /// For tracers, who meet code that is not for the processors at hand.
  X86Decoder tracing() {
    tracing = true;
    return this;
  }

  /// For cores that have no more than a level.
  X86Decoder upTo(X86Level most) {
    level = most;
    return this;
  }

  /// Finds length and row.
  ///
  /// @return the length, 1..15, or [#MORE]
  int parse() {
    prefixes();
    opcode();
    if (!more) {
      operands();
    }
    length = at - start;
    if (length > MAX_LENGTH || (more && limit - start >= MAX_LENGTH)) {
      tooLong = true;
      length = MAX_LENGTH;
      return length;
    }
    return more ? MORE : length;
  }

  /// The next byte; 0 with [#more] set at the end of what is available, as if the instruction went on.
  private int next() {
    if (at >= limit) {
      more = true;
      return 0;
    }
    return code[at++] & 0xff;
  }

  private long nextSigned(int bytes) {
    if (bytes == 1) {
      return (byte) next();
    }
    if (bytes == 4 && at <= limit - 4) {
      at += 4;
      return (int) INT.get(code, at - 4);
    }
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) next() << (8 * i);
    }
    int shift = 64 - 8 * bytes;
    return value << shift >> shift;
  }

  private void prefixes() {
    while (!more && at - start <= MAX_LENGTH) {
      int b = next();
      if ((b & 0xf0) == 0x40) {
        rex = b & 15;
        hasRex = true;
      } else if (legacyPrefix(b)) {
        rex = 0;
        hasRex = false;
      } else {
        at -= more ? 0 : 1;
        return;
      }
    }
  }

  /// CS, DS, ES and SS overrides are ignored in 64-bit mode (SDM vol. 1 3.3.7.1); whether they cancel an earlier FS or
  /// GS override is told nowhere: assumed not, as AMD's manual and every decoder at hand have it.
  private boolean legacyPrefix(int b) {
    switch (b) {
      case 0x66 -> operand16 = true;
      case 0x67 -> address32 = true;
      case 0xf0 -> lock = true;
      case 0xf2, 0xf3 -> repeat = b;
      case 0x64 -> segment = X86Core.FS_BASE;
      case 0x65 -> segment = X86Core.GS_BASE;
      case 0x26, 0x2e, 0x36, 0x3e -> { }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void opcode() {
    opcode = next();
    if (opcode == 0xc4 || opcode == 0xc5) {
      vex(opcode == 0xc5);
    } else if (opcode == 0x62) {
      evex();
    } else if (opcode == 0xd5 && tracing && !hasRex) {
      rex2();
    } else if (opcode == 0x8f && tracing && at < limit && (code[at] & 31) >= 8) {
      xop();
    } else if (opcode == 0x0f) {
      map = X86Row.MAP_0F;
      opcode = next();
      if (opcode == 0x38 || opcode == 0x3a) {
        map = opcode == 0x38 ? X86Row.MAP_0F38 : X86Row.MAP_0F3A;
        opcode = next();
      }
    }
  }

  /// APX specification 3.1.1: W, R3, X3, B3 as in REX, R4, X4, B4 for 32 registers, M0 for the map.
  private void rex2() {
    int payload = next();
    rex2 = true;
    rex = payload & 15;
    hasRex = true;
    map = (payload & 0x80) != 0 ? X86Row.MAP_0F : X86Row.MAP_1;
    opcode = next();
  }

  /// SDM vol. 2A 2.3.5. A VEX prefix behind 66, F2, F3, LOCK or REX raises #UD.
  private void vex(boolean twoBytes) {
    int first = next();
    int second = twoBytes ? first & 0x7f : next();
    int mmmmm = twoBytes ? 1 : first & 31;
    map = mmmmm < 1 || mmmmm > (tracing ? 7 : 3) || behindPrefix() ? X86Row.MAPS : X86Row.VEX + mmmmm;
    rex = ((first >> 5 & 4) | (twoBytes ? 0 : first >> 5 & 3)) ^ (twoBytes ? 4 : 7);
    vectorPayload(second);
  }

  /// APM vol. 6 1.1.2: 8F with a map from 8 on; with less it is POP. Behind a prefix as VEX.
  private void xop() {
    int first = next();
    int second = next();
    int mmmmm = first & 31;
    map = mmmmm > 10 || behindPrefix() ? X86Row.MAPS : X86Row.XOP + mmmmm;
    rex = (first >> 5 & 7) ^ 7;
    vectorPayload(second);
  }

  private void vectorPayload(int wvvvvLpp) {
    rex |= wvvvvLpp >> 4 & 8;
    vvvv = ~wvvvvLpp >> 3 & 15;
    vexLong = (wvvvvLpp & 4) != 0;
    vexPrefix = vectorPrefix(wvvvvLpp);
    opcode = next();
  }

  private boolean behindPrefix() {
    return lock || repeat != 0 || operand16 || hasRex;
  }

  /// SDM vol. 2A 2.7.1; for the length only. APX has map 4, and bits B4 (P0 bit 3) and X4 (P1 bit 2, inverted) for 32
  /// registers (APX specification 3.1.3).
  private void evex() {
    int p0 = next();
    int p1 = next();
    next();
    int mmm = p0 & 7;
    boolean later = mmm == 4 || mmm == 7 || (p0 & 8) != 0 || (p1 & 4) == 0;
    map = mmm == 0 || (later && !tracing) || behindPrefix() ? X86Row.MAPS : X86Row.EVEX + mmm;
    rex = ((p0 >> 5 & 7) ^ 7) | (p1 >> 4 & 8);
    vexPrefix = vectorPrefix(p1);
    opcode = next();
  }

  /// VEX.pp: none, 66, F3, F2.
  private static int vectorPrefix(int pp) {
    return switch (pp & 3) {
      case 0 -> X86Row.NO_PREFIX;
      case 1 -> X86Row.P66;
      case 2 -> X86Row.PF3;
      default -> X86Row.PF2;
    };
  }

  private int prefixClass() {
    if (map > X86Row.MAP_0F3A) {
      return vexPrefix;
    }
    if (repeat != 0) {
      return repeat == 0xf2 ? X86Row.PF2 : X86Row.PF3;
    }
    return operand16 ? X86Row.P66 : X86Row.NO_PREFIX;
  }

  private void operands() {
    X86Row[] cell = map == X86Row.MAPS ? new X86Row[0] : X86Rows.cell(map, opcode);
    if (cell.length == 0) {
      undefinedBytes();
      return;
    }
    if (cell[0].hasModrm) {
      modrm = next();
      if (cell[0].anyMod) {
        modrm |= 0xc0;
      }
      if (modrm < 0xc0) {
        memoryOperand();
      }
    }
    if (!more) {
      row = match(cell);
    }
    // of a group, an undefined member is as long as the others
    immediates(row != null ? row.immediates : cell[0].immediates);
  }

  /// Opcodes that 64-bit mode has taken away raise #UD with the bytes that they had, or a fault of fetching them.
  /// Unknown: told nowhere; assumed of all CPUs as measured on Zen 4.
  private void undefinedBytes() {
    if (map == X86Row.MAP_1) {
      switch (opcode) {
        case 0x82 -> {
          modrm = next();
          if (modrm < 0xc0) {
            memoryOperand();
          }
          next();
        }
        case 0x9a, 0xea -> nextSigned(operand16 ? 4 : 6);
        case 0xd4, 0xd5 -> next();
        default -> { }
      }
    }
  }

  private @Nullable X86Row match(X86Row[] cell) {
    int prefix = prefixClass();
    for (X86Row candidate : cell) {
      if (level.has(candidate.level) && candidate.matches(prefix, rex >> 3, rex & 1, modrm)
          && candidate.hasLength(vexLong)) {
        boolean exists = candidate.operandsExist((modrm >> 3 & 7) | (rex & 4) << 1, vvvv)
            && !(operand16 && candidate.no66) && (!candidate.vsib || vectorIndex >= 0);
        if (exists || map <= X86Row.MAP_0F3A) {
          return exists ? candidate : null;
        }
      }
    }
    return null;
  }

  /// SDM vol. 2A tables 2-2, 2-3, and 2.2.1.6 for RIP-relative addresses.
  private void memoryOperand() {
    int mod = modrm >> 6;
    int rm = modrm & 7;
    if (rm == 4) {
      sib(mod);
    } else if (rm == 5 && mod == 0) {
      ripRelative = true;
      displacement = nextSigned(4);
      return;
    } else {
      base = rm | (rex & 1) << 3;
    }
    if (mod == 1) {
      displacement = nextSigned(1);
    } else if (mod == 2) {
      displacement = nextSigned(4);
    }
  }

  private void sib(int mod) {
    int sib = next();
    scale = sib >> 6;
    int i = (sib >> 3 & 7) | (rex & 2) << 2;
    index = i == 4 ? Uop.ZERO : i;
    vectorIndex = i;
    if ((sib & 7) == 5 && mod == 0) {
      displacement = nextSigned(4);
    } else {
      base = (sib & 7) | (rex & 1) << 3;
    }
  }

  private void immediates(String kinds) {
    for (int i = 0; i < kinds.length(); i++) {
      switch (kinds.charAt(i)) {
        case 'b' -> byteImmediate(i == 1);
        case 'w' -> immediate = nextSigned(2) & 0xffff;
        case 'd' -> immediate = nextSigned(4);
        case 'z' -> immediate = nextSigned(operandWidth() == 1 ? 2 : 4);
        case 'v' -> immediate = nextSigned(1 << operandWidth());
        case 'c' -> immediate = nextSigned(1);
        case 'C' -> immediate = nextSigned(4);
        default -> immediate = address32 && !rex2 ? nextSigned(4) & 0xffff_ffffL : nextSigned(8);
      }
    }
  }

  private void byteImmediate(boolean second) {
    if (second) {
      immediate2 = next();
    } else {
      immediate = nextSigned(1);
    }
  }

  /// log2 of the operand size in bytes, by REX.W, the 66 prefix and the row's rule.
  int operandWidth() {
    int rule = row == null ? X86Row.SIZE_32 : row.sizeRule;
    if ((rex & 8) != 0 || rule == X86Row.SIZE_F64) {
      return 3;
    }
    return isWord() ? 1 : rule == X86Row.SIZE_D64 ? 3 : 2;
  }

  /// log2 of the bytes of a vector whose length VEX.L chooses.
  int vectorWidth() {
    return vexLong ? 5 : 4;
  }

  /// Whether the encoding has a VEX prefix.
  boolean isVex() {
    return map > X86Row.VEX && map <= X86Row.VEX + 7;
  }

  /// Whether a prefix makes words of operands: 66, or in map 4 of EVEX what stands for it.
  private boolean isWord() {
    return map == X86Row.EVEX + 4 ? vexPrefix == X86Row.P66 : operand16 && map <= X86Row.MAP_0F3A;
  }

  /// What a flow decoder wants to know, or null if the instruction is undefined. Foreign instructions have their
  /// length.
  @Nullable Insn classify(long address) {
    X86Row r = row;
    if (r == null || tooLong || (lock && !lockAllowed(r)) || (rex2 && !hasRex2Form())) {
      return null;
    }
    boolean relative = r.operands.length == 1 && r.operands[0].kind() == X86Operand.RELATIVE;
    return new Insn(length, isJmpAbs() ? FlowClass.INDIRECT_JUMP : r.flow, relative ? address + length + immediate : 0);
  }

  /// REX2 raises #UD before rows 4, 7, A and E of the one-byte map, rows 3 and 8 of the other, XSAVE and its like, and,
  /// but for JMPABS, which takes no other prefix, before A1 (APX specification 3.1.2).
  private boolean hasRex2Form() {
    int line = opcode >> 4;
    if (map == X86Row.MAP_1) {
      boolean bad = line == 4 || line == 7 || line == 10 || line == 14;
      return !bad || (isJmpAbs() && !operand16 && !address32 && repeat == 0);
    }
    boolean saves = modrm < 0xc0
        && (opcode == 0xae ? (modrm >> 3 & 7) >= 4 && (modrm >> 3 & 7) <= 6 : opcode == 0xc7 && (modrm >> 3 & 7) >= 3
        && (modrm >> 3 & 7) <= 5);
    return line != 3 && line != 8 && !saves;
  }

  /// A direct jump, but Intel PT tells its target (libipt's test `tip-jmpabs`).
  private boolean isJmpAbs() {
    return rex2 && map == X86Row.MAP_1 && opcode == 0xa1 && (rex & 8) == 0;
  }

  /// The parsed instruction as text, or null if it is undefined; see [dev.crosspatch.core.machine.Isa#text].
  @Nullable Line text(long address, @Nullable Line other) {
    X86Row r = row;
    if (r == null || classify(address) == null) {
      return null;
    }
    if (!r.foreign && !rex2) {
      return new X86Text(this, r, address).line(other);
    }
    String name = r.form.replace("* ", "").strip().toLowerCase(Locale.ROOT);
    if (isJmpAbs()) {
      return new Line(address, length, "jmpabs", "0x" + Long.toHexString(immediate));
    }
    if (other == null || other.length() != length || (namesOne(name) && !other.mnemonic().equals(name))) {
      return namesOne(name) ? new Line(address, length, name, "") : Line.bytes(code, start, length, address);
    }
    return other;
  }

  /// Whether a foreign row with that name is a single instruction of group 7, of which prefixes make many.
  private boolean namesOne(String name) {
    return map == X86Row.MAP_0F && opcode == 1 && modrm >= 0xc0 && !name.contains(" ");
  }

  /// Appends the micro-ops of the parsed instruction.
  void emit(UopBuffer out) {
    out.clear();
    X86Row r = row;
    if (tooLong) {
      X86Builder.raise(out, X86Exceptions.GP);
    } else if (r == null || (lock && !lockAllowed(r))) {
      X86Builder.raise(out, X86Exceptions.UD);
    } else {
      new X86Builder(this, r, out).build();
    }
  }

  /// LOCK needs a memory destination (SDM vol. 2A, LOCK).
  private boolean lockAllowed(X86Row r) {
    return r.lockable && modrm < 0xc0;
  }
}
