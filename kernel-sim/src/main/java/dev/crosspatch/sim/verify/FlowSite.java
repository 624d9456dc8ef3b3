package dev.crosspatch.sim.verify;

import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.truth.TruthReader;

/// The instruction at which decoded flow and truth parted: the last one on which both agree, since what it did is what
/// the decoder got wrong.
///
/// @param address where it stands
/// @param cycle   when it retired, up to 32 cycles early
record FlowSite(long address, long cycle) {

  static FlowSite before(RunDirectory run, int cpu, FlowComparison.Difference difference) {
    try (TruthReader truth = run.truth(cpu)) {
      return before(truth, difference);
    }
  }

  private static FlowSite before(TruthReader truth, FlowComparison.Difference difference) {
    long address = difference.expected();
    long cycle = difference.cycle();
    while (truth.next()) {
      if (truth.isInstruction()) {
        if (truth.index() >= difference.index()) {
          break;
        }
        address = truth.address();
        cycle = truth.time();
      }
    }
    return new FlowSite(address, cycle);
  }
}
