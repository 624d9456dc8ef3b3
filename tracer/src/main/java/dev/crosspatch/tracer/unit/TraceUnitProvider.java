package dev.crosspatch.tracer.unit;

import dev.crosspatch.tracer.flow.ByteSink;
import java.util.Map;

/// Makes the trace units of one protocol: a plug-in found with `ServiceLoader`, the other half of a
/// [dev.crosspatch.tracer.flow.TraceProtocol].
public interface TraceUnitProvider {

  /// Name of the protocol: `pt`, `etm`, `ete`.
  String protocol();

  /// A trace unit for one CPU.
  ///
  /// @param options a full map, as the protocol's `options()` gives it
  /// @param out     where the trace goes
  /// @throws IllegalArgumentException naming the option, its value and what is allowed
  TraceUnit unit(int cpu, Map<String, Long> options, ByteSink out);
}
