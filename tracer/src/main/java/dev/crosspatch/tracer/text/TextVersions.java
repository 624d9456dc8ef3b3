package dev.crosspatch.tracer.text;

import java.util.List;

/// The versions of the instruction at one address, in the order in which they became valid. Where a poke's old bytes contradict
/// the text, two versions share a stretch of time: what the text held and what the log says it held.
public final class TextVersions {
  private final TextVersion[] versions;

  TextVersions(List<TextVersion> versions) {
    this.versions = versions.toArray(TextVersion[]::new);
  }

  /// Number of versions, at least 1.
  public int count() {
    return versions.length;
  }

  /// Version `index`; both its ends never decrease with the index.
  public TextVersion get(int index) {
    return versions[index];
  }

  /// Index of the first version valid at or after time `low`. Those valid in a window are this one and the following whose
  /// `from` is not after the window's end.
  public int first(long low) {
    int below = -1;
    int above = versions.length - 1;
    while (above - below > 1) {
      int middle = (below + above) >>> 1;
      if (versions[middle].to() < low) {
        below = middle;
      } else {
        above = middle;
      }
    }
    return above;
  }
}
