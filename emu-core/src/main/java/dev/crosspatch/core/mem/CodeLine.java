package dev.crosspatch.core.mem;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.state.Snapshot;
import org.jspecify.annotations.Nullable;

/// One version of one physical line as it was fetched: immutable bytes and the instructions decoded from them so far,
/// by execution mode.
///
/// All cores that hold this version share the object; a core that still holds it after memory has changed executes the
/// old code.
public final class CodeLine implements Snapshot.ByIdentity {
  /// No line of any memory.
  public static final CodeLine NONE = new CodeLine(-1, new byte[0], 0);

  /// Physical line number.
  public final int line;
  /// Bytes of the line; for a joined line, followed by the first bytes of the second.
  public final byte[] bytes;
  /// Number of the change that made this version; grows over the machine's life.
  public final long born;
  /// Memory, as loads see it, has changed since these bytes were fetched.
  public boolean superseded;

  private final transient @Nullable DecodedLine[] decoded = new @Nullable DecodedLine[Mode.COUNT];

  CodeLine(int line, byte[] bytes, long born) {
    this.line = line;
    this.bytes = bytes;
    this.born = born;
  }

  /// What is decoded of the line in a mode, so far perhaps nothing.
  public DecodedLine in(Mode mode) {
    DecodedLine known = decoded(mode);
    if (known == null) {
      known = new DecodedLine(this, mode);
      decoded[mode.ordinal()] = known;
    }
    return known;
  }

  /// What is decoded of the line in a mode, or null if it was never entered in it.
  public @Nullable DecodedLine decoded(Mode mode) {
    return decoded[mode.ordinal()];
  }
}
