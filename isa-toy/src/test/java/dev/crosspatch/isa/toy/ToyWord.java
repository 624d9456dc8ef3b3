package dev.crosspatch.isa.toy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// An instruction of the toy: eight bytes, little-endian, at an address that is a multiple of eight.
///
/// ```
/// byte 0    1   2   3   4..7
/// opcode    d   a   b   imm, signed
/// ```
///
/// @param opcode which instruction
/// @param d      register that is written, 0..31
/// @param a      first register that is read
/// @param b      second register that is read
/// @param imm    number; of a direct branch the distance from its own address
record ToyWord(int opcode, int d, int a, int b, int imm) {
  /// Bytes of every instruction.
  static final int LENGTH = 8;
  static final int REGISTERS = 32;

  /// Reads one.
  static ToyWord read(byte[] code, int offset) {
    int imm = ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN).getInt(offset + 4);
    return new ToyWord(code[offset] & 0xff, code[offset + 1] & 0xff, code[offset + 2] & 0xff, code[offset + 3] & 0xff,
        imm);
  }

  byte[] bytes() {
    return ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN).put((byte) opcode).put((byte) d).put((byte) a)
        .put((byte) b).putInt(imm).array();
  }
}
