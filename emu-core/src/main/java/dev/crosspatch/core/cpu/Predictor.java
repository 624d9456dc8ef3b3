package dev.crosspatch.core.cpu;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.pipeline.Pipeline;
import org.jspecify.annotations.Nullable;

/// Branch prediction, for time only: two-bit counters for conditional branches, a target buffer for indirect ones, a
/// return stack. Each question answers with the time lost, 0 or the misprediction penalty, and learns.
final class Predictor {
  private static final int COUNTERS = 4096;
  private static final int TARGETS = 512;
  private static final int DEPTH = 16;

  private final byte[] counter = new byte[COUNTERS];
  private final long[] target = new long[TARGETS];
  private final long[] stack = new long[DEPTH];
  private int top;
  private final int penalty;
  private final @Nullable Pipeline pipeline;
  long mispredicts;

  /// @param penalty  of a wrong prediction
  /// @param pipeline is told of wrong predictions, which cost no time else, if there is one
  Predictor(int penalty, @Nullable Pipeline pipeline) {
    this.penalty = pipeline == null ? penalty : 0;
    this.pipeline = pipeline;
  }

  /// A conditional branch at `pc` went `taken`.
  int conditional(long pc, boolean taken) {
    int i = (int) (pc ^ pc >>> 12) & COUNTERS - 1;
    int state = counter[i];
    if (taken) {
      counter[i] = (byte) (state < 3 ? state + 1 : 3);
    } else {
      counter[i] = (byte) (state > 0 ? state - 1 : 0);
    }
    return state >= 2 == taken ? 0 : missed();
  }

  /// A direct call that returns to `back`.
  void call(long back) {
    top = top + 1 & DEPTH - 1;
    stack[top] = back;
  }

  /// An indirect branch of class `flow` (ordinal) at `pc`, with `back` behind it, went to `to`.
  int indirect(int flow, long pc, long back, long to) {
    if (flow == FlowClass.RETURN.ordinal()) {
      long predicted = stack[top];
      top = top - 1 & DEPTH - 1;
      return predicted == to ? 0 : missed();
    }
    if (flow == FlowClass.INDIRECT_CALL.ordinal()) {
      call(back);
    }
    int i = (int) (pc ^ pc >>> 10) & TARGETS - 1;
    long predicted = target[i];
    target[i] = to;
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
