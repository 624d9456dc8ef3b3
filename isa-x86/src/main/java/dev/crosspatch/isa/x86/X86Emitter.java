package dev.crosspatch.isa.x86;

/// What an instruction does: appends its micro-ops. One short method per mnemonic; [X86Semantics] names them.
interface X86Emitter {
  void emit(X86Builder b);
}
