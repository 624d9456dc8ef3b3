package dev.crosspatch.core.mem;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The version of every line that a refill of an instruction cache would get now.
///
/// Versions come into being when first fetched, and are replaced when the point of unification changes.
public final class CodeSpace {
  private final PhysicalMemory memory;
  private final @Nullable CodeLine[] current;
  private final Consumer<CodeLine> onChange;
  private long changes;

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
