package dev.crosspatch.core.mem;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.pipeline.PipelineDecoder;
import dev.crosspatch.core.pipeline.PipelineOp;
import dev.crosspatch.core.time.TimingModel;
import dev.crosspatch.core.uop.UopBuffer;
import dev.crosspatch.core.uop.UopDecoder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A code line as decoded in one execution mode: the instructions met so far. The engine reads [#instructions]
/// directly.
///
/// An instruction that runs into the next line is decoded from two code lines. It becomes a *joined* line of its own,
/// kept here under the identity of the second line ([#join]), so that old and new halves mix as they are fetched.
public final class DecodedLine {
  /// Of no line of any memory.
  public static final DecodedLine NONE = CodeLine.NONE.in(Mode.CODE_64);

  private static final int JOINS = 4;
  /// Longer than any turn.
  private static final long UNTOLD = Long.MAX_VALUE / 4;

  /// The line's bytes.
  public final CodeLine code;
  private final Mode mode;
  /// The instruction at each offset of the line, [Instruction#STRADDLES], or null: nothing decoded there yet.
  public final @Nullable Instruction[] instructions = new @Nullable Instruction[PhysicalMemory.LINE];
  /// Cost of all that is decoded here: no stretch of it takes longer, but for what its micro-ops add.
  public long total;

  /// Of a joined line, the line of the second half; else null.
  public final @Nullable CodeLine second;
  /// Of a joined line, its one instruction, which [#instructions] has not: whoever comes back to it has to look at both
  /// lines again.
  private @Nullable Instruction straddling;
  /// The instruction decoded last.
  private @Nullable Instruction last;
  private final @Nullable DecodedLine[] joins = new @Nullable DecodedLine[JOINS];
  private int nextJoin;

  DecodedLine(CodeLine code, Mode mode) {
    this(code, mode, null);
  }

  private DecodedLine(CodeLine code, Mode mode, @Nullable CodeLine second) {
    this.code = code;
    this.mode = mode;
    this.second = second;
  }

  /// What decoding needs of a machine.
  ///
  /// @param pipeline says what a pipeline wants to know of instructions, if there is a model of one: then every
  ///                 instruction is timed by itself
  public record Decoder(UopDecoder isa, TimingModel timing, UopBuffer buffer, @Nullable PipelineDecoder pipeline) {}

  /// Decodes the instruction at `offset`: [Instruction#STRADDLES] if it needs bytes of the next line.
  public Instruction decode(int offset, Decoder with) {
    Instruction made = make(offset, with);
    instructions[offset] = made;
    return made;
  }

  private Instruction make(int offset, Decoder with) {
    UopBuffer out = with.buffer();
    out.clear();
    int length = with.isa().decode(code.bytes, offset, code.bytes.length - offset, mode, out);
    if (length < 0) {
      return Instruction.STRADDLES;
    }
    PipelineDecoder pipeline = with.pipeline();
    PipelineOp timed = pipeline == null ? null
        : pipeline.op(code.bytes, offset, code.bytes.length - offset, mode, out);
    Instruction made = Instruction.of(offset, length, out, with.timing(), timed, last);
    last = made;
    total = pipeline == null ? total + made.cost : UNTOLD;
    return made;
  }

  /// The one instruction of a joined line, or the one decoded at `offset`.
  public @Nullable Instruction at(int offset) {
    return straddling != null ? straddling : instructions[offset];
  }

  /// The one instruction of a joined line; null if this is none.
  public @Nullable Instruction straddling() {
    return straddling;
  }

  /// The joined line of the instruction at `offset`, which straddles, and its rest in `with`, or null: not made yet.
  public @Nullable DecodedLine join(int offset, CodeLine with) {
    for (DecodedLine join : joins) {
      if (join != null && join.second == with && join.straddling != null && join.straddling.offset == offset) {
        return join;
      }
    }
    return null;
  }

  /// The same, made if need be.
  ///
  /// @throws IllegalStateException if the ISA wants more bytes than it says its instructions have
  public DecodedLine join(int offset, CodeLine rest, Decoder with) {
    DecodedLine known = join(offset, rest);
    if (known != null) {
      return known;
    }
    int length = code.bytes.length;
    byte[] both = Arrays.copyOf(code.bytes, length + with.isa().maxLength() - 1);
    System.arraycopy(rest.bytes, 0, both, length, both.length - length);
    CodeLine whole = new CodeLine(code.line, both, Math.max(code.born, rest.born));
    DecodedLine join = new DecodedLine(whole, mode, rest);
    join.straddling = join.make(offset, with);
    if (join.straddling == Instruction.STRADDLES) {
      throw new IllegalStateException(
          with.isa().name() + " decoder wants more than " + with.isa().maxLength() + " bytes at line offset " + offset);
    }
    joins[nextJoin] = join;
    nextJoin = (nextJoin + 1) % JOINS;
    return join;
  }
}
