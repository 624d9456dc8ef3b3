package dev.crosspatch.isa.arm64;

import dev.crosspatch.core.uop.Helper;

/// A complex micro-op: gets the core, the micro-op's word ([dev.crosspatch.core.uop.Uop] unpacks it) and its immediate,
/// and returns a [dev.crosspatch.core.cpu.Outcome].
interface Arm64Helper extends Helper {
  /// Flag of a helper micro-op that accesses memory with `a` as base: SP must be aligned, if it is that.
  int ACCESS = 0x80;
  /// Flag of one that uses SIMD and floating-point registers: CPACR_EL1 may trap it.
  int VECTOR = 0x40;

  /// The same, for a method's name where any helper is asked for.
  static Arm64Helper helper(Arm64Helper helper) {
    return helper;
  }

  int run(Arm64Core core, long word, long imm);
}
