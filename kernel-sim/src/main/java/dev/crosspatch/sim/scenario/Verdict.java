package dev.crosspatch.sim.scenario;

/// The answer to the project's question for one run: did every CPU only ever execute what the protocol allows, and
/// could the decoder tell which, everywhere?
public enum Verdict {
  /// Yes.
  PASS,
  /// No: a CPU broke the contract, the trace cannot tell, or the guest came to a bad end.
  FAIL,
  /// Nothing went wrong, but what was to be tested did not happen.
  INCONCLUSIVE
}
