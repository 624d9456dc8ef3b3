package dev.crosspatch.core.uop;

/// The micro-op format. A micro-op is two `long`s: a word of packed fields and an immediate.
///
/// ```
///  63       52 51     44 43    36 35   34 33   32 31  26 25  20 19  14 13   8 7     0
/// | (unused)  | flags   | aux    | scale | width | c    | b    | a    | dst  | op    |
/// ```
///
/// * `dst`, `a`, `b`, `c` name registers 0..63 of [dev.crosspatch.core.cpu.Core#r].
/// * `width` is log2 of the operand size in bytes: 0..3 = 8, 16, 32, 64 bit.
/// * results are zero-extended from their width to 64 bits; narrow register merges are micro-ops of their own.
/// * memory micro-ops address `r[a] + (r[c] << scale) + imm`; use [#ZERO] for a missing base or index.
///
/// Rules that keep faults precise: within an instruction every micro-op that can fault comes before the first one that
/// changes architectural state, or restarts cleanly; a load that is followed by a store to the same address carries
/// [#F_RMW] so that the write permission is checked first; architectural flags are set after the last access that can
/// fault.
public final class Uop {
  private Uop() {}

  // ---- registers every ISA shares
  /// Reads as zero. Never a destination.
  public static final int ZERO = 32;
  /// Destination of results nobody reads.
  public static final int SINK = 33;
  /// First of twelve temporaries, dead at the end of the instruction.
  public static final int T0 = 34;
  public static final int T1 = 35;
  public static final int T2 = 36;
  public static final int T3 = 37;
  /// First of eighteen registers with a meaning of the ISA's own (segment bases, banked stack pointers, ...).
  public static final int ISA0 = 46;

  // ---- flags field
  /// The load begins a read-modify-write: check for write permission and take the line for writing.
  public static final int F_RMW = 1;
  /// The access must be aligned to its size, else an alignment fault.
  public static final int F_ALIGNED = 2;
  /// The access is made with user privilege (LDTR, STTR).
  public static final int F_USER = 4;
  /// Sign-extend, then (with [#F_WORD]) cut to 32 bits.
  public static final int F_SIGNED = 8;
  /// The result is cut to 32 bits.
  public static final int F_WORD = 16;
  /// The access is made with supervisor privilege, whatever the mode (x86: descriptor tables, TSS, exception frames).
  /// For [dev.crosspatch.core.cpu.Core#load] and `store`, not for micro-ops.
  public static final int F_SYSTEM = 32;

  // ---- op codes. Suffix I: second operand is the immediate. F: sets the lazy flags.
  public static final int NOP = 0;
  /// `dst = a`, cut to width.
  public static final int MOV = 1;
  /// `dst = imm`.
  public static final int MOVI = 2;
  /// Bits 7:0, 15:8 or 15:0 of `dst` replaced by the low bits of `a`.
  public static final int MERGE8 = 3;
  public static final int MERGE8H = 4;
  public static final int MERGE16 = 5;
  /// `dst` = zero- or (F_SIGNED) sign-extension of the low `width` bits of `a`; F_WORD cuts to 32 bits.
  public static final int EXT = 6;
  /// `dst` = bits 15:8 of `a`.
  public static final int GET8H = 7;
  /// `dst` = address of the next instruction + imm.
  public static final int NEXTPC = 8;
  /// `dst = r[a] + (r[c] << scale) + imm`, cut to width (2 or 3).
  public static final int LEA = 9;

  // ALU, 64 and 32 bit without flags
  public static final int ADD = 10;
  public static final int ADDI = 11;
  public static final int SUB = 12;
  public static final int SUBI = 13;
  public static final int AND = 14;
  public static final int ANDI = 15;
  public static final int OR = 16;
  public static final int ORI = 17;
  public static final int XOR = 18;
  public static final int XORI = 19;
  /// `dst = a & ~b`, `a | ~b`, `a ^ ~b`.
  public static final int BIC = 20;
  public static final int ORN = 21;
  public static final int EON = 22;
  /// Shifts by `b` or `imm`, taken modulo the operand size in bits (32 for width 2, 64 for width 3).
  public static final int SHL = 23;
  public static final int SHLI = 24;
  public static final int SHR = 25;
  public static final int SHRI = 26;
  public static final int SAR = 27;
  public static final int SARI = 28;
  public static final int ROR = 29;
  public static final int RORI = 30;
  /// Low half of the product.
  public static final int MUL = 31;
  /// High half of the 64 x 64 product, unsigned or signed (width 3 only).
  public static final int MULHU = 32;
  public static final int MULHS = 33;
  /// Division that gives 0 for a zero divisor and wraps, as AArch64 does.
  public static final int UDIV = 34;
  public static final int SDIV = 35;
  public static final int CLZ = 36;
  public static final int CTZ = 37;
  public static final int POPCNT = 38;
  /// Bits reversed; bytes reversed in groups of `1 << aux` bytes (aux 1..3).
  public static final int RBIT = 39;
  public static final int REV = 40;
  /// `dst` = `imm & 0x7f` bits wide (imm bits 13:7) field of `a` from bit `imm & 0x7f` on, zero- or (F_SIGNED)
  /// sign-extended.
  public static final int BFX = 41;
  /// Field of `dst` at bit `imm & 0x7f`, `(imm >> 7) & 0x7f` bits wide, replaced by the low bits of `a`.
  public static final int BFI = 42;
  /// Low `width` bits of `(a:b) >> imm`.
  public static final int EXTR = 43;

  // ALU with flags, all widths
  public static final int ADDF = 50;
  public static final int ADDFI = 51;
  public static final int SUBF = 52;
  public static final int SUBFI = 53;
  public static final int ANDF = 54;
  public static final int ANDFI = 55;
  public static final int ORF = 56;
  public static final int ORFI = 57;
  public static final int XORF = 58;
  public static final int XORFI = 59;
  /// `a + b + carry`; `a - b - borrow` (x86). AArch64's SBCS is ADCF of the complement.
  public static final int ADCF = 60;
  public static final int SBBF = 61;
  public static final int ADC = 62;
  public static final int SBB = 63;
  /// Increment, decrement by one; CF stays (x86).
  public static final int INCF = 64;
  public static final int DECF = 65;
  /// AArch64 forms: carry is "no borrow" for subtraction.
  public static final int SUBC = 66;
  public static final int SUBCI = 67;
  public static final int BICF = 68;
  /// x86 shifts and rotates by `b + imm`, taken modulo 32 or, for width 3, 64; a count of 0 changes no flag. CF is the
  /// last bit shifted out, or the one rotated to. OF is defined for a count of 1 only; the same formula serves for
  /// every count. A shift sets ZF, SF, PF, clears AF; a rotate leaves them.
  public static final int SHLF = 69;
  public static final int SHRF = 70;
  public static final int SARF = 71;
  public static final int ROLF = 72;
  public static final int RORF = 73;

  // conditions
  /// `dst` = 1 if condition `aux` holds, else 0.
  public static final int SETCC = 80;
  /// `dst` = `a` if condition `aux` holds, else `b`, cut to width.
  public static final int CSEL = 81;

  // memory
  public static final int LOAD = 90;
  public static final int STORE = 91;

  // control. A branch is the last micro-op of its instruction.
  /// To next pc + imm.
  public static final int JUMP = 100;
  /// To next pc + imm if condition `aux` holds.
  public static final int JCC = 101;
  /// To next pc + imm if the low `width` bits of `a` are zero / not zero.
  public static final int JZ = 102;
  public static final int JNZ = 103;
  /// To next pc + imm if bit `aux` of `a` is clear / set.
  public static final int JBC = 104;
  public static final int JBS = 105;
  /// To `r[a]` or, if that is not canonical, where [dev.crosspatch.core.cpu.Core#branchAddress] says.
  public static final int JREG = 106;

  /// Calls [dev.crosspatch.core.cpu.Core#helper(int, long, long)] with id `aux`.
  public static final int HELPER = 110;
  /// Raises the ISA's fault number `imm` at this instruction.
  public static final int FAULT = 111;
  /// The same if `r[a]` is no canonical address ([#isCanonical]).
  public static final int CANONICAL = 112;

  /// Behind a write to [dev.crosspatch.core.cpu.Core#STACK], named as `a`, that may have changed its alignment
  /// ([dev.crosspatch.core.cpu.Core#stackMask]).
  public static final int STACK = 113;

  /// Whether `address` is a number of 48 bits with its sign.
  public static boolean isCanonical(long address) {
    return address << 16 >> 16 == address;
  }

  // ---- packing
  /// A word with all fields.
  public static long word(int op, int dst, int a, int b, int c, int width, int scale, int aux, int flags) {
    return op | (long) dst << 8 | (long) a << 14 | (long) b << 20 | (long) c << 26 | (long) width << 32
        | (long) scale << 34
        | (long) (aux & 0xff) << 36 | (long) flags << 44;
  }

  public static int op(long w) {
    return (int) w & 0xff;
  }

  public static int dst(long w) {
    return (int) (w >>> 8) & 63;
  }

  public static int a(long w) {
    return (int) (w >>> 14) & 63;
  }

  public static int b(long w) {
    return (int) (w >>> 20) & 63;
  }

  public static int c(long w) {
    return (int) (w >>> 26) & 63;
  }

  public static int width(long w) {
    return (int) (w >>> 32) & 3;
  }

  public static int scale(long w) {
    return (int) (w >>> 34) & 3;
  }

  public static int aux(long w) {
    return (int) (w >>> 36) & 0xff;
  }

  public static int flags(long w) {
    return (int) (w >>> 44) & 0xff;
  }
}
