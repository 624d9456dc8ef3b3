package dev.crosspatch.tracer.pt;

import dev.crosspatch.tracer.flow.TraceOptions;
import dev.crosspatch.tracer.flow.TraceProtocol;

/// Intel Processor Trace.
public final class PtProtocol implements TraceProtocol {

  @Override
  public String name() {
    return PtConfig.NAME;
  }

  @Override
  public PtConfig configure(TraceOptions given) {
    return PtConfig.of(given);
  }
}
