package dev.crosspatch.core.asm;

/// How operands are written. A source may change it with `.att_syntax` and `.intel_syntax noprefix`.
public enum Syntax {
  /// As the architecture's manual writes them; for x86-64 that is Intel's syntax.
  MANUAL,
  /// AT&T's for x86-64, as GNU as has it: source before destination, `%rax`, `$1`, `8(%rax,%rcx,4)`, and size suffixes.
  ATT
}
