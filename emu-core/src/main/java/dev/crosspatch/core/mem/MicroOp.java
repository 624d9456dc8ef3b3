package dev.crosspatch.core.mem;

import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.core.uop.Helper;
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
  /// The row of [Uop].
  public final int row;
  /// Its operation: the arm of the interpreter that executes it.
  public final int op;
  public final int dst;
  public final int a;
  public final int b;
  /// Index register of an address.
  public final int c;
  public final int scale;
  /// log2 of the operand size in bytes.
  public final int width;
  /// Condition or bit.
  public final int aux;
  /// [Uop#F_RMW] and so on.
  public final int flags;
  public final long imm;
  /// What [Uop#HELPER] calls.
  public final Helper helper;
  /// What to shift a result by to cut it: 64 minus the operand size in bits, or 0 for results of another width.
  public final int cut;
  /// Kind of [Flags] set; 0 if none are, or the operation sets them itself.
  public final int kind;
  public final Instruction instruction;
  /// Whether it ends its instruction.
  public final boolean last;
  /// The next micro-op: of the instruction, or of the one that is chained; null at the end of a chain.
  public @Nullable MicroOp next;

  MicroOp(Instruction instruction, long word, long imm, Helper helper, boolean last) {
    this.instruction = instruction;
    this.word = word;
    this.helper = helper;
    this.last = last;
    row = Uop.op(word);
    op = row & Uop.OPERATION;
    dst = Uop.hasResult(row) ? Uop.dst(word) : Uop.SINK;
    a = Uop.a(word);
    int second = row & Uop.ONE;
    b = second == Uop.IMMEDIATE || second == Uop.ONE ? Uop.ZERO : Uop.b(word);
    c = Uop.c(word);
    scale = Uop.scale(word);
    width = Uop.width(word);
    aux = Uop.aux(word);
    flags = Uop.flags(word);
    this.imm = second == Uop.ONE ? 1 : second == 0 ? 0 : imm;
    cut = (row & Uop.WHOLE) != 0 ? 0 : Math.max(0, 64 - (8 << width));
    kind = Uop.kind(row);
  }
}
