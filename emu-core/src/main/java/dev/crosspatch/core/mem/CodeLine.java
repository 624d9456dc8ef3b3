package dev.crosspatch.core.mem;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.isa.Isa;
import dev.crosspatch.core.time.TimingTable;
import dev.crosspatch.core.uop.Uop;
import dev.crosspatch.core.uop.UopBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One version of one physical line as it was fetched: immutable bytes and the instructions decoded from them so far.
///
/// All cores that hold this version share the object; a core that still holds it after memory has changed executes the
/// old code. [#slot] tells where in [#code] the instruction at an offset of the line lies. The engine reads both directly.
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
  /// In the micro-op words here, bits 57:52 hold 64 minus the operand size in bits: what to shift by to cut a result to its width.
  public static final int CUT_SHIFT = 52;
  /// In an instruction's head, the cost lies from this bit on.
  public static final int COST_SHIFT = 32;

  private static final int JOINS = 4;

  /// Physical line number.
  public final int line;
  /// Bytes of the line; for a joined line, followed by the first bytes of the second.
  public final byte[] bytes;
  /// Number of the change that made this version; grows over the machine's life.
  public final long born;
  /// Memory, as loads see it, has changed since these bytes were fetched.
  public boolean superseded;

  /// Index into [#code] of the head of the instruction at each offset, or [#UNKNOWN] or [#STRADDLES].
  public final short[] slot = new short[PhysicalMemory.LINE];
  /// Instructions in the order of decoding: a head (length and flow as in [RetireBatch#info], cost in 1/16 cycles from bit
  /// [#COST_SHIFT] on), then the micro-ops, two longs each.
  public long[] code = new long[32];

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

  /// Length of the decoded instruction at `offset`.
  public int length(int offset) {
    return (int) code[slot[offset]] & RetireBatch.LENGTH_MASK;
  }

  /// Decodes the instruction at `offset` and returns its entry in [#slot], [#STRADDLES] included.
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
    int head = size;
    size += 1 + longs;
    if (size > code.length) {
      code = Arrays.copyOf(code, Math.max(2 * code.length, size));
    }
    code[head] = length | ops.flow().ordinal() << RetireBatch.FLOW_SHIFT
        | (long) Math.max(1, timing.cost(ops.cost())) << COST_SHIFT;
    ops.copyTo(code, head + 1);
    for (int i = head + 1; i < size; i += 2) {
      code[i] |= (long) (64 - (8 << Uop.width(code[i]))) << CUT_SHIFT;
    }
    code[size - 2] |= LAST;
    return head;
  }
}
