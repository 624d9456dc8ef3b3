package dev.crosspatch.core.mem;

import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.core.uop.Uop;
import org.jspecify.annotations.Nullable;

/// A micro-op as code lines keep it: [Uop]'s format unpacked, in fewer operations with uniform operands, so that the
/// interpreter's arms are short.
///
/// - The second operand is always `r[b] + imm`: forms with an immediate have [Uop#ZERO] for `b`, forms with a register
///   an immediate of 0.
/// - The result is always cut by [#cut] and written to `dst`; micro-ops without result have [Uop#SINK].
/// - Operations that set flags are those that do not, with a [#kind].
///
/// Objects rather than flat arrays: a field is one load, an element of an array has to be unpacked and its index
/// checked.
public final class MicroOp {
  /// The word as decoded, for helpers and rare operations.
  public final long word;
  public final int op;
  public final int dst;
  public final int a;
  public final int b;
  /// Index register of an address.
  public final int c;
  public final int scale;
  /// log2 of the operand size in bytes.
  public final int width;
  /// Condition, bit or helper.
  public final int aux;
  /// [Uop#F_RMW] and so on.
  public final int flags;
  public final long imm;
  /// What to shift a result by to cut it: 64 minus the operand size in bits, or 0 for results of another width.
  public final int cut;
  /// Kind of [Flags] set; 0 if none are, or the operation sets them itself.
  public final int kind;
  public final Instruction instruction;
  /// Whether it ends its instruction.
  public final boolean last;
  /// The next micro-op: of the instruction, or of the one that is chained; null at the end of a chain.
  public @Nullable MicroOp next;

  MicroOp(Instruction instruction, long word, long imm, boolean last) {
    this.instruction = instruction;
    this.word = word;
    this.last = last;
    int as = Uop.op(word);
    op = operation(as);
    dst = hasResult(as) ? Uop.dst(word) : Uop.SINK;
    a = Uop.a(word);
    b = hasRegisterOperand(as) ? Uop.b(word) : Uop.ZERO;
    c = Uop.c(word);
    scale = Uop.scale(word);
    width = Uop.width(word);
    aux = Uop.aux(word);
    flags = Uop.flags(word);
    this.imm = immediate(as, imm);
    cut = cut(as, width);
    kind = kind(as);
  }

  private static long immediate(int op, long imm) {
    if (op == Uop.INCF || op == Uop.DECF) {
      return 1;
    }
    int operation = operation(op);
    boolean two = (operation >= Uop.ADD && operation <= Uop.MULHS) || operation == Uop.CSEL;
    return two && hasRegisterOperand(op) ? 0 : imm;
  }

  private static int operation(int op) {
    return switch (op) {
      case Uop.ADDI, Uop.ADDF, Uop.ADDFI -> Uop.ADD;
      case Uop.SUBI, Uop.SUBF, Uop.SUBFI, Uop.SUBC, Uop.SUBCI -> Uop.SUB;
      case Uop.ANDI, Uop.ANDF, Uop.ANDFI -> Uop.AND;
      case Uop.ORI, Uop.ORF, Uop.ORFI -> Uop.OR;
      case Uop.XORI, Uop.XORF, Uop.XORFI -> Uop.XOR;
      case Uop.BICF -> Uop.BIC;
      case Uop.SHLI -> Uop.SHL;
      case Uop.SHRI -> Uop.SHR;
      case Uop.SARI -> Uop.SAR;
      case Uop.RORI -> Uop.ROR;
      default -> op;
    };
  }

  private static int kind(int op) {
    return switch (op) {
      case Uop.ADDF, Uop.ADDFI -> Flags.ADD;
      case Uop.SUBF, Uop.SUBFI -> Flags.SUB;
      case Uop.SUBC, Uop.SUBCI -> Flags.SUBC;
      case Uop.ANDF, Uop.ANDFI, Uop.ORF, Uop.ORFI, Uop.XORF, Uop.XORFI, Uop.BICF -> Flags.LOGIC;
      case Uop.INCF -> Flags.INC;
      case Uop.DECF -> Flags.DEC;
      default -> 0;
    };
  }

  private static int cut(int op, int width) {
    return switch (op) {
      case Uop.MOVI, Uop.MERGE8, Uop.MERGE8H, Uop.MERGE16, Uop.EXT, Uop.GET8H, Uop.NEXTPC, Uop.LOAD -> 0;
      default -> 64 - (8 << width);
    };
  }

  private static boolean hasRegisterOperand(int op) {
    return switch (op) {
      case Uop.MOVI, Uop.NEXTPC, Uop.ADDI, Uop.ADDFI, Uop.SUBI, Uop.SUBFI, Uop.SUBCI, Uop.ANDI, Uop.ANDFI, Uop.ORI,
          Uop.ORFI, Uop.XORI, Uop.XORFI,
          Uop.SHLI, Uop.SHRI, Uop.SARI, Uop.RORI, Uop.BFX, Uop.BFI, Uop.INCF, Uop.DECF, Uop.JUMP, Uop.JCC, Uop.JZ,
          Uop.JNZ, Uop.JBC, Uop.JBS -> false;
      default -> true;
    };
  }

  private static boolean hasResult(int op) {
    return switch (op) {
      case Uop.NOP, Uop.STORE, Uop.JUMP, Uop.JCC, Uop.JZ, Uop.JNZ, Uop.JBC, Uop.JBS, Uop.JREG, Uop.CANONICAL,
          Uop.STACK -> false;
      default -> true;
    };
  }

  boolean isBranch() {
    return op >= Uop.JUMP && op <= Uop.JREG;
  }
}
