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
/// old code. The engine reads [#code] directly.
///
/// An instruction that runs into the next line is decoded from two code lines. It becomes a small code line of its own,
/// kept here under the identity of the second line ([#joined]), so that old and new halves mix as they are fetched.
public final class CodeLine {
  /// A head: nothing decoded at this offset yet.
  public static final long UNKNOWN = -1;
  /// A head: the instruction needs bytes of the next line.
  public static final long STRADDLES = -2;
  /// Set in the word of an instruction's last micro-op (bit 63).
  public static final long LAST = 1L << 63;
  /// In the micro-op words here, bits 57:52 hold 64 minus the operand size in bits: what to shift by to cut a result to its width.
  public static final int CUT_SHIFT = 52;
  /// In a head, the index of the first micro-op and the cost in 1/16 cycles lie from these bits on; below them are length and flow, as in
  /// [RetireBatch#info].
  public static final int FIRST_SHIFT = 16;

  /// See [#FIRST_SHIFT].
  public static final int COST_SHIFT = 32;

  /// An index into [#code] whose link is [#UNKNOWN]: a taken branch goes on as if it had been the last micro-op there.
  public static final int ELSEWHERE = PhysicalMemory.LINE - 2;

  private static final int JOINS = 4;

  /// Physical line number.
  public final int line;
  /// Bytes of the line; for a joined line, followed by the first bytes of the second.
  public final byte[] bytes;
  /// Number of the change that made this version; grows over the machine's life.
  public final long born;
  /// Memory, as loads see it, has changed since these bytes were fetched.
  public boolean superseded;

  /// For each offset of the line the head of the instruction there, or [#UNKNOWN] or [#STRADDLES]; then instructions in the order
  /// of decoding: micro-ops, two longs each, and a link. The link is the head of the instruction behind if that was decoded
  /// next, so that its micro-ops follow the link, else [#UNKNOWN]; it saves the way through the head by offset.
  public long[] code = new long[2 * PhysicalMemory.LINE];

  private int size = PhysicalMemory.LINE + 1;
  /// Offset behind the instruction decoded last.
  private int behindLast = -1;
  private final @Nullable CodeLine[] seconds = new @Nullable CodeLine[JOINS];
  private final @Nullable CodeLine[] joins = new @Nullable CodeLine[JOINS];
  private int nextJoin;

  CodeLine(int line, byte[] bytes, long born) {
    this.line = line;
    this.bytes = bytes;
    this.born = born;
    Arrays.fill(code, 0, size, UNKNOWN);
  }

  /// What decoding needs of a machine.
  public record Decoder(Isa isa, TimingTable timing, UopBuffer buffer) {}

  /// Length of the decoded instruction at `offset`.
  public int length(int offset) {
    return (int) code[offset] & RetireBatch.LENGTH_MASK;
  }

  /// Decodes the instruction at `offset` and returns its head, [#STRADDLES] included.
  public long decode(int offset, Decoder with) {
    UopBuffer out = with.buffer();
    out.clear();
    int length = with.isa().decode(bytes, offset, bytes.length - offset, out);
    long head = length < 0 ? STRADDLES : append(offset, length, out, with.timing());
    code[offset] = head;
    return head;
  }

  /// The code line made of the instruction at `offset`, which straddles, and its rest in `second`.
  ///
  /// @throws IllegalStateException if the ISA wants more bytes than it says its instructions have
  public CodeLine joined(int offset, CodeLine second, Decoder with) {
    for (int i = 0; i < JOINS; i++) {
      CodeLine join = joins[i];
      if (seconds[i] == second && join != null && join.code[offset] >= 0) {
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

  /// Appends the micro-ops of an instruction; returns its head.
  private long append(int offset, int length, UopBuffer ops, TimingTable timing) {
    int first = size;
    if (ops.count() == 0 || length == 0) {
      throw new IllegalStateException("an instruction decoded to " + ops.count() + " micro-ops and " + length + " bytes");
    }
    size += 2 * ops.count() + 1;
    if (size > code.length) {
      code = Arrays.copyOf(code, Math.max(2 * code.length, size));
    }
    ops.copyTo(code, first);
    for (int i = first; i < size - 1; i += 2) {
      if (Uop.op(code[i]) >= Uop.JUMP && Uop.op(code[i]) <= Uop.JREG && i != size - 3) {
        throw new IllegalStateException("a branch is not the last micro-op of its instruction at line offset " + offset);
      }
      code[i] |= (long) (64 - (8 << Uop.width(code[i]))) << CUT_SHIFT;
    }
    code[size - 3] |= LAST;
    code[size - 1] = UNKNOWN;
    long head = length | ops.flow().ordinal() << RetireBatch.FLOW_SHIFT | first << FIRST_SHIFT
        | (long) Math.max(1, timing.cost(ops.cost())) << COST_SHIFT;
    if (offset == behindLast) {
      code[first - 1] = head;
    }
    behindLast = offset + length;
    return head;
  }
}
