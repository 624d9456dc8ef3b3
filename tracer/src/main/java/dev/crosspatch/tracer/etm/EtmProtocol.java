package dev.crosspatch.tracer.etm;

import dev.crosspatch.tracer.etm.EtmRegisters.Protocol;
import dev.crosspatch.tracer.flow.TraceOptions;
import dev.crosspatch.tracer.flow.TraceProtocol;

/// Arm ETMv4 instruction trace.
public sealed class EtmProtocol implements TraceProtocol permits EteProtocol {
  private final Protocol packets;

  public EtmProtocol() {
    this(Protocol.ETMV4);
  }

  EtmProtocol(Protocol packets) {
    this.packets = packets;
  }

  @Override
  public String name() {
    return packets.label();
  }

  @Override
  public EtmConfig configure(TraceOptions given) {
    return EtmConfig.of(packets, given);
  }
}
