package dev.crosspatch.tracer.unit;

import dev.crosspatch.tracer.flow.TraceProtocol;
import java.util.Map;
import java.util.ServiceLoader;

/// Trace units of a protocol, as the service loader finds them.
public final class Units {
  private Units() {}

  /// How they are set up by these options, the others having their defaults.
  public static TraceSetup configure(TraceProtocol protocol, Map<String, Long> options) {
    return of(protocol).configure(options::getOrDefault);
  }

  /// What makes them.
  public static TraceUnitProvider of(TraceProtocol protocol) {
    return ServiceLoader.load(TraceUnitProvider.class).stream().map(ServiceLoader.Provider::get)
        .filter(p -> p.protocol().equals(protocol.name()))
        .findFirst().orElseThrow();
  }
}
