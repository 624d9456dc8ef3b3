package dev.crosspatch.sim;

import dev.crosspatch.core.code.Disassembler;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.uop.UopBuffer;

/// Text of code as it stands in memory, every byte of it. What an instruction is and how long is the word of the ISA's
/// decoder, the one that runs and the one that decodes traces; the disassembler beside it has a say where the two
/// agree, and where an instruction is known by its length only ([Isa#text]).
///
/// Bytes that are no instruction are shown as objdump does: `(bad)` and on behind the first of them, or, where
/// instructions have their places, `.inst` and on at the next. What begins an instruction that is cut off is shown as
/// `.byte` up to the end.
public final class Listing implements Disassembler {
  private final Isa isa;
  private final Disassembler other;
  private final UopBuffer scratch = new UopBuffer();

  /// @throws BadInput if there is no disassembler for `isa`
  public Listing(Isa isa) {
    this.isa = isa;
    other = Plugins.assembler(isa.name()).disassembler(isa.name());
  }

  /// Never null; `offset` is in `code`.
  @Override
  public Line disassemble(byte[] code, int offset, long address) {
    int available = Math.min(isa.maxLength(), code.length - offset);
    Line line = isa.text(code, offset, available, address, Mode.CODE_64, other.disassemble(code, offset, address));
    if (line != null) {
      return line;
    }
    if (isa.decode(code, offset, available, Mode.CODE_64, scratch) < 0) {
      return Line.bytes(code, offset, available, address);
    }
    return isa.alignment() > 1 ? word(code, offset, address) : new Line(address, 1, "(bad)", "");
  }

  /// All bytes up to where the next instruction can stand, as one number.
  private Line word(byte[] code, int offset, long address) {
    StringBuilder digits = new StringBuilder();
    for (int i = isa.alignment() - 1; i >= 0; i--) {
      digits.append(String.format("%02x", code[offset + i]));
    }
    return new Line(address, isa.alignment(), ".inst", "0x" + digits + " ; undefined");
  }
}
