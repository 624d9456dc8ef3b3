package dev.crosspatch.tracer.text;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.code.InstructionSet;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Text with its history: the image's text sections, changed over time by the poke log. Mappings that come and go are
/// pokes with empty `before` or `after`.
///
/// Every poke is held against what the text held (its old bytes, and nothing where text appears); differences are
/// [#conflicts]. Threads may share a
/// timeline.
public final class TextTimeline {
  private final TextRegion[] regions;
  private final List<PokeConflict> conflicts = new ArrayList<>();

  /// @param pokes is read now; later additions do not count
  public TextTimeline(InstructionSet isa, Image image, PokeLog pokes) {
    List<Range> ranges = ranges(image, pokes);
    regions = new TextRegion[ranges.size()];
    for (int i = 0; i < regions.length; i++) {
      Range range = ranges.get(i);
      regions[i] = region(isa, image, range, pokes.losses());
      conflicts.addAll(regions[i].apply(within(range, pokes)));
    }
    conflicts.sort(Comparator.comparingLong(c -> c.poke().time()));
  }

  /// Addresses from `start` up to, not including, `end`.
  private record Range(long start, long end) {
    boolean contains(long address) {
      return Long.compareUnsigned(address - start, end - start) < 0;
    }
  }

  /// The text that touches, as one range each, in ascending order.
  private static List<Range> ranges(Image image, PokeLog pokes) {
    List<Range> all = new ArrayList<>();
    for (Section section : image.sections()) {
      if (section.access() == Section.Access.TEXT && section.bytes().length > 0) {
        all.add(new Range(section.address(), section.end()));
      }
    }
    for (Poke poke : pokes.pokes()) {
      int size = poke.size();
      if (size > 0) {
        all.add(new Range(poke.address(), poke.address() + size));
      }
    }
    all.sort((a, b) -> Long.compareUnsigned(a.start(), b.start()));
    return joined(all);
  }

  private static List<Range> joined(List<Range> sorted) {
    List<Range> result = new ArrayList<>();
    for (Range next : sorted) {
      Range last = result.isEmpty() ? null : result.getLast();
      if (last != null && Long.compareUnsigned(next.start(), last.end()) <= 0) {
        long end = Long.compareUnsigned(next.end(), last.end()) > 0 ? next.end() : last.end();
        result.set(result.size() - 1, new Range(last.start(), end));
      } else {
        result.add(next);
      }
    }
    return result;
  }

  private static TextRegion region(InstructionSet isa, Image image, Range range, List<Loss> losses) {
    byte[] bytes = new byte[Math.toIntExact(range.end() - range.start())];
    BitSet present = new BitSet();
    for (Section section : image.sections()) {
      if (section.access() == Section.Access.TEXT && range.contains(section.address())) {
        int at = (int) (section.address() - range.start());
        System.arraycopy(section.bytes(), 0, bytes, at, section.bytes().length);
        present.set(at, at + section.bytes().length);
      }
    }
    return new TextRegion(isa, Mode.CODE_64, range.start(), bytes, present, List.copyOf(losses));
  }

  private static List<TextRegion.NumberedPoke> within(Range range, PokeLog log) {
    List<TextRegion.NumberedPoke> result = new ArrayList<>();
    List<Poke> pokes = log.pokes();
    for (int i = 0; i < pokes.size(); i++) {
      if (range.contains(pokes.get(i).address())) {
        result.add(new TextRegion.NumberedPoke(i, pokes.get(i)));
      }
    }
    return result;
  }

  /// Pokes that contradict what the text held, in time order.
  public List<PokeConflict> conflicts() {
    return Collections.unmodifiableList(conflicts);
  }

  /// The region with `address`, read in `mode`, or null if there never is text there.
  ///
  /// @param mode one that the instruction set has
  public @Nullable TextRegion region(long address, Mode mode) {
    int low = 0;
    int high = regions.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      TextRegion region = regions[middle];
      if (region.contains(address)) {
        return region.in(mode);
      }
      if (Long.compareUnsigned(address, region.start()) < 0) {
        high = middle - 1;
      } else {
        low = middle + 1;
      }
    }
    return null;
  }

  /// The instruction at `address` if it is always the same, else null. Decoders that ask often keep the [TextRegion].
  public @Nullable Insn at(long address, Mode mode) {
    TextRegion region = region(address, mode);
    return region == null ? null : region.at(address);
  }

  /// Everything that ever stood at `address`, or null if there never is text there.
  public @Nullable TextVersions versions(long address, Mode mode) {
    TextRegion region = region(address, mode);
    return region == null ? null : region.versions(address);
  }

  /// What stood at `address` at some time in the window, both ends included, in the order in which it became valid.
  /// Nothing if there never was text.
  public List<TextVersion> candidates(long address, Mode mode, long low, long high) {
    TextRegion region = region(address, mode);
    return region == null ? List.of() : region.versions(address).in(low, high, -1);
  }
}
