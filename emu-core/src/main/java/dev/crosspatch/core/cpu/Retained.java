package dev.crosspatch.core.cpu;

import dev.crosspatch.core.choice.Choice;
import dev.crosspatch.core.mem.CodeLine;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Versions of lines a core had fetched ahead when they changed or were invalidated, in the order in which that
/// happened.
///
/// An entry ends at its time, at a context synchronization, or when the core fetches something that rules it out: a
/// newer version of the line where fetch is monotonic; after an invalidation of the line, anything that was written
/// later. (Instructions fetched ahead are a stretch of program order: once the core gets something younger than the
/// invalidation, what follows is younger, too. AArch64 litmus MP.FF+cachesync+fpo.)
final class Retained {
  private static final long UNTIL_SYNC = Long.MAX_VALUE;
  private static final long NOT_INVALIDATED = Long.MAX_VALUE;
  /// Versions of one line an adversarial core keeps.
  private static final int DEPTH = 4;
  /// An adversarial core keeps a version up to so many times the usual window.
  private static final int STRETCH = 16;

  private final FetchPolicy policy;
  private final Core core;
  private @Nullable CodeLine[] version = new @Nullable CodeLine[8];
  private long[] until = new long[8];
  /// Change count when the line was invalidated.
  private long[] invalidated = new long[8];
  /// A newer version of the line has been fetched meanwhile.
  private boolean[] passed = new boolean[8];
  private int count;

  Retained(Core core, FetchPolicy policy) {
    this.core = core;
    this.policy = policy;
  }

  void clear() {
    Arrays.fill(version, 0, count, null);
    count = 0;
  }

  boolean holds(int line) {
    return versions(line) > 0;
  }

  /// Keeps a version until `time`, unless an older one of the line is kept already.
  void keepFor(CodeLine old, long time) {
    if (!holds(old.line)) {
      add(old, time);
    }
  }

  /// Keeps a version, or not, for a while or until a context synchronization, as the draw falls.
  void keepPerhaps(CodeLine old, long now) {
    int fate = core.choose(Choice.FETCHED_AHEAD, 3);
    if (fate == 0 || versions(old.line) >= DEPTH) {
      return;
    }
    add(old, fate == 1 ? now + 1 + core.choose(Choice.KEPT_FOR, STRETCH * Math.max(1, policy.window())) : UNTIL_SYNC);
  }

  private void add(CodeLine old, long time) {
    if (count == version.length) {
      version = Arrays.copyOf(version, 2 * count);
      until = Arrays.copyOf(until, 2 * count);
      invalidated = Arrays.copyOf(invalidated, 2 * count);
      passed = Arrays.copyOf(passed, 2 * count);
    }
    version[count] = old;
    until[count] = time;
    invalidated[count] = NOT_INVALIDATED;
    passed[count] = false;
    count++;
  }

  /// The kept version of `line` to execute at `now`, or null for what the instruction cache has.
  @Nullable CodeLine choose(int line, long now) {
    if (count == 0) {
      return null;
    }
    expire(now);
    int kept = versions(line);
    int pick = kept == 0 || policy.monotonic() || !policy.adversarial() ? 0 : core.choose(Choice.VERSION, kept + 1);
    for (int i = 0; i < count; i++) {
      CodeLine v = version[i];
      if (v != null && v.line == line && pick-- == 0) {
        pass(line, i);
        fetched(v);
        return v;
      }
    }
    pass(line, count);
    return null;
  }

  /// Everything older than entry `newest` of `line` has been passed.
  private void pass(int line, int newest) {
    for (int i = 0; i < newest; i++) {
      CodeLine v = version[i];
      if (v != null && v.line == line) {
        passed[i] = true;
      }
    }
  }

  /// The core got `fresh`; ends what that rules out.
  void fetched(CodeLine fresh) {
    for (int i = count - 1; i >= 0; i--) {
      if (invalidated[i] < fresh.born) {
        remove(i);
      }
    }
  }

  /// `line` was invalidated in all instruction caches after `changes` changes.
  void invalidated(int line, long changes) {
    for (int i = count - 1; i >= 0; i--) {
      CodeLine v = version[i];
      if (v != null && v.line == line) {
        invalidate(i, changes);
      }
    }
  }

  void invalidatedAll(long changes) {
    for (int i = count - 1; i >= 0; i--) {
      invalidate(i, changes);
    }
  }

  private void invalidate(int i, long changes) {
    if (passed[i]) {
      remove(i);
    } else {
      invalidated[i] = Math.min(invalidated[i], changes);
    }
  }

  /// Forgets all versions of `line`.
  void drop(int line) {
    for (int i = count - 1; i >= 0; i--) {
      CodeLine v = version[i];
      if (v != null && v.line == line) {
        remove(i);
      }
    }
  }

  private void expire(long now) {
    for (int i = count - 1; i >= 0; i--) {
      if (until[i] <= now) {
        remove(i);
      }
    }
  }

  private int versions(int line) {
    int n = 0;
    for (int i = 0; i < count; i++) {
      CodeLine v = version[i];
      n += v != null && v.line == line ? 1 : 0;
    }
    return n;
  }

  private void remove(int i) {
    int behind = --count - i;
    System.arraycopy(version, i + 1, version, i, behind);
    System.arraycopy(until, i + 1, until, i, behind);
    System.arraycopy(invalidated, i + 1, invalidated, i, behind);
    System.arraycopy(passed, i + 1, passed, i, behind);
    version[count] = null;
  }
}
