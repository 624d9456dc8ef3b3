package dev.crosspatch.core.uop;

/// What a complex micro-op ([Uop#HELPER]) does: a short method of the ISA, which extends this by the method's form (its
/// own core, the micro-op's word and immediate).
public interface Helper {
  /// Of micro-ops that are no helpers.
  Helper NONE = new Helper() {};
}
