package dev.crosspatch.core.uop;

/// Turns instructions into micro-ops. Implementations are stateless.
public interface UopDecoder {

  /// Name of the instruction set, for messages.
  String name();

  /// Most bytes one instruction can have.
  int maxLength();

  /// Decodes the instruction in `code[offset, offset + available)` into micro-ops. Bytes that are no instruction decode
  /// to the micro-op that raises the ISA's undefined-instruction fault, never to an exception in the host.
  ///
  /// @return the length in bytes, or -1 if more than `available` bytes are needed
  int decode(byte[] code, int offset, int available, UopBuffer out);
}
