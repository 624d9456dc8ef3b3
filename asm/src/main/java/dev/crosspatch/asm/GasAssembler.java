package dev.crosspatch.asm;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.InstructionLength;
import dev.crosspatch.core.asm.Syntax;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import java.util.List;
import java.util.Map;

/// An assembler for any ISA that has a [Dialect]: statements, symbols, sections and layout are done here, instructions
/// by the dialect. (Keystone has neither sections nor relocations; [Encoder] tells how the two meet.)
///
/// It takes the directives of gas that [Directives] and [Expander] list, numbered local labels, and expressions with
/// the precedence of gas.
public final class GasAssembler implements Assembler {
  private final Dialect isa;
  private final Syntax syntax;
  private final InstructionLength decoder;

  /// @param isa     how its instructions are written
  /// @param syntax  of sources that do not say another one
  /// @param decoder reads the bytes of every statement back
  /// @throws IllegalArgumentException if the ISA has no such syntax
  public GasAssembler(Dialect isa, Syntax syntax, InstructionLength decoder) {
    if (syntax == Syntax.ATT && !isa.hasAttSyntax()) {
      throw new IllegalArgumentException(isa.name() + " has no AT&T syntax");
    }
    this.isa = isa;
    this.syntax = syntax;
    this.decoder = decoder;
  }

  @Override
  public Image assemble(String file, String source, Map<String, Long> layout, Map<String, Long> symbols) {
    isa.encoder().expectWork();
    SymbolTable table = new SymbolTable(symbols);
    Unit unit = new Unit(isa, layout, table, syntax);
    new Expander(unit).run(SourceReader.read(file, source, isa.hashComments()));
    Image image = new Layout(unit.sections(), table, isa.encoder()).run();
    ReadBack check = new ReadBack(isa, decoder);
    unit.sections().forEach(section -> check.run(section, image));
    return image;
  }

  @Override
  public byte[] assemble(long address, String source) {
    List<Section> sections = assemble("<input>", source, Map.of(".text", address), Map.of()).sections();
    return sections.isEmpty() ? new byte[0] : sections.getFirst().bytes();
  }
}
