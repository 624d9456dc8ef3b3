package dev.crosspatch.core.asm;

/// Service through which an assembler and a disassembler for an ISA are found.
public interface AssemblerProvider {

  /// Whether this provider serves the ISA with this [dev.crosspatch.core.isa.Isa#name()].
  boolean supports(String isa);

  /// A new assembler.
  Assembler assembler(String isa);

  /// A new disassembler.
  Disassembler disassembler(String isa);
}
