package dev.crosspatch.asm;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.AssemblyException;
import dev.crosspatch.core.image.Image;
import dev.crosspatch.core.image.Section;
import java.util.List;
import java.util.Map;

/// Assembles with Keystone, one section at a time.
final class KeystoneAssembler implements Assembler {
  private final Keystone keystone;

  KeystoneAssembler(Keystone keystone) {
    this.keystone = keystone;
  }

  @Override
  public Image assemble(String file, String source, Map<String, Long> layout, Map<String, Long> symbols) {
    if (layout.size() != 1) {
      throw new IllegalArgumentException("exactly one section is possible, not " + layout.keySet());
    }
    StringBuilder text = new StringBuilder();
    symbols.forEach((name, value) -> text.append(".set ").append(name).append(", ").append(value).append('\n'));
    String section = layout.keySet().iterator().next();
    long address = layout.values().iterator().next();
    byte[] bytes = encode(file, text.append(source).toString(), address);
    return new Image(List.of(new Section(section, address, bytes, Section.Access.TEXT)), List.of());
  }

  @Override
  public byte[] assemble(long address, String source) {
    return encode("<input>", source, address);
  }

  private byte[] encode(String file, String source, long address) {
    String text = source.replaceAll("//[^\n]*", "").replaceAll("(?s)/\\*.*?\\*/", "");
    Keystone.Result result = keystone.assemble(text, address);
    if (result.error() != 0 || result.bytes().length == 0) {
      throw new AssemblyException(file, result.count() + 1, keystone.message(result.error()), source);
    }
    return result.bytes();
  }
}
