package dev.crosspatch.tracer.unit;

import dev.crosspatch.tracer.flow.TraceOptions;

/// Trace units of Intel Processor Trace.
public final class PtUnitProvider implements TraceUnitProvider {

  @Override
  public String protocol() {
    return "pt";
  }

  @Override
  public TraceSetup configure(TraceOptions given) {
    return PtSetup.of(given);
  }
}
