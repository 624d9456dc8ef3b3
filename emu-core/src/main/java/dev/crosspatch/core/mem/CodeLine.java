package dev.crosspatch.core.mem;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.isa.Isa;
import dev.crosspatch.core.time.TimingTable;
import dev.crosspatch.core.uop.UopBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One version of one physical line as it was fetched: immutable bytes and the instructions decoded from them so far.
///
/// All cores that hold this version share the object; a core that still holds it after memory has changed executes the
/// old code. Instructions have slots, numbered in the order of decoding; [#slot] finds one by offset. The engine reads the
/// arrays directly.
///
/// An instruction that runs into the next line is decoded from two code lines. It becomes a small code line of its own,
/// kept here under the identity of the second line ([#joined]), so that old and new halves mix as they are fetched.
public final class CodeLine {
  /// In [#slot]: nothing decoded at this offset yet.
  public static final int UNKNOWN = -1;
  /// In [#slot]: the instruction needs bytes of the next line.
  public static final int STRADDLES = -2;
  /// Set in the word of an instruction's last micro-op (bit 63).
  public static final long LAST = 1L << 63;

  private static final int JOINS = 4;

  /// Physical line number.
  public final int line;
  /// Bytes of the line; for a joined line, followed by the first bytes of the second.
  public final byte[] bytes;
  /// Number of the change that made this version; grows over the machine's life.
  public final long born;
  /// Memory, as loads see it, has changed since these bytes were fetched.
  public boolean superseded;

  /// Slot of the instruction at each offset, or [#UNKNOWN] or [#STRADDLES].
  public final short[] slot = new short[PhysicalMemory.LINE];
  /// Micro-ops, two longs each, of all instructions.
  public long[] code = new long[32];
  /// By slot: index into [#code] of the first micro-op.
  public int[] first = new int[8];
  /// By slot: length and flow as in [RetireBatch#info].
  public int[] info = new int[8];
  /// By slot: cost in 1/16 cycles.
  public int[] cost = new int[8];

  private int slots;
  private int size;
  private final @Nullable CodeLine[] seconds = new @Nullable CodeLine[JOINS];
  private final @Nullable CodeLine[] joins = new @Nullable CodeLine[JOINS];
  private int nextJoin;

  CodeLine(int line, byte[] bytes, long born) {
    this.line = line;
    this.bytes = bytes;
    this.born = born;
    Arrays.fill(slot, (short) UNKNOWN);
  }

  /// What decoding needs of a machine.
  public record Decoder(Isa isa, TimingTable timing, UopBuffer buffer) {}

  /// Decodes the instruction at `offset` and returns its slot, or [#STRADDLES].
  public int decode(int offset, Decoder with) {
    UopBuffer out = with.buffer();
    out.clear();
    int length = with.isa().decode(bytes, offset, bytes.length - offset, out);
    int found = length < 0 ? STRADDLES : append(length, out, with.timing());
    slot[offset] = (short) found;
    return found;
  }

  /// The code line made of the instruction at `offset`, which straddles, and its rest in `second`.
  ///
  /// @throws IllegalStateException if the ISA wants more bytes than it says its instructions have
  public CodeLine joined(int offset, CodeLine second, Decoder with) {
    for (int i = 0; i < JOINS; i++) {
      CodeLine join = joins[i];
      if (seconds[i] == second && join != null && join.slot[offset] >= 0) {
        return join;
      }
    }
    byte[] both = Arrays.copyOf(bytes, bytes.length + with.isa().maxLength() - 1);
    System.arraycopy(second.bytes, 0, both, bytes.length, both.length - bytes.length);
    CodeLine join = new CodeLine(line, both, Math.max(born, second.born));
    if (join.decode(offset, with) < 0) {
      throw new IllegalStateException(
          with.isa().name() + " decoder wants more than " + with.isa().maxLength() + " bytes at line offset " + offset);
    }
    seconds[nextJoin] = second;
    joins[nextJoin] = join;
    nextJoin = (nextJoin + 1) % JOINS;
    return join;
  }

  private int append(int length, UopBuffer ops, TimingTable timing) {
    int longs = 2 * ops.count();
    if (longs == 0 || length == 0) {
      throw new IllegalStateException("an instruction decoded to " + ops.count() + " micro-ops and " + length + " bytes");
    }
    reserve(longs);
    ops.copyTo(code, size);
    code[size + longs - 2] |= LAST;
    first[slots] = size;
    info[slots] = length | ops.flow().ordinal() << RetireBatch.FLOW_SHIFT;
    cost[slots] = Math.max(1, timing.cost(ops.cost()));
    size += longs;
    return slots++;
  }

  private void reserve(int longs) {
    if (size + longs > code.length) {
      code = Arrays.copyOf(code, Math.max(2 * code.length, size + longs));
    }
    if (slots == first.length) {
      first = Arrays.copyOf(first, 2 * slots);
      info = Arrays.copyOf(info, 2 * slots);
      cost = Arrays.copyOf(cost, 2 * slots);
    }
  }
}
