package dev.crosspatch.tracer.unit;

import dev.crosspatch.tracer.etm.EtmRegisters.Protocol;
import dev.crosspatch.tracer.flow.TraceOptions;

/// Trace units of Arm ETMv4.
public sealed class EtmUnitProvider implements TraceUnitProvider permits EteUnitProvider {
  private final Protocol protocol;

  public EtmUnitProvider() {
    this(Protocol.ETMV4);
  }

  EtmUnitProvider(Protocol protocol) {
    this.protocol = protocol;
  }

  @Override
  public String protocol() {
    return protocol.label();
  }

  @Override
  public TraceSetup configure(TraceOptions given) {
    return EtmSetup.of(protocol, given);
  }
}
