package dev.crosspatch.isa.x86;

import dev.crosspatch.core.machine.RunResult.End;

/// Runs text to its HLT, for tests that load the instruction set by a class loader of their own.
final class X86ExampleRun {
  private X86ExampleRun() {}

  /// What is in RAX behind it.
  static long rax(String... hex) {
    X86Lab lab = new X86Lab(1, hex);
    End end = lab.run().end();
    if (end != End.DEADLOCK) {
      throw new IllegalStateException("the text ended with " + end);
    }
    return lab.core(0).r[X86Core.RAX];
  }
}
