package dev.crosspatch.core.mem;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.time.TimingModel;
import dev.crosspatch.core.uop.UopBuffer;
import dev.crosspatch.core.uop.UopDecoder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A code line as decoded in one execution mode: the instructions met so far. The engine reads [#instructions]
/// directly.
///
/// An instruction that runs into the next line is decoded from two code lines. It becomes a small code line of its own,
/// kept here under the identity of the second line ([#joined]), so that old and new halves mix as they are fetched.
public final class DecodedLine {
  /// Of no line of any memory.
  public static final DecodedLine NONE = CodeLine.NONE.in(Mode.CODE_64);

  private static final int JOINS = 4;

  /// The line's bytes.
  public final CodeLine code;
  private final Mode mode;
  /// The instruction at each offset of the line, [Instruction#STRADDLES], or null: nothing decoded there yet.
  public final @Nullable Instruction[] instructions = new @Nullable Instruction[PhysicalMemory.LINE];
  /// Cost of all that is decoded here: no stretch of it takes longer, but for what its micro-ops add.
  public long total;

  /// The instruction decoded last.
  private @Nullable Instruction last;
  private final @Nullable CodeLine[] seconds = new @Nullable CodeLine[JOINS];
  private final @Nullable DecodedLine[] joins = new @Nullable DecodedLine[JOINS];
  private int nextJoin;

  DecodedLine(CodeLine code, Mode mode) {
    this.code = code;
    this.mode = mode;
  }

  /// What decoding needs of a machine.
  public record Decoder(UopDecoder isa, TimingModel timing, UopBuffer buffer) {}

  /// Decodes the instruction at `offset`: [Instruction#STRADDLES] if it needs bytes of the next line.
  public Instruction decode(int offset, Decoder with) {
    UopBuffer out = with.buffer();
    out.clear();
    int length = with.isa().decode(code.bytes, offset, code.bytes.length - offset, mode, out);
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
  public DecodedLine joined(int offset, CodeLine second, Decoder with) {
    for (int i = 0; i < JOINS; i++) {
      DecodedLine join = joins[i];
      if (seconds[i] == second && join != null && join.instructions[offset] != null) {
        return join;
      }
    }
    int length = code.bytes.length;
    byte[] both = Arrays.copyOf(code.bytes, length + with.isa().maxLength() - 1);
    System.arraycopy(second.bytes, 0, both, length, both.length - length);
    DecodedLine join = new CodeLine(code.line, both, Math.max(code.born, second.born)).in(mode);
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
