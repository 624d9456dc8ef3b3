package dev.crosspatch.core.cpu;

import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.mem.DecodedLine;
import dev.crosspatch.core.mem.Instruction;
import dev.crosspatch.core.mem.MicroOp;
import dev.crosspatch.core.mem.PhysicalMemory;
import java.util.Objects;

/// Where the [Interpreter] stands in a code line, between two of its runs and for those who work for it in between.
///
/// A *block* is a stretch of a chain of instructions. Those before `first` are settled: counted and recorded. Those
/// from `first` on are known by the chain's sums alone.
final class Frame {
  static final int LINE_MASK = PhysicalMemory.LINE - 1;

  private final Core core;
  /// The line in the core's mode, and its virtual address.
  DecodedLine code = DecodedLine.NONE;

  long line;
  /// The micro-op to execute next or, if the block is `over`, its last.
  MicroOp op = Instruction.STRADDLES.first;

  Instruction first = Instruction.STRADDLES;
  /// The core's clock where the chain's sums count from.
  long base;
  /// Each instruction ends a block: the end of the core's turn is near, or something happened that it may have to
  /// attend to.
  boolean single;

  boolean over;
  /// How the block ended: [RetireRow#TAKEN] or another number if it went on at `to`, 0 if it went on to the next
  /// instruction.
  int ended;

  long to;

  Frame(Core core) {
    this.core = core;
  }

  /// Begins a block at [Core#pc], whose instruction is decoded in `with`.
  void enter(DecodedLine with) {
    code = with;
    line = core.pc & -PhysicalMemory.LINE;
    first = Objects.requireNonNull(with.at((int) core.pc & LINE_MASK));
    op = first.first;
    base = core.clock - first.sum + first.cost;
    single = core.clock + with.total >= core.limit;
    if (single) {
      base = core.issue(first, line, base);
    }
    over = false;
    ended = 0;
  }

  /// Address of the instruction at which the frame stands.
  long here() {
    return line + op.instruction.offset;
  }

  /// Address behind it.
  long behind() {
    return line + op.instruction.end;
  }

  // ---- settling

  /// Brings the core up to date before the instruction does something that others see, or faults: time includes it,
  /// count and record do not.
  void settle() {
    Instruction at = op.instruction;
    core.clock = base + at.sum;
    if (at != first) {
      core.retired += at.index - first.index;
      if (core.log.isHeard) {
        core.log.run(first, Objects.requireNonNull(at.before), line, base, here(), core.clock - at.cost, core.mode);
        core.log.flushIfFull();
      }
      first = at;
    }
  }
}
