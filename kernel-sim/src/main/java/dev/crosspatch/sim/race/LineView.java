package dev.crosspatch.sim.race;

import dev.crosspatch.core.mem.PhysicalMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What one CPU may fetch of a line.
///
/// @param stamp  when it was made
/// @param newest what memory holds
/// @param open   a bit for each byte of which it may also fetch something older
/// @param older  by unit: all that may be fetched there, the oldest first, each once; null: what memory holds
record LineView(long stamp, byte[] newest, long open, @Nullable List<byte[]>[] older) {

  /// @param base   the line before all writes
  /// @param unit   bytes that are fetched in one
  /// @param seen   whether what was there before a write is not fetched any more
  static LineView of(byte[] base, List<TextWrite> writes, int unit, Predicate<TextWrite> seen, long stamp) {
    byte[] line = base.clone();
    @SuppressWarnings({"unchecked", "rawtypes"})
    @Nullable List<byte[]>[] older = new List[PhysicalMemory.LINE / unit];
    for (TextWrite w : writes) {
      boolean known = seen.test(w);
      int first = w.offset / unit;
      int last = (w.offset + w.after.length - 1) / unit;
      for (int i = first; !known && i <= last; i++) {
        if (older[i] == null) {
          older[i] = new ArrayList<>(List.of(Arrays.copyOfRange(line, i * unit, (i + 1) * unit)));
        }
      }
      w.apply(line);
      for (int i = first; i <= last; i++) {
        add(older, i, known, Arrays.copyOfRange(line, i * unit, (i + 1) * unit));
      }
    }
    long open = 0;
    for (int i = 0; i < older.length; i++) {
      List<byte[]> all = older[i];
      if (all != null && all.size() < 2) {
        older[i] = null;
      } else if (all != null) {
        open |= StoredLine.bits(i * unit, (i + 1) * unit);
      }
    }
    return new LineView(stamp, line, open, older);
  }

  private static void add(@Nullable List<byte[]>[] older, int i, boolean known, byte[] now) {
    List<byte[]> all = older[i];
    if (all != null) {
      if (known) {
        older[i] = null;
      } else {
        all.removeIf(v -> Arrays.equals(v, now));
        all.add(now);
      }
    }
  }

  /// What may be fetched of the unit at an offset, the oldest first.
  List<byte[]> versions(int offset, int unit) {
    List<byte[]> all = older[offset / unit];
    return all != null ? all : List.of(Arrays.copyOfRange(newest, offset, offset + unit));
  }
}
