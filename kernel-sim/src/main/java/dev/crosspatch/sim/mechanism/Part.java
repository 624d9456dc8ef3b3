package dev.crosspatch.sim.mechanism;

import dev.crosspatch.sim.mechanism.Variant.Source;
import java.util.List;
import java.util.Map;

/// A part of the guest library that only kernels have whose mechanism uses it. It may bring ways to patch with it: a
/// mechanism that uses it has them without saying them again.
///
/// @param name      as manifests say it, e.g. `poke-batch`
/// @param source    its assembly text
/// @param needs     names of the parts that it needs itself
/// @param spans     functions of it whose calls are measured
/// @param protocols ways to patch that it brings, the usual one first
/// @param steps     what of them can be left out
public record Part(
    String name, Source source, List<String> needs, Map<Span, List<String>> spans, List<Protocol> protocols,
    List<Step> steps) {
  /// Copies the collections.
  public Part {
    needs = List.copyOf(needs);
    spans = Map.copyOf(spans);
    protocols = List.copyOf(protocols);
    steps = List.copyOf(steps);
  }

  /// Whether its steps are steps of every protocol: it brings none of its own. Such a part a scenario can bring,
  /// whatever the mechanism.
  public boolean isForEveryProtocol() {
    return protocols.isEmpty();
  }
}
