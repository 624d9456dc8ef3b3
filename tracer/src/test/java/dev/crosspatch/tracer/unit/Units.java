package dev.crosspatch.tracer.unit;

import dev.crosspatch.tracer.flow.TraceProtocol;
import java.util.ServiceLoader;

/// Trace units of a protocol, as the service loader finds them.
public final class Units {
  private Units() {}

  /// What makes them.
  public static TraceUnitProvider of(TraceProtocol protocol) {
    return ServiceLoader.load(TraceUnitProvider.class).stream().map(ServiceLoader.Provider::get)
        .filter(p -> p.protocol().equals(protocol.name()))
        .findFirst().orElseThrow();
  }
}
