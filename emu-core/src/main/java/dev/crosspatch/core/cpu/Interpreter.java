package dev.crosspatch.core.cpu;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.mem.DecodedLine;
import dev.crosspatch.core.mem.HotLines;
import dev.crosspatch.core.mem.Instruction;
import dev.crosspatch.core.mem.MicroOp;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.core.uop.Uop;

/// Tier 0: one switch over the micro-ops of decoded code lines.
///
/// Nothing is counted per instruction: at the end of a block ([Frame]) the chain's sums tell time and number of its
/// instructions. What is not done in a few steps is left to [LongWay], and the loop returns for it: the host's compiler
/// keeps a loop's variables in registers only if the loop calls nothing. So all methods called here are short enough to
/// be compiled into it, and the [Frame] is read when the loop begins and written when it is left. Where the end of the
/// core's turn is near, and behind everything that others can see, every instruction is a block of its own.
///
/// The method must stay below 8000 bytes of bytecode, above which HotSpot does not compile. Nothing is allocated.
final class Interpreter {
  /// [#run] ended: the block is over, [Core#pc] tells where to go on, and fetch, decoding or the scheduler must come
  /// in.
  static final int OVER = 0;
  /// [#run] ended before a micro-op that [LongWay] executes.
  static final int LONG_WAY = 1;

  /// What of a row the arms are named by.
  private static final int OP = Uop.OPERATION;

  private static final int CALL = FlowClass.CALL.ordinal();
  /// Flags that take an access off the short way.
  static final int SPECIAL = Uop.F_ALIGNED | Uop.F_USER;

  private Interpreter() {}

  /// Goes on from `f` until [Core#clock] reaches [Core#limit], or somebody else must come in: [#OVER], [#LONG_WAY].
  static int run(Core c, Frame f) {
    final long[] r = c.r;
    final Flags flags = c.flags;
    DecodedLine code = f.code;
    long line = f.line;
    MicroOp n = f.op;
    Instruction first = f.first;
    long base = f.base;
    boolean single = f.single;
    boolean over = f.over;
    int ended = f.ended;
    long to = f.to;
    shortWay:
    while (true) {
      long lost = 0; // to a misprediction at the block's end
      while (!over) {
        long a = r[n.a];
        long b = r[n.b] + n.imm;
        long value = 0;
        switch ((int) n.op) {
          case Uop.NOP & OP -> {}
          case Uop.MOV -> value = a;
          case Uop.MOVI & OP -> value = b;
          case Uop.MERGE8 & OP -> value = (r[n.dst] & ~0xffL) | (a & 0xff);
          case Uop.MERGE8H & OP -> value = (r[n.dst] & ~0xff00L) | (a & 0xff) << 8;
          case Uop.MERGE16 & OP -> value = (r[n.dst] & ~0xffffL) | (a & 0xffff);
          case Uop.EXT & OP -> value = Alu.extend(a, n);
          case Uop.GET8H & OP -> value = a >>> 8 & 0xff;
          case Uop.NEXTPC & OP -> value = line + n.instruction.end + b;

          case Uop.ADD -> value = a + b;
          case Uop.SUB -> value = a - b;
          case Uop.AND -> value = a & b;
          case Uop.OR -> value = a | b;
          case Uop.XOR -> value = a ^ b;
          case Uop.BIC -> value = a & ~b;
          case Uop.ORN -> value = a | ~b;
          case Uop.EON -> value = a ^ ~b;
          case Uop.SHL -> value = a << Alu.count(b, n);
          case Uop.SHR -> value = (a & -1L >>> n.cut) >>> Alu.count(b, n);
          case Uop.SAR -> value = Alu.signed(a, n) >> Alu.count(b, n);
          case Uop.ROR -> value = Alu.rotate(a, b, n);
          case Uop.MUL -> value = a * b;
          case Uop.MULHU -> value = Math.unsignedMultiplyHigh(a, b);
          case Uop.MULHS -> value = Math.multiplyHigh(a, b);
          case Uop.BFX & OP -> value = Alu.field(a, b, n);
          case Uop.BFI & OP -> value = Alu.insert(r[n.dst], a, b);
          case Uop.EXTR & OP -> value = Alu.extract(a, r[n.b], (int) n.imm, n);
          case Uop.SHLF & OP, Uop.SHRF & OP, Uop.SARF & OP, Uop.ROLF & OP, Uop.RORF & OP -> {
            int count = (int) b & (n.cut == 0 ? 63 : 31);
            if (count == 0) {
              value = a;
            } else if (n.op == (Uop.SHLF & OP)) {
              value = Alu.shiftLeft(flags, a, count, n);
            } else if (n.op <= (Uop.SARF & OP)) {
              value = Alu.shiftRight(flags, a, count, n);
            } else {
              value = Alu.rotateWithFlags(flags, a, count, n);
            }
          }
          case Uop.INCF & OP, Uop.DECF & OP -> { // by b, which is 1: a sum that ADD makes, too, would be made for all
            flags.carry = flags.carry();
            value = n.op == (Uop.INCF & OP) ? a + 1 : a - 1;
          }

          // one arm for all that address memory, one for all that test conditions: what several arms compute would be
          // computed for each micro-op
          case Uop.LOAD & OP, Uop.STORE & OP, Uop.LEA & OP -> {
            long va = a + (r[n.c] << n.scale) + n.imm;
            value = va;
            if (n.op != (Uop.LEA & OP)) {
              boolean load = n.op == (Uop.LOAD & OP);
              int near = (n.flags & SPECIAL) != 0
                  ? -1
                  : c.data.near(va, n.width, c.user, load && (n.flags & Uop.F_RMW) == 0
                      ? HotLines.READ : HotLines.WRITE);
              if (near < 0) {
                break shortWay;
              }
              if (load) {
                value = PhysicalMemory.get(c.data.ram, near, n.width);
                value = n.flags == 0 ? value : Alu.extend(value, n);
              } else {
                PhysicalMemory.put(c.data.ram, near, n.width, b - n.imm);
              }
            }
          }
          case Uop.JCC & OP, Uop.SETCC, Uop.CSEL -> {
            boolean holds = flags.test(n.aux);
            if (n.op == (Uop.JCC & OP)) {
              lost = c.predictor.conditional(line + n.instruction.offset, holds);
              if (holds) {
                to = line + n.instruction.end + b;
                ended = RetireRow.TAKEN;
              }
            } else if (n.op == Uop.CSEL) {
              value = holds ? a : b;
            } else {
              value = holds ? 1 : 0;
            }
          }

          case Uop.JUMP & OP -> {
            to = line + n.instruction.end;
            if (n.instruction.flow() == CALL) {
              c.predictor.call(to);
            }
            to += b;
            ended = RetireRow.TAKEN;
          }
          case Uop.JZ & OP, Uop.JNZ & OP, Uop.JBC & OP, Uop.JBS & OP -> {
            boolean taken = Alu.taken(a, n);
            lost = c.predictor.conditional(line + n.instruction.offset, taken);
            if (taken) {
              to = line + n.instruction.end + b;
              ended = RetireRow.TAKEN;
            }
          }
          case Uop.JREG & OP, Uop.CANONICAL & OP -> {
            if (!Uop.isCanonical(a)) {
              break shortWay;
            }
            if (n.op == (Uop.JREG & OP)) {
              lost = c.predictor.indirect(n.instruction.flow(), line + n.instruction.offset,
                  line + n.instruction.end, a);
              to = a;
              ended = RetireRow.TAKEN;
            }
          }
          case Uop.STACK & OP -> {
            if (((a & c.stackMask) != 0) != c.stackMisaligned) {
              break shortWay;
            }
          }
          default -> {
            break shortWay;
          }
        }
        int cut = n.cut;
        value = value << cut >>> cut;
        int kind = n.kind;
        if (kind != 0) {
          flags.note(kind, cut, a, b, value);
        }
        r[n.dst] = value;
        MicroOp next = n.next;
        if (next == null || (single && n.last)) {
          break;
        }
        n = next;
      }

      Instruction last = n.instruction;
      long next = ended == 0 ? line + last.end : to;
      long clock = base + last.sum + lost;
      c.clock = clock;
      c.retired += last.index - first.index + 1;
      c.pc = next;
      boolean full = false;
      if (c.log.isHeard) {
        c.log.run(first, last, line, base, next, clock, (ended & RetireRow.TAKEN) | c.mode);
        full = c.log.isFull();
      }
      if (full || clock >= c.limit) {
        return OVER;
      }
      if ((line ^ next) >>> PhysicalMemory.LINE_SHIFT != 0) {
        DecodedLine other = c.fetch.hit(next, c.user);
        if (other == null) {
          return OVER;
        }
        code = other;
        line = next & -PhysicalMemory.LINE;
      }
      Instruction start = code.instructions[(int) next & Frame.LINE_MASK];
      if (start == Instruction.STRADDLES) {
        DecodedLine joined = c.fetch.hit(code, next, c.user);
        if (joined == null) {
          return OVER;
        }
        code = joined;
        start = joined.straddling();
      }
      if (start == null) {
        return OVER;
      }
      n = start.first;
      first = start;
      base = clock - start.sum + start.cost;
      single = clock + code.total >= c.limit;
      if (single) {
        base = c.issue(start, line, base);
      }
      over = false;
      ended = 0;
    }
    f.code = code;
    f.line = line;
    f.op = n;
    f.first = first;
    f.base = base;
    f.single = single;
    f.ended = ended;
    f.to = to;
    return LONG_WAY;
  }
}
