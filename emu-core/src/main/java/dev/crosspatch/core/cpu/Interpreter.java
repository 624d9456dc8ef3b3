package dev.crosspatch.core.cpu;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.isa.FlowClass;
import dev.crosspatch.core.mem.CodeLine;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.time.TimingTable;
import dev.crosspatch.core.uop.Uop;

/// Tier 0: one switch over the micro-ops of decoded code lines.
///
/// The method must stay below 8000 bytes of bytecode, above which HotSpot does not compile; rare operations are methods of
/// their own ([Alu]). Nothing is allocated, and no method is virtual save a helper.
final class Interpreter {
  private static final int LINE_MASK = PhysicalMemory.LINE - 1;
  private static final int CALL = FlowClass.CALL.ordinal();
  private static final int FLOW_MASK = 31;
  private static final int INFO_MASK = (1 << CodeLine.FIRST_SHIFT) - 1;
  private static final int ANY_FLAG = (int) (Uop.word(0, 0, 0, 0, 0, 0, 0, 0, 0xff) >>> 32);

  private Interpreter() {}

  /// Executes from [Core#pc], whose instruction is decoded in `line`, until [Core#clock] reaches [Core#limit] or fetch or decoding
  /// must come in. Returns false if an instruction faulted: [Core#pc] is its address, and nothing of it has happened.
  static boolean run(Core c, CodeLine start) {
    final long[] r = c.r;
    long pc = c.pc;
    long[] code = start.code;
    long head = code[(int) pc & LINE_MASK];
    int u = (int) head >>> CodeLine.FIRST_SHIFT;
    int info = (int) head & INFO_MASK;
    long next = pc + (info & RetireBatch.LENGTH_MASK);
    c.clock += head >>> CodeLine.COST_SHIFT;
    int retired = 0;
    while (true) {
      int low = (int) code[u]; // op, dst, a, b, c; the rest of the word is in `high`: ints spare the compiler half the field extraction
      int high = (int) (code[u] >>> 32);
      int dst = low >>> 8 & 63;
      long a = r[low >>> 14 & 63];
      switch (low & 0xff) {
        case Uop.NOP -> {}
        case Uop.MOV -> r[dst] = Alu.cut(a, high);
        case Uop.MOVI -> r[dst] = code[u + 1];
        case Uop.MERGE8 -> r[dst] = (r[dst] & ~0xffL) | (a & 0xff);
        case Uop.MERGE8H -> r[dst] = (r[dst] & ~0xff00L) | (a & 0xff) << 8;
        case Uop.MERGE16 -> r[dst] = (r[dst] & ~0xffffL) | (a & 0xffff);
        case Uop.EXT -> r[dst] = Alu.extend(a, high);
        case Uop.GET8H -> r[dst] = a >>> 8 & 0xff;
        case Uop.NEXTPC -> r[dst] = pc + (info & RetireBatch.LENGTH_MASK) + code[u + 1];

        case Uop.ADD -> r[dst] = Alu.cut(a + r[low >>> 20 & 63], high);
        case Uop.ADDI -> r[dst] = Alu.cut(a + code[u + 1], high);
        case Uop.SUB -> r[dst] = Alu.cut(a - r[low >>> 20 & 63], high);
        case Uop.SUBI -> r[dst] = Alu.cut(a - code[u + 1], high);
        case Uop.AND -> r[dst] = Alu.cut(a & r[low >>> 20 & 63], high);
        case Uop.ANDI -> r[dst] = Alu.cut(a & code[u + 1], high);
        case Uop.OR -> r[dst] = Alu.cut(a | r[low >>> 20 & 63], high);
        case Uop.ORI -> r[dst] = Alu.cut(a | code[u + 1], high);
        case Uop.XOR -> r[dst] = Alu.cut(a ^ r[low >>> 20 & 63], high);
        case Uop.XORI -> r[dst] = Alu.cut(a ^ code[u + 1], high);
        case Uop.BIC -> r[dst] = Alu.cut(a & ~r[low >>> 20 & 63], high);
        case Uop.ORN -> r[dst] = Alu.cut(a | ~r[low >>> 20 & 63], high);
        case Uop.EON -> r[dst] = Alu.cut(a ^ ~r[low >>> 20 & 63], high);
        case Uop.SHL -> r[dst] = Alu.cut(a << Alu.count(r[low >>> 20 & 63], high), high);
        case Uop.SHLI -> r[dst] = Alu.cut(a << Alu.count(code[u + 1], high), high);
        case Uop.SHR -> r[dst] = Alu.cut(a, high) >>> Alu.count(r[low >>> 20 & 63], high);
        case Uop.SHRI -> r[dst] = Alu.cut(a, high) >>> Alu.count(code[u + 1], high);
        case Uop.SAR -> r[dst] = Alu.cut(Alu.signed(a, high) >> Alu.count(r[low >>> 20 & 63], high), high);
        case Uop.SARI -> r[dst] = Alu.cut(Alu.signed(a, high) >> Alu.count(code[u + 1], high), high);
        case Uop.ROR -> r[dst] = Alu.rotate(a, r[low >>> 20 & 63], high);
        case Uop.RORI -> r[dst] = Alu.rotate(a, code[u + 1], high);
        case Uop.MUL -> r[dst] = Alu.cut(a * r[low >>> 20 & 63], high);

        case Uop.ADDF -> r[dst] = Alu.add(c.flags, a, r[low >>> 20 & 63], high);
        case Uop.ADDFI -> r[dst] = Alu.add(c.flags, a, code[u + 1], high);
        case Uop.SUBF -> r[dst] = Alu.sub(c.flags, Flags.SUB, a, r[low >>> 20 & 63], high);
        case Uop.SUBFI -> r[dst] = Alu.sub(c.flags, Flags.SUB, a, code[u + 1], high);
        case Uop.SUBC -> r[dst] = Alu.sub(c.flags, Flags.SUBC, a, r[low >>> 20 & 63], high);
        case Uop.SUBCI -> r[dst] = Alu.sub(c.flags, Flags.SUBC, a, code[u + 1], high);
        case Uop.ANDF -> r[dst] = Alu.logic(c.flags, a & r[low >>> 20 & 63], high);
        case Uop.ANDFI -> r[dst] = Alu.logic(c.flags, a & code[u + 1], high);
        case Uop.ORF -> r[dst] = Alu.logic(c.flags, a | r[low >>> 20 & 63], high);
        case Uop.ORFI -> r[dst] = Alu.logic(c.flags, a | code[u + 1], high);
        case Uop.XORF -> r[dst] = Alu.logic(c.flags, a ^ r[low >>> 20 & 63], high);
        case Uop.XORFI -> r[dst] = Alu.logic(c.flags, a ^ code[u + 1], high);
        case Uop.BICF -> r[dst] = Alu.logic(c.flags, a & ~r[low >>> 20 & 63], high);
        case Uop.INCF -> r[dst] = Alu.step(c.flags, Flags.INC, a, high);
        case Uop.DECF -> r[dst] = Alu.step(c.flags, Flags.DEC, a, high);

        // one arm for all that address memory, one for all that test conditions: fields read in several arms would be computed for each micro-op
        case Uop.LOAD, Uop.STORE, Uop.LEA -> {
          long va = a + (r[low >>> 26] << (high >>> 2 & 3)) + code[u + 1];
          boolean done = true;
          if ((low & 0xff) == Uop.LOAD) {
            long value = (high & ANY_FLAG) == 0 ? c.data.load(va, high & 3, c.user) : c.data.extendedLoad(va, high);
            done = c.faultCode == 0;
            if (done) {
              r[dst] = value;
            }
          } else if ((low & 0xff) == Uop.STORE) {
            long value = r[low >>> 20 & 63];
            done = (high & ANY_FLAG) == 0
                ? c.data.store(va, value, high & 3, c.user)
                : c.data.store(va, value, high & 3, high >>> 12 & 0xff);
          } else {
            r[dst] = Alu.cut(va, high);
          }
          if (!done) {
            return stop(c, pc, retired, false);
          }
        }
        case Uop.JCC, Uop.SETCC, Uop.CSEL -> {
          boolean holds = c.flags.test(high >>> 4 & 0xff);
          if ((low & 0xff) == Uop.JCC) {
            c.clock += c.predictor.conditional(pc, holds);
            if (holds) {
              next += code[u + 1];
              info |= RetireBatch.TAKEN;
              u = CodeLine.ELSEWHERE;
            }
          } else if ((low & 0xff) == Uop.CSEL) {
            r[dst] = Alu.cut(holds ? a : r[low >>> 20 & 63], high);
          } else {
            r[dst] = holds ? 1 : 0;
          }
        }

        case Uop.JUMP -> {
          if ((info >> RetireBatch.FLOW_SHIFT & FLOW_MASK) == CALL) {
            c.predictor.call(next);
          }
          next += code[u + 1];
          info |= RetireBatch.TAKEN;
          u = CodeLine.ELSEWHERE;
        }
        case Uop.JZ, Uop.JNZ, Uop.JBC, Uop.JBS -> {
          boolean taken = Alu.taken(a, low, high);
          c.clock += c.predictor.conditional(pc, taken);
          if (taken) {
            next += code[u + 1];
            info |= RetireBatch.TAKEN;
            u = CodeLine.ELSEWHERE;
          }
        }
        case Uop.JREG -> {
          c.clock += c.predictor.indirect(info >> RetireBatch.FLOW_SHIFT & FLOW_MASK, pc, next, a);
          next = a;
          info |= RetireBatch.TAKEN;
          u = CodeLine.ELSEWHERE;
        }

        case Uop.HELPER -> {
          c.pc = pc;
          c.nextPc = next;
          int outcome = c.help(code[u], code[u + 1]);
          if (outcome == Outcome.FAULT) {
            return stop(c, pc, retired, false);
          }
          if (outcome != Outcome.OK) {
            next = c.nextPc;
            info |= outcome == Outcome.BRANCH ? RetireBatch.TAKEN : 0;
          }
        }
        case Uop.FAULT -> {
          c.fault((int) code[u + 1], 0);
          return stop(c, pc, retired, false);
        }
        default -> Alu.rare(c, code[u], code[u + 1]);
      }
      if (high >= 0) {
        u += 2;
        continue;
      }
      retired++;
      RetireBatch batch = c.log.batch;
      if (batch != null) {
        int n = batch.count;
        batch.pc[n] = pc;
        batch.next[n] = next;
        batch.time[n] = c.clock >>> TimingTable.UNIT_SHIFT;
        batch.info[n] = info | c.mode;
        batch.count = n + 1;
        if (n + 1 == RetireBatch.CAPACITY) {
          c.log.flush();
        }
      }
      long from = pc;
      pc = next;
      if (c.clock >= c.limit) {
        break;
      }
      u += 3;
      head = code[u - 1];
      if (head < 0) {
        if ((from ^ pc) >>> PhysicalMemory.LINE_SHIFT != 0) {
          CodeLine line = c.fetch.hit(pc, c.user);
          if (line == null) {
            break;
          }
          code = line.code;
        }
        head = code[(int) pc & LINE_MASK];
        if (head < 0) {
          break;
        }
        u = (int) head >>> CodeLine.FIRST_SHIFT;
      }
      info = (int) head & INFO_MASK;
      next = pc + (info & RetireBatch.LENGTH_MASK);
      c.clock += head >>> CodeLine.COST_SHIFT;
    }
    return stop(c, pc, retired, true);
  }

  /// Leaves the loop before the instruction at `pc`.
  private static boolean stop(Core c, long pc, int retired, boolean fine) {
    c.pc = pc;
    c.retired += retired;
    return fine;
  }
}
