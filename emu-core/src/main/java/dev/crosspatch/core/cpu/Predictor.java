package dev.crosspatch.core.cpu;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.pipeline.Pipeline;
import dev.crosspatch.core.time.EventCost;
import dev.crosspatch.core.time.Geometry;
import dev.crosspatch.core.time.Structure;
import dev.crosspatch.core.time.TimingModel;
import org.jspecify.annotations.Nullable;

/// Branch prediction, for time only: two-bit counters for conditional branches, with tables by history over them where
/// the preset has them ([TaggedTables]); targets of indirect branches, then by history, too; a return stack. Each
/// question answers with the time lost, 0 or the misprediction penalty, and learns.
final class Predictor {
  private final byte[] counter;
  private final @Nullable TaggedTables tagged;
  private final long[] target;
  /// By history as well, where the last one by address was wrong.
  private final long[] targetBehind;
  private final long[] stack;
  private int top;
  private final int penalty;
  private final @Nullable Pipeline pipeline;
  long mispredicts;

  /// @param pipeline is told of wrong predictions, which cost no time else, if there is one
  Predictor(TimingModel timing, @Nullable Pipeline pipeline) {
    this.penalty = pipeline == null ? timing.cost(EventCost.MISPREDICT) : 0;
    this.pipeline = pipeline;
    counter = new byte[timing.table().size(Structure.COUNTERS).entries()];
    Geometry tables = timing.table().size(Structure.TAGGED);
    tagged = tables.exists() ? new TaggedTables(tables) : null;
    target = new long[timing.table().size(Structure.TARGETS).entries()];
    targetBehind = new long[tagged == null ? 0 : target.length];
    stack = new long[timing.table().size(Structure.RETURNS).entries()];
  }

  /// A conditional branch at `pc` went `taken`.
  int conditional(long pc, boolean taken) {
    int i = (int) (pc ^ pc >>> 12) & counter.length - 1;
    int state = counter[i];
    boolean predicted = tagged == null ? state >= 2 : byHistory(tagged, pc, taken, state >= 2);
    if (taken) {
      counter[i] = (byte) (state < 3 ? state + 1 : 3);
    } else {
      counter[i] = (byte) (state > 0 ? state - 1 : 0);
    }
    return predicted == taken ? 0 : missed();
  }

  private static boolean byHistory(TaggedTables tables, long pc, boolean taken, boolean base) {
    boolean predicted = tables.knows(pc) ? tables.predicts() : base;
    tables.learn(pc, taken, predicted, base);
    return predicted;
  }

  /// A direct call that returns to `back`.
  void call(long back) {
    top = top + 1 & stack.length - 1;
    stack[top] = back;
  }

  /// An indirect branch of class `flow` (ordinal) at `pc`, with `back` behind it, went to `to`.
  int indirect(int flow, long pc, long back, long to) {
    if (flow == FlowClass.RETURN.ordinal()) {
      long predicted = stack[top];
      top = top - 1 & stack.length - 1;
      return predicted == to ? 0 : missed();
    }
    if (flow == FlowClass.INDIRECT_CALL.ordinal()) {
      call(back);
    }
    int i = (int) (pc ^ pc >>> 10) & target.length - 1;
    long predicted = target[i];
    target[i] = to;
    if (tagged != null) {
      int j = (i ^ tagged.path()) & target.length - 1;
      predicted = targetBehind[j] != 0 ? targetBehind[j] : predicted;
      targetBehind[j] = to;
    }
    return predicted == to ? 0 : missed();
  }

  private int missed() {
    mispredicts++;
    if (pipeline != null) {
      pipeline.mispredicted();
    }
    return penalty;
  }
}
