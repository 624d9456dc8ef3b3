package dev.crosspatch.sim.mechanism;

import java.util.Locale;

/// Stretches of patching whose length is measured: each is the call of one of some functions of the guest kernel on the
/// patching CPU, from the call to the return from it. Which functions is told by the guest library (`library.yaml`) and
/// the mechanism (`manifest.yaml`), as `spans`.
public enum Span {
  /// A key changes: [Variant#FLIP].
  FLIP,
  /// A batch of sites, if a mechanism has such.
  BATCH,
  /// All other CPUs are interrupted, and awaited.
  SYNC,
  /// A CPU waits until no other patches.
  LOCK;

  /// As files say it.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
