package dev.crosspatch.asm;

import java.util.List;

/// How one ISA's assembly is written and encoded: what the assembler's front end must know of it.
interface Dialect {
  /// `KS_ARCH_*`.
  int keystoneArch();

  /// `KS_MODE_*`.
  int keystoneMode();

  /// Whether `#` behind a blank starts a comment.
  boolean hashComments();

  /// Whether instructions may be written in AT&T syntax, too.
  boolean hasAttSyntax();

  /// Bytes of `.word`.
  int wordWidth();

  /// Whether the number behind `.align` is a power of two rather than a number of bytes.
  boolean alignsByPower();

  /// Instructions that do nothing, `size` bytes in all, for gaps in text.
  byte[] padding(int size);

  /// Reads an instruction, or a directive of this ISA only.
  ///
  /// @throws SyntaxError if it is none
  Fragment instruction(Statement statement, Unit unit);

  /// One text for Keystone out of several instructions, from whose bytes [#split] can tell them apart.
  String batch(List<String> texts);

  /// The bytes of each instruction of a [#batch] of `count`; a shorter list if one of them has none.
  List<byte[]> split(byte[] bytes, int count);

  /// Whether a byte can stand before the opcode of an instruction.
  default boolean isPrefix(byte b) {
    return false;
  }

  /// Whether a byte is an instruction that some statements have before another one.
  default boolean standsAlone(byte b) {
    return false;
  }
}
