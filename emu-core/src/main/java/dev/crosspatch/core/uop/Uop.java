package dev.crosspatch.core.uop;

/// The micro-ops: one row each, and the word they are kept in.
///
/// A row is a number that says everything of its micro-op: the operation, where the operands come from, what becomes of
/// the result, which flags are noted, whether it branches. Interpreter, decoding and tests take it from there, so a new
/// micro-op is a row here and an arm of [dev.crosspatch.core.cpu.Interpreter] or, if it is rare, of
/// [dev.crosspatch.core.cpu.Alu]; a variant of one that is there (other flags, an immediate) is the row alone. (Numbers
/// rather than enums, because they are constants: the interpreter's switch over an enum runs guests up to a tenth
/// slower.)
///
/// A micro-op is two `long`s: a word of packed fields and an immediate.
///
/// ```
///  62     55 54    47 46   45 44   42 41  36 35  30 29  24 23  17 16    0
/// | flags   | aux    | scale | width | c    | b    | a    | dst  | row   |
/// ```
///
/// * `dst`, `a`, `b`, `c` name registers 0..63 of [dev.crosspatch.core.cpu.Core#r].
/// * `width` is log2 of the operand size in bytes: 0..3 = 8, 16, 32, 64 bit; 4..6 = 128, 256, 512 bit, which only
///   helpers have.
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

  // ---- what a row says. An operation's number (6:0) is the arm of the interpreter that executes it.
  /// The operation's number.
  public static final int OPERATION = 0x7f;
  /// The second operand, which is `r[b]` if nothing else is said: the immediate; `r[b]` and the immediate; 1.
  public static final int IMMEDIATE = 1 << 7;

  public static final int BOTH = 2 << 7;
  public static final int ONE = 3 << 7;
  /// The destination, which is `dst` cut to the width if nothing else is said: none; `dst`, as the operation makes it.
  public static final int NO_RESULT = 1 << 9;

  public static final int WHOLE = 1 << 10;
  /// Can change the flow: the last micro-op of its instruction.
  public static final int BRANCH = 1 << 11;
  /// Works on the core (accesses, helpers, faults) rather than on registers alone, where the interpreter leaves it to
  /// others. Of what it executes itself the rest is arithmetic ([dev.crosspatch.core.cpu.Alu]).
  public static final int ACTS = 1 << 12;
  /// The result is noted for the lazy flags as of this kind of [Flags].
  private static final int KIND_SHIFT = 13;

  private static final int SETS_ADD = Flags.ADD << KIND_SHIFT;
  private static final int SETS_SUB = Flags.SUB << KIND_SHIFT;
  private static final int SETS_SUBC = Flags.SUBC << KIND_SHIFT;
  private static final int SETS_LOGIC = Flags.LOGIC << KIND_SHIFT;
  private static final int SETS_INC = Flags.INC << KIND_SHIFT;
  private static final int SETS_DEC = Flags.DEC << KIND_SHIFT;
  private static final int ROW_BITS = 17;

  // ---- the rows. Suffix I: the second operand is the immediate. F: sets the lazy flags.
  public static final int NOP = 48 | NO_RESULT;
  /// `dst = a`, cut to width.
  public static final int MOV = 1;
  /// `dst = imm`.
  public static final int MOVI = 2 | IMMEDIATE | WHOLE;
  /// Bits 7:0, 15:8 or 15:0 of `dst` replaced by the low bits of `a`.
  public static final int MERGE8 = 3 | WHOLE;
  public static final int MERGE8H = 4 | WHOLE;
  public static final int MERGE16 = 5 | WHOLE;
  /// `dst` = zero- or (F_SIGNED) sign-extension of the low `width` bits of `a`; F_WORD cuts to 32 bits.
  public static final int EXT = 6 | WHOLE;
  /// `dst` = bits 15:8 of `a`.
  public static final int GET8H = 7 | WHOLE;
  /// `dst` = address of the next instruction + imm.
  public static final int NEXTPC = 8 | IMMEDIATE | WHOLE;
  /// `dst = r[a] + (r[c] << scale) + imm`, cut to width (2 or 3).
  public static final int LEA = 9 | BOTH;

  // arithmetic and logic, all widths with flags; 64 and 32 bit without
  public static final int ADD = 10;
  public static final int ADDI = ADD | IMMEDIATE;
  public static final int ADDF = ADD | SETS_ADD;
  public static final int ADDFI = ADDF | IMMEDIATE;
  public static final int SUB = 11;
  public static final int SUBI = SUB | IMMEDIATE;
  public static final int SUBF = SUB | SETS_SUB;
  public static final int SUBFI = SUBF | IMMEDIATE;
  /// AArch64 forms: carry is "no borrow".
  public static final int SUBC = SUB | SETS_SUBC;
  public static final int SUBCI = SUBC | IMMEDIATE;
  public static final int AND = 12;
  public static final int ANDI = AND | IMMEDIATE;
  public static final int ANDF = AND | SETS_LOGIC;
  public static final int ANDFI = ANDF | IMMEDIATE;
  public static final int OR = 13;
  public static final int ORI = OR | IMMEDIATE;
  public static final int ORF = OR | SETS_LOGIC;
  public static final int ORFI = ORF | IMMEDIATE;
  public static final int XOR = 14;
  public static final int XORI = XOR | IMMEDIATE;
  public static final int XORF = XOR | SETS_LOGIC;
  public static final int XORFI = XORF | IMMEDIATE;
  /// `dst = a & ~b`, `a | ~b`, `a ^ ~b`.
  public static final int BIC = 15;
  public static final int BICF = BIC | SETS_LOGIC;
  public static final int ORN = 16;
  public static final int EON = 17;
  /// Increment, decrement by one; CF stays (x86).
  public static final int INCF = 18 | ONE | SETS_INC;
  public static final int DECF = 19 | ONE | SETS_DEC;
  /// Shifts by `b` or `imm`, taken modulo the operand size in bits (32 for width 2, 64 for width 3).
  public static final int SHL = 20;
  public static final int SHLI = SHL | IMMEDIATE;
  public static final int SHR = 21;
  public static final int SHRI = SHR | IMMEDIATE;
  public static final int SAR = 22;
  public static final int SARI = SAR | IMMEDIATE;
  public static final int ROR = 23;
  public static final int RORI = ROR | IMMEDIATE;
  /// x86 shifts and rotates by `b + imm`, taken modulo 32 or, for width 3, 64; a count of 0 changes no flag. CF is the
  /// last bit shifted out, or the one rotated to. OF is defined for a count of 1 only; the same formula serves for
  /// every count. A shift sets ZF, SF, PF, clears AF; a rotate leaves them.
  public static final int SHLF = 24 | BOTH;
  public static final int SHRF = 25 | BOTH;
  public static final int SARF = 26 | BOTH;
  public static final int ROLF = 27 | BOTH;
  public static final int RORF = 28 | BOTH;
  /// Low half of the product.
  public static final int MUL = 29;
  /// High half of the 64 x 64 product, unsigned or signed (width 3 only).
  public static final int MULHU = 30;
  public static final int MULHS = 31;
  /// `dst` = `imm & 0x7f` bits wide (imm bits 13:7) field of `a` from bit `imm & 0x7f` on, zero- or (F_SIGNED)
  /// sign-extended.
  public static final int BFX = 32 | IMMEDIATE;
  /// Field of `dst` at bit `imm & 0x7f`, `(imm >> 7) & 0x7f` bits wide, replaced by the low bits of `a`.
  public static final int BFI = 33 | IMMEDIATE;
  /// Low `width` bits of `(a:b) >> imm`.
  public static final int EXTR = 34 | BOTH;

  // conditions
  /// `dst` = 1 if condition `aux` holds, else 0.
  public static final int SETCC = 35;
  /// `dst` = `a` if condition `aux` holds, else `b`, cut to width.
  public static final int CSEL = 36;

  // memory
  public static final int LOAD = 37 | BOTH | WHOLE | ACTS;
  public static final int STORE = 38 | BOTH | NO_RESULT | ACTS;

  // control
  /// To next pc + imm.
  public static final int JUMP = 39 | IMMEDIATE | NO_RESULT | BRANCH;
  /// To next pc + imm if condition `aux` holds.
  public static final int JCC = 40 | IMMEDIATE | NO_RESULT | BRANCH;
  /// To next pc + imm if the low `width` bits of `a` are zero / not zero.
  public static final int JZ = 41 | IMMEDIATE | NO_RESULT | BRANCH;
  public static final int JNZ = 42 | IMMEDIATE | NO_RESULT | BRANCH;
  /// To next pc + imm if bit `aux` of `a` is clear / set.
  public static final int JBC = 43 | IMMEDIATE | NO_RESULT | BRANCH;
  public static final int JBS = 44 | IMMEDIATE | NO_RESULT | BRANCH;
  /// To `r[a]` or, if that is not canonical, where [dev.crosspatch.core.cpu.Core#branchAddress] says.
  public static final int JREG = 45 | NO_RESULT | BRANCH | ACTS;
  /// Raises the ISA's fault number `imm` if `r[a]` is no canonical address ([#isCanonical]).
  public static final int CANONICAL = 46 | BOTH | NO_RESULT | ACTS;
  /// Behind a write to [dev.crosspatch.core.cpu.Core#STACK], named as `a`, that may have changed its alignment
  /// ([dev.crosspatch.core.cpu.Core#stackMask]).
  public static final int STACK = 47 | NO_RESULT | ACTS;
  /// Raises the ISA's fault number `imm` at this instruction.
  public static final int FAULT = 49 | BOTH | NO_RESULT | ACTS;

  // rare arithmetic
  /// `a + b + carry`; `a - b - borrow` (x86). AArch64's SBCS is ADCF of the complement. ADCF, SBBF set flags
  /// themselves.
  public static final int ADCF = 50;
  public static final int SBBF = 51;
  public static final int ADC = 52;
  public static final int SBB = 53;
  /// Division that gives 0 for a zero divisor and wraps, as AArch64 does.
  public static final int UDIV = 54;
  public static final int SDIV = 55;
  public static final int CLZ = 56;
  public static final int CTZ = 57;
  public static final int POPCNT = 58;
  /// Bits reversed; bytes reversed in groups of `1 << aux` bytes (aux 1..3).
  public static final int RBIT = 59;
  public static final int REV = 60;

  /// Calls a [Helper] of the ISA.
  public static final int HELPER = 61 | BOTH | ACTS;

  // Numbers for new operations: from 62 on. (127 is never one: UopRowsTest.)

  /// Whether a row can change the flow.
  public static boolean isBranch(int row) {
    return (row & BRANCH) != 0;
  }

  /// Whether a row writes its destination.
  public static boolean hasResult(int row) {
    return (row & NO_RESULT) == 0;
  }

  /// Whether a row works on the core.
  public static boolean acts(int row) {
    return (row & ACTS) != 0;
  }

  /// Kind of [Flags] that a row's result is noted as; 0 if it is not, or the operation sets flags itself.
  public static int kind(int row) {
    return row >> KIND_SHIFT;
  }

  /// Whether `address` is a number of 48 bits with its sign.
  public static boolean isCanonical(long address) {
    return address << 16 >> 16 == address;
  }

  // ---- packing
  private static final int DST_SHIFT = ROW_BITS;
  private static final int A_SHIFT = DST_SHIFT + 6;
  private static final int B_SHIFT = A_SHIFT + 6;
  private static final int C_SHIFT = B_SHIFT + 6;
  private static final int WIDTH_SHIFT = C_SHIFT + 6;
  private static final int SCALE_SHIFT = WIDTH_SHIFT + 3;
  private static final int AUX_SHIFT = SCALE_SHIFT + 2;
  private static final int FLAGS_SHIFT = AUX_SHIFT + 8;

  /// A word with all fields.
  public static long word(int row, int dst, int a, int b, int c, int width, int scale, int aux, int flags) {
    return row | (long) dst << DST_SHIFT | (long) a << A_SHIFT | (long) b << B_SHIFT | (long) c << C_SHIFT
        | (long) width << WIDTH_SHIFT | (long) scale << SCALE_SHIFT | (long) (aux & 0xff) << AUX_SHIFT
        | (long) flags << FLAGS_SHIFT;
  }

  /// The row.
  public static int op(long w) {
    return (int) w & (1 << ROW_BITS) - 1;
  }

  public static int dst(long w) {
    return (int) (w >>> DST_SHIFT) & 63;
  }

  public static int a(long w) {
    return (int) (w >>> A_SHIFT) & 63;
  }

  public static int b(long w) {
    return (int) (w >>> B_SHIFT) & 63;
  }

  public static int c(long w) {
    return (int) (w >>> C_SHIFT) & 63;
  }

  public static int width(long w) {
    return (int) (w >>> WIDTH_SHIFT) & 7;
  }

  public static int scale(long w) {
    return (int) (w >>> SCALE_SHIFT) & 3;
  }

  public static int aux(long w) {
    return (int) (w >>> AUX_SHIFT) & 0xff;
  }

  public static int flags(long w) {
    return (int) (w >>> FLAGS_SHIFT) & 0xff;
  }
}
