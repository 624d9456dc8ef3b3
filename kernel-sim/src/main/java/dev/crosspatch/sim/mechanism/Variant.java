package dev.crosspatch.sim.mechanism;

import dev.crosspatch.sim.fields.Fields;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A mechanism on one ISA.
///
/// @param sources its assembly text, in order
/// @param hooks   where the guest library calls it
/// @param align   every site's address is a multiple of it, a power of two
/// @param lengths lengths of a site in bytes, the usual one first
/// @param parts   what it has of the guest library besides what all kernels have, each behind what it needs
/// @param symbols what the laboratory has to find in the kernel
/// @param spans   functions of its own whose calls are measured
public record Variant(
    List<Source> sources, Set<Hook> hooks, int align, List<Integer> lengths, List<Part> parts,
    List<String> symbols, Map<Span, List<String>> spans) {

  /// The function of every mechanism that changes a key's state and its sites.
  public static final String FLIP = "mechanism_flip";

  /// An assembly source.
  ///
  /// @param name as messages name it
  /// @param text its lines
  public record Source(String name, String text) {}

  /// Reads the key `spans` of a library or manifest: by span, names of functions. Flips are calls of [#FLIP] only.
  public static Map<Span, List<String>> spans(Fields at) {
    Map<Span, List<String>> spans = new EnumMap<>(Span.class);
    for (Span span : List.of(Span.BATCH, Span.SYNC, Span.LOCK)) {
      List<String> functions = at.list(span.label());
      if (!functions.isEmpty()) {
        spans.put(span, functions);
      }
    }
    at.finish();
    return spans;
  }

  /// The usual length of a site.
  public int usualLength() {
    return lengths.getFirst();
  }

  /// All lengths for people: `2 or 5`.
  public String shownLengths() {
    return String.join(" or ", lengths.stream().sorted().map(String::valueOf).toList());
  }
}
