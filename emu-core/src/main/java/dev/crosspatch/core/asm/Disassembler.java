package dev.crosspatch.core.asm;

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
  }

  /// The instruction at `offset` of `code`, which stands at `address`, or null if the bytes are none.
  @org.jspecify.annotations.Nullable Line disassemble(byte[] code, int offset, long address);
}
