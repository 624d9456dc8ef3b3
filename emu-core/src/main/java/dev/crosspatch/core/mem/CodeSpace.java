package dev.crosspatch.core.mem;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The version of every line that a refill of an instruction cache would get now.
///
/// Versions come into being when first fetched, and are replaced when the point of unification changes.
public final class CodeSpace {
  /// Mixtures of versions that are known of one line.
  private static final int MIXTURES = 16;

  private final PhysicalMemory memory;
  private final @Nullable CodeLine[] current;
  private final Consumer<CodeLine> onChange;
  private long changes;
  /// By line, what was fetched of it in parts of different versions, the latest last.
  private final Map<Integer, List<CodeLine>> mixtures = new HashMap<>();

  /// @param onChange hears the old version of a line that changed at the point of unification
  public CodeSpace(PhysicalMemory memory, Consumer<CodeLine> onChange) {
    this.memory = memory;
    this.onChange = onChange;
    current = new @Nullable CodeLine[memory.lines()];
  }

  /// The present version of `line` at the point of unification.
  public CodeLine current(int line) {
    CodeLine version = current[line];
    if (version == null) {
      int at = line << PhysicalMemory.LINE_SHIFT;
      byte[] bytes = Arrays.copyOfRange(memory.unification(), at, at + PhysicalMemory.LINE);
      version = new CodeLine(line, bytes, changes);
      version.superseded = !sameAs(version, memory.data());
      current[line] = version;
      memory.mark(line, PhysicalMemory.HAS_CODE);
    }
    return version;
  }

  /// Takes notice that data of `line` changed: the present version is superseded unless its bytes came back. Returns
  /// whether it became so now.
  public boolean stored(int line) {
    CodeLine version = current[line];
    if (version == null) {
      return false;
    }
    boolean before = version.superseded;
    version.superseded = !sameAs(version, memory.data());
    return version.superseded && !before;
  }

  /// Takes notice that `line` changed at the point of unification.
  public void changed(int line) {
    CodeLine old = current[line];
    if (old == null || sameAs(old, memory.unification())) {
      return;
    }
    changes++;
    old.superseded = true;
    current[line] = null;
    onChange.accept(old);
  }

  /// The bytes, a bit each, of which a refill would get others than `version` has.
  public long changed(CodeLine version) {
    byte[] now = memory.unification();
    int at = version.line << PhysicalMemory.LINE_SHIFT;
    long differ = 0;
    for (int i = 0; i < PhysicalMemory.LINE; i++) {
      differ |= version.bytes[i] == now[at + i] ? 0 : 1L << i;
    }
    return differ;
  }

  /// The version of `line` that is these bytes, parts of several versions: a core has fetched it in parts. All cores
  /// that have come by the same share it.
  public CodeLine mixed(int line, byte[] bytes) {
    List<CodeLine> known = mixtures.computeIfAbsent(line, l -> new ArrayList<>());
    for (CodeLine version : known) {
      if (Arrays.equals(version.bytes, bytes)) {
        return version;
      }
    }
    if (known.size() == MIXTURES) {
      known.removeFirst();
    }
    CodeLine made = new CodeLine(line, bytes, ++changes);
    made.superseded = true;
    known.add(made);
    return made;
  }

  /// Forgets `line` because a loader wrote it. Returns whether it had been fetched.
  public boolean forget(int line) {
    boolean known = current[line] != null;
    current[line] = null;
    changes++;
    return known || (memory.flags(line) & PhysicalMemory.HAS_CODE) != 0;
  }

  /// Number of changes so far; a version born later has a larger [CodeLine#born].
  public long changes() {
    return changes;
  }

  private static boolean sameAs(CodeLine version, byte[] bytes) {
    int at = version.line << PhysicalMemory.LINE_SHIFT;
    return Arrays.equals(version.bytes, 0, PhysicalMemory.LINE, bytes, at, at + PhysicalMemory.LINE);
  }
}
