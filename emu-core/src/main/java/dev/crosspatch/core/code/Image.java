package dev.crosspatch.core.code;

import java.util.List;
import java.util.Optional;

/// A program at rest: what an assembler produces and a loader or a trace decoder starts from.
///
/// @param sections in ascending address order, not overlapping
/// @param symbols  in ascending address order
public record Image(List<Section> sections, List<Symbol> symbols) {

  /// Copies both lists.
  public Image {
    sections = List.copyOf(sections);
    symbols = List.copyOf(symbols);
  }

  /// The address of `name`.
  ///
  /// @throws IllegalArgumentException naming the symbol if there is none
  public long address(String name) {
    return find(name)
        .orElseThrow(() -> new IllegalArgumentException("no symbol '" + name + "' in the image"))
        .address();
  }

  /// The symbol called `name`, if any.
  public Optional<Symbol> find(String name) {
    return symbols.stream().filter(s -> s.name().equals(name)).findFirst();
  }

  /// The section called `name`, if any.
  public Optional<Section> section(String name) {
    return sections.stream().filter(s -> s.name().equals(name)).findFirst();
  }
}
