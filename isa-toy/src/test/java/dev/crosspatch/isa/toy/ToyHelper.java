package dev.crosspatch.isa.toy;

import dev.crosspatch.core.uop.Helper;
import dev.crosspatch.core.uop.Uop;

/// An instruction that works on the core.
@FunctionalInterface
interface ToyHelper extends Helper {
  /// The micro-op of an instruction.
  ///
  /// @param d register that is written
  /// @param a register that is read
  record Operands(int d, int a, long imm) {
    static Operands of(long word, long imm) {
      return new Operands(Uop.dst(word), Uop.a(word), imm);
    }
  }

  /// Does it; returns one of [dev.crosspatch.core.cpu.Outcome].
  int run(ToyCore core, Operands w);
}
