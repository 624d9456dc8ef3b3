package dev.crosspatch.core.code;

/// Turns bytes into text, for one ISA. Instances are not thread safe.
public interface Disassembler {

  /// One disassembled instruction.
  ///
  /// @param address  where it stands
  /// @param length   bytes, 1..15
  /// @param mnemonic lower case, e.g. `jmp`
  /// @param operands as the ISA's usual syntax writes them (x86: Intel), possibly empty
  record Line(long address, int length, String mnemonic, String operands) {
    /// Mnemonic and operands with one blank between.
    public String text() {
      return operands.isEmpty() ? mnemonic : mnemonic + " " + operands;
    }

    /// `length` bytes as a directive, for what has no better text.
    public static Line bytes(byte[] code, int offset, int length, long address) {
      StringBuilder operands = new StringBuilder();
      for (int i = 0; i < length; i++) {
        operands.append(i == 0 ? "" : ", ").append(String.format("0x%02x", code[offset + i]));
      }
      return new Line(address, length, ".byte", operands.toString());
    }
  }

  /// The instruction at `offset` of `code`, which stands at `address`, or null if the bytes are none.
  @org.jspecify.annotations.Nullable Line disassemble(byte[] code, int offset, long address);
}
