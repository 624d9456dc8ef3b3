package dev.crosspatch.tracer.export;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A kernel's text and symbols in the three files that perf reads of a live kernel: beside a `data` file in the
/// `kcore_dir` of a perf.data directory, or named to it as `perf script --kallsyms DIR/kallsyms`.
///
/// | file | content |
/// |---|---|
/// | `kcore` | the text sections, as an ELF64 core file |
/// | `kallsyms` | the symbols |
/// | `modules` | empty: there are none |
public final class KernelFiles {
  private KernelFiles() {}

  /// Name and content of each file.
  ///
  /// @param image   text and symbols
  /// @param machine ELF machine number
  public static Map<String, byte[]> of(Image image, int machine) {
    byte[] symbols = Kallsyms.text(image).getBytes(StandardCharsets.UTF_8);
    return new TreeMap<>(Map.of("kcore", Kcore.bytes(text(image), machine), "kallsyms", symbols, "modules",
        new byte[0]));
  }

  /// The text sections that hold something.
  static List<Section> text(Image image) {
    return image.sections().stream().filter(s -> s.access() == Section.Access.TEXT && s.bytes().length > 0).toList();
  }
}
