package dev.crosspatch.asm;

/// How one ISA's assembly is written and encoded: all that an assembler of ours ([GasAssembler]) must know of it. A
/// module that brings an ISA brings one of these and offers the assembler as a
/// [dev.crosspatch.core.asm.AssemblerProvider]; statements, symbols, sections, macros and data are here already.
public interface Dialect {
  /// Name of the ISA, for messages.
  String name();

  /// Reads an instruction, or a directive of this ISA only. Operands are taken apart by [Statement#mnemonic] and
  /// [Statement#operands], numbers and addresses in them read by [Unit#expression]; what cannot be encoded before
  /// addresses are known is a fragment that encodes itself when they are ([Fragment.Fixed] does for most).
  ///
  /// @throws SyntaxError if it is none
  Fragment instruction(Statement statement, Unit unit);

  /// Instructions that do nothing, `size` bytes in all, for gaps in text.
  byte[] padding(int size);

  /// Bytes of `.word`.
  int wordWidth();

  /// Whether the number behind `.align` is a power of two rather than a number of bytes.
  default boolean alignsByPower() {
    return false;
  }

  /// Whether `#` behind a blank starts a comment.
  default boolean hashComments() {
    return false;
  }

  /// Whether instructions may be written in AT&T syntax, too.
  default boolean hasAttSyntax() {
    return false;
  }

  /// Encodes the texts of fragments that have some ([Fragment#textForSize]).
  default Encoder encoder() {
    return Encoder.NONE;
  }

  /// Whether a byte can stand before the opcode of an instruction.
  default boolean isPrefix(byte b) {
    return false;
  }

  /// Whether a byte is an instruction that some statements have before another one.
  default boolean standsAlone(byte b) {
    return false;
  }
}
