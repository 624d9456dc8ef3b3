package dev.crosspatch.sim.run;

/// How much of the truth a run's directory holds, and so what can be held against it.
public enum Truth {
  /// All of it.
  WHOLE,
  /// Stale executions and stores, but no flow: `--no-truth`, while the run's own verification goes on.
  NO_FLOW,
  /// Nothing: `--no-truth`, once the directory is finished. What was checked is in its summary.
  NONE
}
