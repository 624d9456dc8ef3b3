package dev.crosspatch.tracer.unit;

import dev.crosspatch.tracer.flow.TraceOptions;

/// Makes the trace units of one protocol: a plug-in found with `ServiceLoader`, the other half of a
/// [dev.crosspatch.tracer.flow.TraceProtocol].
public interface TraceUnitProvider {

  /// Name of the protocol: `pt`, `etm`, `ete`.
  String protocol();

  /// What is written in these options, those of a scenario's trace section and the clocks of its cores.
  ///
  /// @throws IllegalArgumentException naming the option, its value and what is allowed
  TraceSetup configure(TraceOptions given);
}
