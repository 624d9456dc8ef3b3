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
/// checked. Fields are as narrow as they may be, so that one fills no more than a line of the host's cache: code that
/// is not a loop is bound by them.
public final class MicroOp {
  /// The word as decoded, for helpers and rare operations.
  public final long word;
  /// The row of [Uop].
  public final int row;
  /// Its operation: the arm of the interpreter that executes it.
  public final byte op;
  public final byte dst;
  public final byte a;
  public final byte b;
  /// Index register of an address.
  public final byte c;
  public final byte scale;
  /// log2 of the operand size in bytes.
  public final byte width;
  /// Condition or bit.
  public final short aux;
  /// [Uop#F_RMW] and so on.
  public final short flags;
  public final long imm;
  /// What [Uop#HELPER] calls.
  public final Helper helper;
  /// What to shift a result by to cut it: 64 minus the operand size in bits, or 0 for results of another width.
  public final byte cut;
  /// Kind of [Flags] set; 0 if none are, or the operation sets them itself.
  public final byte kind;
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
    op = (byte) (row & Uop.OPERATION);
    dst = (byte) (Uop.hasResult(row) ? Uop.dst(word) : Uop.SINK);
    a = (byte) Uop.a(word);
    int second = row & Uop.ONE;
    b = (byte) (second == Uop.IMMEDIATE || second == Uop.ONE ? Uop.ZERO : Uop.b(word));
    c = (byte) Uop.c(word);
    scale = (byte) Uop.scale(word);
    width = (byte) Uop.width(word);
    aux = (short) Uop.aux(word);
    flags = (short) Uop.flags(word);
    this.imm = second == Uop.ONE ? 1 : second == 0 ? 0 : imm;
    cut = (byte) ((row & Uop.WHOLE) != 0 ? 0 : Math.max(0, 64 - (8 << width)));
    kind = (byte) Uop.kind(row);
  }
}
