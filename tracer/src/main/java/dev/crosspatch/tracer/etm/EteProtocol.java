package dev.crosspatch.tracer.etm;

import dev.crosspatch.tracer.etm.EtmRegisters.Protocol;

/// Arm Embedded Trace Extension: ETMv4's successor, with nearly the same packets.
public final class EteProtocol extends EtmProtocol {

  public EteProtocol() {
    super(Protocol.ETE);
  }
}
