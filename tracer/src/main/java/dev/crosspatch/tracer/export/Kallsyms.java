package dev.crosspatch.tracer.export;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.Symbol;
import java.util.Comparator;

/// Symbols in the form of `/proc/kallsyms`: address, type as nm has it, name; a line each, in the order of addresses.
final class Kallsyms {
  private Kallsyms() {}

  /// The text of the file.
  static String text(Image image) {
    StringBuilder out = new StringBuilder();
    image.symbols().stream().sorted(Comparator.comparing(Symbol::address, Long::compareUnsigned))
        .forEach(s -> out.append("%016x %c %s\n".formatted(s.address(), type(image, s.address()), s.name())));
    return out.toString();
  }

  private static char type(Image image, long address) {
    for (Section section : image.sections()) {
      // A symbol may stand at the end of its section, as _etext does.
      if (section.contains(address) || section.end() == address) {
        return switch (section.access()) {
          case TEXT -> 'T';
          case RODATA -> 'R';
          case DATA -> 'D';
        };
      }
    }
    return 'A';
  }
}
