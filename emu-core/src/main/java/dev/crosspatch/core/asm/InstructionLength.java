package dev.crosspatch.core.asm;

/// What a decoder says of bytes, for an assembler to ask whether they are read as they were meant.
@FunctionalInterface
public interface InstructionLength {
  /// Length in bytes of the instruction in `code[offset, offset + available)`; 0 if the bytes are none that can be
  /// executed, or more of them are needed.
  int of(byte[] code, int offset, int available);
}
