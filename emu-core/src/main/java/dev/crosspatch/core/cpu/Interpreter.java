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

  private Interpreter() {}

  /// Executes from [Core#pc], whose instruction is decoded in `line`, until [Core#clock] reaches [Core#limit] or fetch or decoding
  /// must come in. Returns false if an instruction faulted: [Core#pc] is its address, and nothing of it has happened.
  static boolean run(Core c, CodeLine start) {
    final long[] r = c.r;
    long pc = c.pc;
    short[] slots = start.slot;
    long[] code = start.code;
    int u = slots[(int) pc & LINE_MASK];
    long head = code[u++];
    int info = (int) head;
    long next = pc + (info & RetireBatch.LENGTH_MASK);
    c.clock += head >>> CodeLine.COST_SHIFT;
    while (true) {
      long w = code[u];
      int dst = (int) (w >>> 8) & 63;
      long a = r[(int) (w >>> 14) & 63];
      switch ((int) w & 0xff) {
        case Uop.NOP -> {}
        case Uop.MOV -> r[dst] = Alu.cut(a, w);
        case Uop.MOVI -> r[dst] = code[u + 1];
        case Uop.MERGE8 -> r[dst] = (r[dst] & ~0xffL) | (a & 0xff);
        case Uop.MERGE8H -> r[dst] = (r[dst] & ~0xff00L) | (a & 0xff) << 8;
        case Uop.MERGE16 -> r[dst] = (r[dst] & ~0xffffL) | (a & 0xffff);
        case Uop.EXT -> r[dst] = Alu.extend(a, w);
        case Uop.GET8H -> r[dst] = a >>> 8 & 0xff;
        case Uop.NEXTPC -> r[dst] = pc + (info & RetireBatch.LENGTH_MASK) + code[u + 1];
        case Uop.LEA -> r[dst] = Alu.cut(a + (r[Uop.c(w)] << Uop.scale(w)) + code[u + 1], w);

        case Uop.ADD -> r[dst] = Alu.cut(a + r[Uop.b(w)], w);
        case Uop.ADDI -> r[dst] = Alu.cut(a + code[u + 1], w);
        case Uop.SUB -> r[dst] = Alu.cut(a - r[Uop.b(w)], w);
        case Uop.SUBI -> r[dst] = Alu.cut(a - code[u + 1], w);
        case Uop.AND -> r[dst] = Alu.cut(a & r[Uop.b(w)], w);
        case Uop.ANDI -> r[dst] = Alu.cut(a & code[u + 1], w);
        case Uop.OR -> r[dst] = Alu.cut(a | r[Uop.b(w)], w);
        case Uop.ORI -> r[dst] = Alu.cut(a | code[u + 1], w);
        case Uop.XOR -> r[dst] = Alu.cut(a ^ r[Uop.b(w)], w);
        case Uop.XORI -> r[dst] = Alu.cut(a ^ code[u + 1], w);
        case Uop.BIC -> r[dst] = Alu.cut(a & ~r[Uop.b(w)], w);
        case Uop.ORN -> r[dst] = Alu.cut(a | ~r[Uop.b(w)], w);
        case Uop.EON -> r[dst] = Alu.cut(a ^ ~r[Uop.b(w)], w);
        case Uop.SHL -> r[dst] = Alu.cut(a << Alu.count(r[Uop.b(w)], w), w);
        case Uop.SHLI -> r[dst] = Alu.cut(a << Alu.count(code[u + 1], w), w);
        case Uop.SHR -> r[dst] = Alu.cut(a, w) >>> Alu.count(r[Uop.b(w)], w);
        case Uop.SHRI -> r[dst] = Alu.cut(a, w) >>> Alu.count(code[u + 1], w);
        case Uop.SAR -> r[dst] = Alu.cut(Alu.signed(a, w) >> Alu.count(r[Uop.b(w)], w), w);
        case Uop.SARI -> r[dst] = Alu.cut(Alu.signed(a, w) >> Alu.count(code[u + 1], w), w);
        case Uop.ROR -> r[dst] = Alu.rotate(a, r[Uop.b(w)], w);
        case Uop.RORI -> r[dst] = Alu.rotate(a, code[u + 1], w);
        case Uop.MUL -> r[dst] = Alu.cut(a * r[Uop.b(w)], w);

        case Uop.ADDF -> r[dst] = Alu.add(c.flags, a, r[Uop.b(w)], w);
        case Uop.ADDFI -> r[dst] = Alu.add(c.flags, a, code[u + 1], w);
        case Uop.SUBF -> r[dst] = Alu.sub(c.flags, Flags.SUB, a, r[Uop.b(w)], w);
        case Uop.SUBFI -> r[dst] = Alu.sub(c.flags, Flags.SUB, a, code[u + 1], w);
        case Uop.SUBC -> r[dst] = Alu.sub(c.flags, Flags.SUBC, a, r[Uop.b(w)], w);
        case Uop.SUBCI -> r[dst] = Alu.sub(c.flags, Flags.SUBC, a, code[u + 1], w);
        case Uop.ANDF -> r[dst] = Alu.logic(c.flags, a & r[Uop.b(w)], w);
        case Uop.ANDFI -> r[dst] = Alu.logic(c.flags, a & code[u + 1], w);
        case Uop.ORF -> r[dst] = Alu.logic(c.flags, a | r[Uop.b(w)], w);
        case Uop.ORFI -> r[dst] = Alu.logic(c.flags, a | code[u + 1], w);
        case Uop.XORF -> r[dst] = Alu.logic(c.flags, a ^ r[Uop.b(w)], w);
        case Uop.XORFI -> r[dst] = Alu.logic(c.flags, a ^ code[u + 1], w);
        case Uop.BICF -> r[dst] = Alu.logic(c.flags, a & ~r[Uop.b(w)], w);
        case Uop.INCF -> r[dst] = Alu.step(c.flags, Flags.INC, a, w);
        case Uop.DECF -> r[dst] = Alu.step(c.flags, Flags.DEC, a, w);
        case Uop.SETCC -> r[dst] = c.flags.test(Uop.aux(w)) ? 1 : 0;
        case Uop.CSEL -> r[dst] = Alu.cut(c.flags.test(Uop.aux(w)) ? a : r[Uop.b(w)], w);

        case Uop.LOAD -> {
          long va = a + (r[Uop.c(w)] << Uop.scale(w)) + code[u + 1];
          long value = Uop.flags(w) == 0 ? c.data.load(va, Uop.width(w), c.user) : Alu.load(c.data, va, w);
          if (c.faultCode != 0) {
            c.pc = pc;
            return false;
          }
          r[dst] = value;
        }
        case Uop.STORE -> {
          long va = a + (r[Uop.c(w)] << Uop.scale(w)) + code[u + 1];
          long value = r[Uop.b(w)];
          boolean done = Uop.flags(w) == 0
              ? c.data.store(va, value, Uop.width(w), c.user)
              : c.data.store(va, value, Uop.width(w), Uop.flags(w));
          if (!done) {
            c.pc = pc;
            return false;
          }
        }

        case Uop.JUMP -> {
          if ((info >> RetireBatch.FLOW_SHIFT & FLOW_MASK) == CALL) {
            c.predictor.call(next);
          }
          next += code[u + 1];
          info |= RetireBatch.TAKEN;
        }
        case Uop.JCC -> {
          boolean taken = c.flags.test(Uop.aux(w));
          c.clock += c.predictor.conditional(pc, taken);
          if (taken) {
            next += code[u + 1];
            info |= RetireBatch.TAKEN;
          }
        }
        case Uop.JZ, Uop.JNZ, Uop.JBC, Uop.JBS -> {
          boolean taken = Alu.taken(a, w);
          c.clock += c.predictor.conditional(pc, taken);
          if (taken) {
            next += code[u + 1];
            info |= RetireBatch.TAKEN;
          }
        }
        case Uop.JREG -> {
          c.clock += c.predictor.indirect(info >> RetireBatch.FLOW_SHIFT & FLOW_MASK, pc, next, a);
          next = a;
          info |= RetireBatch.TAKEN;
        }

        case Uop.HELPER -> {
          c.pc = pc;
          c.nextPc = next;
          int outcome = c.help(w, code[u + 1]);
          if (outcome == Outcome.FAULT) {
            return false;
          }
          if (outcome != Outcome.OK) {
            next = c.nextPc;
            info |= outcome == Outcome.BRANCH ? RetireBatch.TAKEN : 0;
          }
        }
        case Uop.FAULT -> {
          c.fault((int) code[u + 1], 0);
          c.pc = pc;
          return false;
        }
        default -> Alu.rare(c, w, code[u + 1]);
      }
      if (w >= 0) {
        u += 2;
        continue;
      }
      c.retired++;
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
      if ((from ^ pc) >>> PhysicalMemory.LINE_SHIFT != 0) {
        CodeLine line = c.fetch.hit(pc, c.user);
        if (line == null) {
          break;
        }
        slots = line.slot;
        code = line.code;
      }
      u = slots[(int) pc & LINE_MASK];
      if (u < 0) {
        break;
      }
      head = code[u++];
      info = (int) head;
      next = pc + (info & RetireBatch.LENGTH_MASK);
      c.clock += head >>> CodeLine.COST_SHIFT;
    }
    c.pc = pc;
    return true;
  }
}
