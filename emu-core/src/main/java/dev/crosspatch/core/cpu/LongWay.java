package dev.crosspatch.core.cpu;

import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.mem.MicroOp;
import dev.crosspatch.core.uop.Uop;

/// What the [Interpreter] leaves to others: accesses off the short way, helpers, faults and rare arithmetic.
final class LongWay {
  /// How an instruction ended, besides [RetireRow#TAKEN]: a helper has set [Core#nextPc].
  private static final int MOVED = 1 << 31;

  private LongWay() {}

  /// Executes the micro-op at which `f` stands. Returns false if the instruction faulted: [Core#pc] is its address
  /// then, and nothing of it has happened.
  static boolean execute(Core c, Frame f) {
    MicroOp op = f.op;
    if (Uop.acts(op.row)) {
      f.settle();
      if (!act(c, f, op)) {
        c.pc = f.here();
        return false;
      }
      f.base = c.clock - op.instruction.sum;
      f.single = true;
    } else {
      c.r[op.dst] = Alu.rare(c, op);
    }
    MicroOp next = op.next;
    f.over = next == null || (op.last && f.single);
    if (!f.over && next != null) {
      f.op = next;
    }
    return true;
  }

  private static boolean act(Core c, Frame f, MicroOp op) {
    long va = c.r[op.a] + (c.r[op.c] << op.scale) + op.imm;
    return switch (op.row) {
      case Uop.LOAD -> stackAllows(c, op) && c.data.load(op, va);
      case Uop.STORE -> stackAllows(c, op) && c.data.store(va, c.r[op.b], op.width, op.flags);
      case Uop.HELPER -> help(c, f, op);
      case Uop.JREG -> branch(c, f, op);
      case Uop.STACK -> {
        c.resynchronize();
        yield true;
      }
      default -> {
        c.fault((int) op.imm, 0);
        yield false;
      }
    };
  }

  /// Whether the base of an access is no stack pointer, or one that is aligned as it must be; else a fault is recorded.
  private static boolean stackAllows(Core c, MicroOp op) {
    if (op.a == Core.STACK && c.stackMisaligned) {
      c.stackFault();
      return false;
    }
    return true;
  }

  private static boolean branch(Core c, Frame f, MicroOp op) {
    f.to = c.branchAddress(c.r[op.a]);
    f.ended = RetireRow.TAKEN;
    c.elapse(c.predictor.indirect(op.instruction.flow(), f.here(), f.behind(), f.to));
    return true;
  }

  private static boolean help(Core c, Frame f, MicroOp op) {
    c.pc = f.here();
    c.nextPc = f.behind();
    int outcome = c.help(op);
    if (outcome == Outcome.BRANCH) {
      f.ended = RetireRow.TAKEN;
    } else if (outcome != Outcome.OK) {
      f.ended = MOVED;
    }
    f.to = c.nextPc;
    return outcome != Outcome.FAULT;
  }
}
