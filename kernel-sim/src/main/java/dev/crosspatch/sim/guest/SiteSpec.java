package dev.crosspatch.sim.guest;

/// A site: an instruction that is another while its key is on.
///
/// @param key       number of its key, 0 and up
/// @param length    bytes: one of the lengths that its mechanism has
/// @param placement where its first byte stands
/// @param path      what runs it
public record SiteSpec(int key, int length, Placement placement, SitePath path) {

  /// A site of the work.
  public SiteSpec(int key, int length, Placement placement) {
    this(key, length, placement, SitePath.WORK);
  }

  /// The same of another key.
  public SiteSpec of(int other) {
    return new SiteSpec(other, length, placement, path);
  }

  /// Where a site's first byte stands: `address mod boundary == offset`.
  ///
  /// @param boundary a power of two, 1..4096
  /// @param offset   0..boundary - 1
  public record Placement(int boundary, int offset) {
    /// Wherever the code before it ends.
    public static final Placement ANY = new Placement(1, 0);

    /// Checks ranges.
    public Placement {
      if (boundary < 1 || boundary > 4096 || Integer.bitCount(boundary) != 1) {
        throw new IllegalArgumentException("boundary: " + boundary + " is not a power of two within 1..4096");
      }
      if (offset < 0 || offset >= boundary) {
        throw new IllegalArgumentException("offset: " + offset + " is not within 0.." + (boundary - 1));
      }
    }

    /// At `offset` 0..63 of a 64-byte line; straddles two lines if offset + length > 64.
    public static Placement line(int offset) {
      return new Placement(64, offset);
    }

    /// With its first `before` bytes (0..4095) at the end of a page and the rest on the next page.
    public static Placement page(int before) {
      if (before < 0 || before > 4095) {
        throw new IllegalArgumentException("bytes before the end of a page: " + before + " is not within 0..4095");
      }
      return new Placement(4096, (4096 - before) & 4095);
    }

    /// At `offset` of a 16-byte fetch window.
    public static Placement window16(int offset) {
      return new Placement(16, offset);
    }

    /// At `offset` of a 32-byte fetch window.
    public static Placement window32(int offset) {
      return new Placement(32, offset);
    }

    /// As a scenario says it: `any`, `line 61`, `page 3`; for people where a scenario has no words for it.
    public String label() {
      return switch (boundary) {
        case 1 -> "any";
        case 16, 32 -> "window" + boundary + " " + offset;
        case 64 -> "line " + offset;
        case 4096 -> "page " + (4096 - offset & 4095);
        default -> offset + " behind a multiple of " + boundary;
      };
    }

    /// Whether an instruction of `length` bytes here lies on both sides of a multiple of `size`.
    public boolean straddles(int size, int length) {
      return boundary >= size && offset % size + length > size;
    }
  }
}
