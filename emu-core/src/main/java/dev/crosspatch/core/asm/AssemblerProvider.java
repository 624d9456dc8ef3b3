package dev.crosspatch.core.asm;

import dev.crosspatch.core.code.Disassembler;

/// Service through which an assembler and a disassembler for an ISA are found.
public interface AssemblerProvider {

  /// Whether this provider serves the ISA with this [dev.crosspatch.core.machine.Isa#name()].
  boolean supports(String isa);

  /// A new assembler of sources in the syntax of the ISA's manual.
  default Assembler assembler(String isa) {
    return assembler(isa, Syntax.MANUAL);
  }

  /// A new assembler of sources in `syntax`.
  ///
  /// @throws IllegalArgumentException if the ISA has no such syntax
  Assembler assembler(String isa, Syntax syntax);

  /// A new assembler of sources in `syntax` that refuses each statement whose bytes `decoder` does not read as one
  /// instruction of just their length.
  ///
  /// @throws IllegalArgumentException if the ISA has no such syntax
  Assembler assembler(String isa, Syntax syntax, InstructionLength decoder);

  /// A new disassembler.
  Disassembler disassembler(String isa);
}
