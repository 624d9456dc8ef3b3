package dev.crosspatch.core.asm;

import dev.crosspatch.core.code.Image;
import java.util.Map;

/// Turns assembly text into bytes, for one ISA. Found with `ServiceLoader` through [AssemblerProvider].
/// Instances are not thread safe.
public interface Assembler {

  /// Assembles one unit with its own sections and labels.
  ///
  /// @param file    name used in error messages
  /// @param source  the text; `;` and newline separate statements, `//`, `#` (x86: at line start or after a blank) and
  ///                `/* */` start comments
  /// @param layout  start address of each section, by name (`.text`, `.data`, ...)
  /// @param symbols values of symbols the source uses but does not define
  /// @return sections in address order and every label as a symbol; labels starting with `.L` stay local
  /// @throws AssemblyException naming file, line and text of the first statement that cannot be assembled
  Image assemble(String file, String source, Map<String, Long> layout, Map<String, Long> symbols);

  /// Assembles a few statements at `address` and returns their bytes.
  ///
  /// @throws AssemblyException as above, with file name `<input>`
  byte[] assemble(long address, String source);
}
