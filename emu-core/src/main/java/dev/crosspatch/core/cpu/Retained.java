package dev.crosspatch.core.cpu;

import dev.crosspatch.core.choice.Choice;
import dev.crosspatch.core.mem.CodeLine;
import dev.crosspatch.core.mem.CodeSpace;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Versions of lines a core had fetched ahead when they changed or were invalidated, in the order in which that
/// happened.
///
/// An entry ends at its time, at a context synchronization, or when the core fetches something that rules it out: a
/// newer version of the line where fetch is monotonic; after an invalidation of the line, anything that was written
/// later. (Instructions fetched ahead are a stretch of program order: once the core gets something younger than the
/// invalidation, what follows is younger, too. AArch64 litmus MP.FF+cachesync+fpo.)
///
/// A core that fetches less than a line at a time ([FetchPolicy.Unit]) keeps, or does not keep, each part of a line on
/// its own: an entry is of a *part*, a bit for each of its bytes.
final class Retained {
  private static final long UNTIL_SYNC = Long.MAX_VALUE;
  private static final long NOT_INVALIDATED = Long.MAX_VALUE;
  /// Versions of one line an adversarial core keeps.
  private static final int DEPTH = 4;
  /// An adversarial core keeps a version up to so many times the usual window.
  private static final int STRETCH = 16;

  private final FetchPolicy policy;
  private final FetchPolicy.Unit unit;
  private final Core core;
  private final CodeSpace code;
  private @Nullable CodeLine[] version = new @Nullable CodeLine[8];
  private long[] part = new long[8];
  private long[] until = new long[8];
  /// Change count when the line was invalidated.
  private long[] invalidated = new long[8];
  /// A newer version of the line has been fetched meanwhile.
  private boolean[] passed = new boolean[8];
  private int count;
  /// How long lines are kept that change together with those that are kept now.
  private int delay;

  Retained(Core core, FetchPolicy policy, CodeSpace code) {
    this.core = core;
    this.policy = policy;
    this.code = code;
    unit = policy.unit();
  }

  void clear() {
    Arrays.fill(version, 0, count, null);
    count = 0;
  }

  boolean holds(int line) {
    return versions(line, -1) > 0;
  }

  /// Keeps what has changed of a version for a while, but where an older one is kept already.
  ///
  /// @param now   when it changed
  /// @param whole as [FetchPolicy.Unit#first] wants it
  void keepFor(CodeLine old, long now, boolean whole) {
    for (long left = changed(old), next; left != 0; left &= ~next) {
      next = unit.first(left, whole);
      keepFor(old, next, now);
    }
  }

  private void keepFor(CodeLine old, long bytes, long now) {
    long time = now + (policy.visibility().isJoint() ? jointly(now) : window(Choice.PIPELINE, 0));
    if (unit.isSplitByStores()) {
      add(old, bytes, Math.max(time, hiddenUntil(old.line, bytes)));
    } else if (versions(old.line, bytes) == 0) {
      add(old, bytes, time);
    }
  }

  /// For how long a line is kept that changes at `now`: as long as those that changed just before, but for the skew.
  private int jointly(long now) {
    expire(now);
    if (count == 0) {
      delay = policy.visibility().least() + window(Choice.PIPELINE, policy.visibility().least());
    }
    return delay + core.choose(Choice.LINE_SKEW, Math.max(1, policy.visibility().skew()));
  }

  private int window(Choice what, int least) {
    return core.choose(what, Math.max(1, policy.visibility().most() - least));
  }

  /// Keeps each part of a version that has changed, or not, for a while or until a context synchronization, as the draw
  /// falls.
  void keepPerhaps(CodeLine old, long now, boolean whole) {
    for (long left = changed(old), next; left != 0; left &= ~next) {
      next = unit.first(left, whole);
      keepPerhaps(old, next, now);
    }
  }

  private void keepPerhaps(CodeLine old, long bytes, long now) {
    int fate = core.choose(Choice.FETCHED_AHEAD, 3);
    long hidden = unit.isSplitByStores() ? hiddenUntil(old.line, bytes) : now;
    boolean full = versions(old.line, bytes) >= DEPTH;
    if (full && unit.isSplitByStores()) {
      drop(old.line); // what a store changed is seen whole or not at all: now all of it is
    }
    if ((fate == 0 && hidden <= now) || full) {
      return;
    }
    long kept = switch (fate) {
      case 0 -> now;
      case 1 -> now + 1 + core.choose(Choice.KEPT_FOR, STRETCH * Math.max(1, policy.visibility().most()));
      default -> UNTIL_SYNC;
    };
    add(old, bytes, Math.max(kept, hidden));
  }

  /// A store is not seen as long as an earlier one to one of its bytes is not.
  private long hiddenUntil(int line, long bytes) {
    long hidden = Long.MIN_VALUE;
    for (int i = 0; i < count; i++) {
      if (isOf(i, line, bytes)) {
        hidden = Math.max(hidden, until[i]);
      }
    }
    return hidden;
  }

  /// The bytes of a line that fetch gets otherwise now, a bit each: all, if lines are fetched whole.
  private long changed(CodeLine old) {
    return unit.isLine() ? -1 : code.changed(old);
  }

  private void add(CodeLine old, long bytes, long time) {
    if (count == version.length) {
      version = Arrays.copyOf(version, 2 * count);
      part = Arrays.copyOf(part, 2 * count);
      until = Arrays.copyOf(until, 2 * count);
      invalidated = Arrays.copyOf(invalidated, 2 * count);
      passed = Arrays.copyOf(passed, 2 * count);
    }
    version[count] = old;
    part[count] = bytes;
    until[count] = time;
    invalidated[count] = NOT_INVALIDATED;
    passed[count] = false;
    count++;
  }

  /// The kept version to execute at `now` of what is fetched together with the byte at an offset of `line`, or null for
  /// what the instruction cache has.
  @Nullable CodeLine choose(int line, int offset, long now) {
    if (count == 0) {
      return null;
    }
    expire(now);
    long bytes = 1L << offset;
    int kept = versions(line, bytes);
    int pick = kept == 0 || policy.monotonic() || !policy.adversarial() ? 0 : core.choose(Choice.VERSION, kept + 1);
    for (int i = 0; i < count; i++) {
      CodeLine v = version[i];
      if (v != null && isOf(i, line, bytes) && pick-- == 0) {
        pass(line, bytes, i);
        fetched(v);
        return v;
      }
    }
    pass(line, bytes, count);
    return null;
  }

  /// What the core executes at `now` of a line of which its instruction cache has `fresh`: of each byte the oldest that
  /// is kept.
  CodeLine mix(CodeLine fresh, long now) {
    expire(now);
    byte[] mixed = fresh.bytes.clone();
    long done = 0;
    for (int i = 0; i < count; i++) {
      CodeLine v = version[i];
      if (v != null && v.line == fresh.line) {
        for (long left = part[i] & ~done; left != 0; left &= left - 1) {
          int at = Long.numberOfTrailingZeros(left);
          mixed[at] = v.bytes[at];
        }
        done |= part[i];
      }
    }
    return Arrays.equals(mixed, fresh.bytes) ? fresh : code.mixed(fresh.line, mixed);
  }

  /// Everything older than entry `newest` of these bytes has been passed.
  private void pass(int line, long bytes, int newest) {
    for (int i = 0; i < newest; i++) {
      if (isOf(i, line, bytes)) {
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

  private int versions(int line, long bytes) {
    int n = 0;
    for (int i = 0; i < count; i++) {
      n += isOf(i, line, bytes) ? 1 : 0;
    }
    return n;
  }

  private boolean isOf(int i, int line, long bytes) {
    CodeLine v = version[i];
    return v != null && v.line == line && (part[i] & bytes) != 0;
  }

  private void remove(int i) {
    int behind = --count - i;
    System.arraycopy(version, i + 1, version, i, behind);
    System.arraycopy(part, i + 1, part, i, behind);
    System.arraycopy(until, i + 1, until, i, behind);
    System.arraycopy(invalidated, i + 1, invalidated, i, behind);
    System.arraycopy(passed, i + 1, passed, i, behind);
    version[count] = null;
  }
}
