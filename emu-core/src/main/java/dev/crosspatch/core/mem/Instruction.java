package dev.crosspatch.core.mem;

import dev.crosspatch.core.pipeline.PipelineOp;
import dev.crosspatch.core.time.TimingModel;
import dev.crosspatch.core.uop.Uop;
import dev.crosspatch.core.uop.UopBuffer;
import org.jspecify.annotations.Nullable;

/// A decoded instruction of a code line.
///
/// Instructions that were decoded one after the other and follow each other in the line, up to a branch, are a *chain*.
/// Sums over it make time and number of a stretch two subtractions, so that nothing need be counted in between.
public final class Instruction {
  /// Stands for an instruction that needs bytes of the next line.
  public static final Instruction STRADDLES = new Instruction();

  // ---- info
  public static final int LENGTH_MASK = 31;
  public static final int FLOW_SHIFT = 5;
  public static final int FLOW_MASK = 31;

  /// Offset in the line.
  public final int offset;
  /// Offset behind it; of a straddling instruction, in a joined line, beyond the line.
  public final int end;
  /// Length in bytes, 4:0, and flow class by its ordinal, 9:5.
  public final int info;
  /// Cost in [dev.crosspatch.core.time.ClockUnit]s.
  public final long cost;
  /// The same as a pipeline sees it, if there is a model of one.
  public final @Nullable PipelineOp timed;
  /// Instructions before it in its chain.
  public final int index;
  /// What its chain costs up to its end.
  public final long sum;
  public final MicroOp first;
  /// The one before it in its chain.
  public final @Nullable Instruction before;
  /// The next one of the chain.
  public @Nullable Instruction next;

  private final MicroOp last;

  private Instruction() {
    this(0, 0, new UopBuffer().nop(), 1, null, null);
  }

  private Instruction(int offset, int length, UopBuffer ops, long cost, @Nullable PipelineOp timed,
      @Nullable Instruction before) {
    this.offset = offset;
    end = offset + length;
    this.cost = cost;
    this.timed = timed;
    info = length | ops.flow().ordinal() << FLOW_SHIFT;
    this.before = before;
    index = before == null ? 0 : before.index + 1;
    sum = cost + (before == null ? 0 : before.sum);
    MicroOp behind = microOp(ops, ops.count() - 1);
    last = behind;
    for (int i = ops.count() - 2; i >= 0; i--) {
      MicroOp op = microOp(ops, i);
      if (Uop.isBranch(op.row)) {
        throw new IllegalStateException("a branch is not the last micro-op of its instruction");
      }
      op.next = behind;
      behind = op;
    }
    first = behind;
  }

  private MicroOp microOp(UopBuffer ops, int i) {
    return new MicroOp(this, ops.word(i), ops.imm(i), ops.helper(i), i == ops.count() - 1);
  }

  /// The instruction decoded to `ops`.
  ///
  /// @param timed  as a pipeline sees it
  /// @param before the one decoded just before
  static Instruction of(int offset, int length, UopBuffer ops, TimingModel timing, @Nullable PipelineOp timed,
      @Nullable Instruction before) {
    if (ops.count() == 0 || length == 0) {
      throw new IllegalStateException("an instruction decoded to " + ops.count() + " micro-ops and " + length
          + " bytes");
    }
    long cost = timing.cost(ops.cost());
    boolean chained = before != null && before.end == offset && !Uop.isBranch(before.last.row);
    Instruction made = new Instruction(offset, length, ops, cost, timed, chained ? before : null);
    if (before != null && chained) {
      before.next = made;
      before.last.next = made.first;
    }
    return made;
  }

  /// Length in bytes.
  public int length() {
    return info & LENGTH_MASK;
  }

  /// Class of flow, by its ordinal.
  public int flow() {
    return info >> FLOW_SHIFT;
  }
}
