package dev.crosspatch.core.time;

/// How closely a machine tells time. What is executed is the same in each; when, and so what meets what, is not.
public enum Grade {
  /// An instruction costs what its class does, whatever its neighbours are; events are added.
  ADDITIVE,
  /// A model of the preset's pipeline: instructions wait for the front end, for ports, for registers and for memory,
  /// and overlap else.
  PIPELINE,
  /// An instruction takes a cycle; caches, TLBs and branch predictors cost nothing. What passes between CPUs, and into
  /// and out of handlers, takes as long as ever.
  NONE
}
