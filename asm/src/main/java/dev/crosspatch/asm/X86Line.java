package dev.crosspatch.asm;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// An x86-64 instruction as it was read, whatever its syntax.
///
/// @param mnemonic of Intel's syntax, lower case, without prefixes
/// @param operands in the order of Intel's syntax; may be changed
/// @param target   where it branches to if it is one of [X86Branch#OPCODES] with an expression as its operand, else
///                 null
/// @param form     `short`, `near` or empty, of such a branch
record X86Line(String mnemonic, List<X86Argument> operands, @Nullable Expression target, String form) {
  /// A branch to an expression.
  static X86Line branch(String mnemonic, Expression target, String form) {
    return new X86Line(mnemonic, List.of(), target, form);
  }
}
