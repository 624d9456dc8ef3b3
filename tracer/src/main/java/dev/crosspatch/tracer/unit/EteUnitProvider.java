package dev.crosspatch.tracer.unit;

import dev.crosspatch.tracer.etm.EteProtocol;

/// Trace units of the Arm Embedded Trace Extension.
public final class EteUnitProvider extends EtmUnitProvider {

  public EteUnitProvider() {
    super(new EteProtocol());
  }
}
