package dev.crosspatch.tracer.unit;

import dev.crosspatch.tracer.etm.EtmRegisters.Protocol;

/// Trace units of the Arm Embedded Trace Extension.
public final class EteUnitProvider extends EtmUnitProvider {

  public EteUnitProvider() {
    super(Protocol.ETE);
  }
}
