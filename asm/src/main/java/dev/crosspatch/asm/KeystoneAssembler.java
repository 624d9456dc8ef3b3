package dev.crosspatch.asm;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.InstructionLength;
import dev.crosspatch.core.asm.Syntax;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import java.util.List;
import java.util.Map;

/// An assembler of ours around Keystone's instruction encoder: statements, symbols, sections and layout are done here,
/// since Keystone has neither sections nor relocations; see [Encoder] for how the two meet.
///
/// It takes the directives of gas that [Directives] and [Expander] list, numbered local labels, and expressions with
/// the precedence of gas.
final class KeystoneAssembler implements Assembler {
  private final Dialect isa;
  private final Encoder encoder;
  private final Syntax syntax;
  private final InstructionLength decoder;

  /// @param syntax  of sources that do not say another one
  /// @param decoder reads the bytes of every statement back
  KeystoneAssembler(Dialect isa, Encoder encoder, Syntax syntax, InstructionLength decoder) {
    this.isa = isa;
    this.encoder = encoder;
    this.syntax = syntax;
    this.decoder = decoder;
  }

  @Override
  public Image assemble(String file, String source, Map<String, Long> layout, Map<String, Long> symbols) {
    encoder.expectWork();
    SymbolTable table = new SymbolTable(symbols);
    Unit unit = new Unit(isa, encoder, layout, table, syntax);
    new Expander(unit).run(SourceReader.read(file, source, isa.hashComments()));
    Image image = new Layout(unit.sections(), table, encoder).run();
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
