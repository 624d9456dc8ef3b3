package dev.crosspatch.asm;

import dev.crosspatch.core.code.Disassembler;
import org.jspecify.annotations.Nullable;

/// Capstone, and for what it does not know or takes for an access to a system register that there is not, the names of
/// [A64Names]. So what the assembler takes is disassembled under the name it has there.
final class A64Disassembler implements Disassembler {
  private final Disassembler capstone;

  A64Disassembler(Disassembler capstone) {
    this.capstone = capstone;
  }

  @Override
  public @Nullable Line disassemble(byte[] bytes, int offset, long address) {
    Line line = capstone.disassemble(bytes, offset, address);
    if (bytes.length - offset < 4 || (line != null && !isOlder(line))) {
      return line;
    }
    int word = (bytes[offset] & 0xff) | (bytes[offset + 1] & 0xff) << 8 | (bytes[offset + 2] & 0xff) << 16
        | bytes[offset + 3] << 24;
    String text = A64Names.find(word);
    if (text == null) {
      return line;
    }
    int blank = text.indexOf(' ');
    return blank < 0
        ? new Line(address, 4, text, "") : new Line(address, 4, text.substring(0, blank), text.substring(blank + 1));
  }

  /// Whether the word may have got a name since that version of Capstone.
  private static boolean isOlder(Line line) {
    return line.operands().contains("s0_") || line.mnemonic().equals("dsb");
  }
}
