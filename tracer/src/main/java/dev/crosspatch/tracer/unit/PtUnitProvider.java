package dev.crosspatch.tracer.unit;

import dev.crosspatch.tracer.flow.ByteSink;
import dev.crosspatch.tracer.pt.PtOptions;
import java.util.Map;

/// Trace units of Intel Processor Trace.
public final class PtUnitProvider implements TraceUnitProvider {

  @Override
  public String protocol() {
    return "pt";
  }

  @Override
  public TraceUnit unit(int cpu, Map<String, Long> options, ByteSink out) {
    return new PtTraceUnit(PtOptions.of(options), out);
  }
}
