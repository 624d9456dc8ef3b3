package dev.crosspatch.sim.linux;

import dev.crosspatch.sim.truth.TruthReader;
import dev.crosspatch.tracer.flow.FlowListener;
import dev.crosspatch.tracer.flow.Problem;

/// Holds a decoded flow against what ran, one by one: of user mode alone nothing is to be lost, so the first difference
/// says it all.
final class StrictComparison implements FlowListener {
  private final TruthReader truth;
  private long decoded;
  private String difference = "";

  StrictComparison(TruthReader truth) {
    this.truth = truth;
  }

  @Override
  public void instruction(long address) {
    decoded++;
    if (!difference.isEmpty()) {
      return;
    }
    if (!truth.next()) {
      difference = String.format("instruction %d: decoded 0x%x, but nothing more ran", decoded, address);
    } else if (truth.address() != address) {
      difference = String.format("instruction %d: decoded 0x%x, but 0x%x ran", decoded, address, truth.address());
    }
  }

  /// Handlers lie in the kernel, which is not traced.
  @Override
  public void diverted(long from, long to) {
    differs(String.format("behind instruction %d: decoded a diversion from 0x%x to 0x%x", decoded, from, to));
  }

  /// The trace says where it goes on: nothing is lost, which the next instruction shows.
  @Override
  public void gap(long address, Gap reason, long time) {
    if (reason == Gap.OVERFLOW || reason == Gap.RESYNC) {
      differs("behind instruction " + decoded + ": the trace has a gap (" + reason + ")");
    }
  }

  @Override
  public void problem(Problem problem) {
    differs(String.format("behind instruction %d: %s at 0x%x: %s", decoded, problem.kind(), problem.address(),
        problem.detail()));
  }

  private void differs(String what) {
    if (difference.isEmpty()) {
      difference = what;
    }
  }

  long decoded() {
    return decoded;
  }

  /// To be called behind the last row.
  ///
  /// @return the first difference, for people; empty if there is none
  String finish() {
    if (difference.isEmpty() && truth.next()) {
      difference = String.format("behind instruction %d: 0x%x ran, but nothing was decoded", decoded, truth.address());
    }
    return difference;
  }
}
