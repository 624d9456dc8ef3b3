package dev.crosspatch.tracer.etm;

/// Arm Embedded Trace Extension: ETMv4's successor, with the same options and nearly the same packets.
public final class EteProtocol extends EtmProtocol {

  @Override
  public String name() {
    return "ete";
  }

  @Override
  EtmConfig.Protocol packets() {
    return EtmConfig.Protocol.ETE;
  }
}
