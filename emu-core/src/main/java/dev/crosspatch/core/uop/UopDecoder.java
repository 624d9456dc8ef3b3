package dev.crosspatch.core.uop;

import dev.crosspatch.core.code.Mode;

/// Turns instructions into micro-ops. Implementations are stateless.
public interface UopDecoder {

  /// Name of the instruction set, for messages.
  String name();

  /// Most bytes one instruction can have.
  int maxLength();

  /// Decodes the instruction in `code[offset, offset + available)`, read in `mode`, into micro-ops. Bytes that are no
  /// instruction decode to the micro-op that raises the ISA's undefined-instruction fault, never to an exception in the
  /// host.
  ///
  /// @throws IllegalArgumentException if the instruction set has no such mode
  /// @return the length in bytes, or -1 if more than `available` bytes are needed
  int decode(byte[] code, int offset, int available, Mode mode, UopBuffer out);

  /// Says of an instruction that [#decode] has decoded what a model of a pipeline wants to know besides. An ISA that
  /// says nothing has instructions that cost by their class alone.
  ///
  /// @param ops its micro-ops
  default void profile(byte[] code, int offset, int available, Mode mode, UopBuffer ops, Profile out) {
    out.cost = ops.cost();
  }
}
