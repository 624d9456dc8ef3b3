package dev.crosspatch.tracer.unit;

import dev.crosspatch.tracer.etm.EtmOptions;
import dev.crosspatch.tracer.etm.EtmProtocol;
import dev.crosspatch.tracer.flow.ByteSink;
import java.util.Map;

/// Trace units of Arm ETMv4.
public sealed class EtmUnitProvider implements TraceUnitProvider permits EteUnitProvider {
  private final EtmProtocol protocol;

  public EtmUnitProvider() {
    this(new EtmProtocol());
  }

  EtmUnitProvider(EtmProtocol protocol) {
    this.protocol = protocol;
  }

  @Override
  public String protocol() {
    return protocol.name();
  }

  @Override
  public TraceUnit unit(int cpu, Map<String, Long> options, ByteSink out) {
    return new EtmTraceUnit(EtmOptions.of(protocol.name(), options), protocol.config(cpu, options), out);
  }
}
