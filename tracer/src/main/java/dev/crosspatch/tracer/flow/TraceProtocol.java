package dev.crosspatch.tracer.flow;

/// A hardware trace protocol, as a plug-in found with `ServiceLoader`: from what is written of a trace it makes the
/// configuration that decodes it. Its trace units, which turn what a CPU retires into bytes, are another plug-in:
/// nothing here knows of them.
public interface TraceProtocol {

  /// Name in scenarios and file suffix: `pt`, `etm`, `ete`.
  String name();

  /// The configuration that is written in these options.
  ///
  /// @throws IllegalArgumentException `NAME option OPTION: what is wrong`
  TraceConfig configure(TraceOptions given);
}
