package dev.crosspatch.core.mem;

import dev.crosspatch.core.time.TimingTable;
import dev.crosspatch.core.uop.UopBuffer;
import dev.crosspatch.core.uop.UopDecoder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One version of one physical line as it was fetched: immutable bytes and the instructions decoded from them so far.
///
/// All cores that hold this version share the object; a core that still holds it after memory has changed executes the
/// old code. The engine reads [#instructions] directly.
///
/// An instruction that runs into the next line is decoded from two code lines. It becomes a small code line of its own,
/// kept here under the identity of the second line ([#joined]), so that old and new halves mix as they are fetched.
public final class CodeLine {
  /// No line of any memory.
  public static final CodeLine NONE = new CodeLine(-1, new byte[0], 0);

  private static final int JOINS = 4;

  /// Physical line number.
  public final int line;
  /// Bytes of the line; for a joined line, followed by the first bytes of the second.
  public final byte[] bytes;
  /// Number of the change that made this version; grows over the machine's life.
  public final long born;
  /// Memory, as loads see it, has changed since these bytes were fetched.
  public boolean superseded;
  /// Number under which a [dev.crosspatch.core.event.TextListener] knows it at virtual address [#numberedAt]; 0: none
  /// yet.
  public int number;
  public long numberedAt;

  /// The instruction at each offset of the line, [Instruction#STRADDLES], or null: nothing decoded there yet.
  public final @Nullable Instruction[] instructions = new @Nullable Instruction[PhysicalMemory.LINE];
  /// Cost of all that is decoded here: no stretch of it takes longer, but for what its micro-ops add.
  public long total;

  /// The instruction decoded last.
  private @Nullable Instruction last;
  private final @Nullable CodeLine[] seconds = new @Nullable CodeLine[JOINS];
  private final @Nullable CodeLine[] joins = new @Nullable CodeLine[JOINS];
  private int nextJoin;

  CodeLine(int line, byte[] bytes, long born) {
    this.line = line;
    this.bytes = bytes;
    this.born = born;
  }

  /// What decoding needs of a machine.
  public record Decoder(UopDecoder isa, TimingTable timing, UopBuffer buffer) {}

  /// Decodes the instruction at `offset`: [Instruction#STRADDLES] if it needs bytes of the next line.
  public Instruction decode(int offset, Decoder with) {
    UopBuffer out = with.buffer();
    out.clear();
    int length = with.isa().decode(bytes, offset, bytes.length - offset, out);
    Instruction made = Instruction.STRADDLES;
    if (length >= 0) {
      made = Instruction.of(offset, length, out, with.timing(), last);
      last = made;
      total += made.cost;
    }
    instructions[offset] = made;
    return made;
  }

  /// The code line made of the instruction at `offset`, which straddles, and its rest in `second`.
  ///
  /// @throws IllegalStateException if the ISA wants more bytes than it says its instructions have
  public CodeLine joined(int offset, CodeLine second, Decoder with) {
    for (int i = 0; i < JOINS; i++) {
      CodeLine join = joins[i];
      if (seconds[i] == second && join != null && join.instructions[offset] != null) {
        return join;
      }
    }
    byte[] both = Arrays.copyOf(bytes, bytes.length + with.isa().maxLength() - 1);
    System.arraycopy(second.bytes, 0, both, bytes.length, both.length - bytes.length);
    CodeLine join = new CodeLine(line, both, Math.max(born, second.born));
    if (join.decode(offset, with) == Instruction.STRADDLES) {
      throw new IllegalStateException(
          with.isa().name() + " decoder wants more than " + with.isa().maxLength() + " bytes at line offset " + offset);
    }
    seconds[nextJoin] = second;
    joins[nextJoin] = join;
    nextJoin = (nextJoin + 1) % JOINS;
    return join;
  }
}
