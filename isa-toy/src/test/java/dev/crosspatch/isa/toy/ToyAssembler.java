package dev.crosspatch.isa.toy;

import dev.crosspatch.asm.GasAssembler;
import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.AssemblerProvider;
import dev.crosspatch.core.asm.InstructionLength;
import dev.crosspatch.core.asm.Syntax;
import dev.crosspatch.core.code.Disassembler;

/// Offers assembler and disassembler of the toy.
public final class ToyAssembler implements AssemblerProvider {
  @Override
  public boolean supports(String isa) {
    return isa.equals("toy");
  }

  @Override
  public Assembler assembler(String isa, Syntax syntax) {
    return assembler(isa, syntax, (code, offset, available) -> available);
  }

  @Override
  public Assembler assembler(String isa, Syntax syntax, InstructionLength decoder) {
    return new GasAssembler(new ToyDialect(), syntax, decoder);
  }

  @Override
  public Disassembler disassembler(String isa) {
    return (code, offset, address) -> {
      if (code.length - offset < ToyWord.LENGTH) {
        return null;
      }
      ToyWord word = ToyWord.read(code, offset);
      ToyRow row = ToyRow.of(word);
      return row == null ? null
          : new Disassembler.Line(address, ToyWord.LENGTH, row.mnemonic(), ToyDialect.text(row, word, address));
    };
  }
}
