package dev.crosspatch.sim.run;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.sim.truth.TruthLog;
import dev.crosspatch.tracer.flow.TraceUnit;

/// What one CPU leaves behind: its truth log and its trace.
record CpuRecord(TruthLog truth, TraceUnit trace) implements RetireSink {

  @Override
  public void retired(RetireBatch batch) {
    truth.retired(batch);
    trace.retired(batch);
  }

  @Override
  public void end() {
    truth.end();
    trace.end();
  }
}
