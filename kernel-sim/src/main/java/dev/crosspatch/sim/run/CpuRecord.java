package dev.crosspatch.sim.run;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.sim.truth.TruthLog;
import dev.crosspatch.tracer.flow.TraceUnit;
import java.io.ByteArrayOutputStream;

/// What one CPU leaves behind: its truth log and its trace.
record CpuRecord(TruthLog truth, TraceUnit trace, ByteArrayOutputStream bytes) implements RetireSink {

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
