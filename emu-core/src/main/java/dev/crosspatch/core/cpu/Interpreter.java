package dev.crosspatch.core.cpu;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.isa.FlowClass;
import dev.crosspatch.core.mem.CodeLine;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.time.TimingTable;
import dev.crosspatch.core.uop.Uop;
import org.jspecify.annotations.Nullable;

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
    final Flags f = c.flags;
    final DataPort data = c.data;
    final Predictor predictor = c.predictor;
    final @Nullable RetireBatch batch = c.log.batch;
    long pc = c.pc;
    long base = pc & -PhysicalMemory.LINE;
    short[] slots = start.slot;
    long[] code = start.code;
    int u = slots[(int) pc & LINE_MASK];
    long head = code[u++];
    int info = (int) head;
    long next = pc + (info & RetireBatch.LENGTH_MASK);
    int mode = c.mode();
    while (true) {
      long w = code[u];
      long imm = code[u + 1];
      int dst = (int) (w >>> 8) & 63;
      long a = r[(int) (w >>> 14) & 63];
      switch ((int) w & 0xff) {
        case Uop.NOP -> {}
        case Uop.MOV -> r[dst] = Alu.cut(a, w);
        case Uop.MOVI -> r[dst] = imm;
        case Uop.MERGE8 -> r[dst] = (r[dst] & ~0xffL) | (a & 0xff);
        case Uop.MERGE8H -> r[dst] = (r[dst] & ~0xff00L) | (a & 0xff) << 8;
        case Uop.MERGE16 -> r[dst] = (r[dst] & ~0xffffL) | (a & 0xffff);
        case Uop.EXT -> r[dst] = Alu.extend(a, w);
        case Uop.GET8H -> r[dst] = a >>> 8 & 0xff;
        case Uop.NEXTPC -> r[dst] = pc + (info & RetireBatch.LENGTH_MASK) + imm;
        case Uop.LEA -> r[dst] = Alu.cut(a + (r[Uop.c(w)] << Uop.scale(w)) + imm, w);

        case Uop.ADD -> r[dst] = Alu.cut(a + r[Uop.b(w)], w);
        case Uop.ADDI -> r[dst] = Alu.cut(a + imm, w);
        case Uop.SUB -> r[dst] = Alu.cut(a - r[Uop.b(w)], w);
        case Uop.SUBI -> r[dst] = Alu.cut(a - imm, w);
        case Uop.AND -> r[dst] = Alu.cut(a & r[Uop.b(w)], w);
        case Uop.ANDI -> r[dst] = Alu.cut(a & imm, w);
        case Uop.OR -> r[dst] = Alu.cut(a | r[Uop.b(w)], w);
        case Uop.ORI -> r[dst] = Alu.cut(a | imm, w);
        case Uop.XOR -> r[dst] = Alu.cut(a ^ r[Uop.b(w)], w);
        case Uop.XORI -> r[dst] = Alu.cut(a ^ imm, w);
        case Uop.BIC -> r[dst] = Alu.cut(a & ~r[Uop.b(w)], w);
        case Uop.ORN -> r[dst] = Alu.cut(a | ~r[Uop.b(w)], w);
        case Uop.EON -> r[dst] = Alu.cut(a ^ ~r[Uop.b(w)], w);
        case Uop.SHL -> r[dst] = Alu.cut(a << Alu.count(r[Uop.b(w)], w), w);
        case Uop.SHLI -> r[dst] = Alu.cut(a << Alu.count(imm, w), w);
        case Uop.SHR -> r[dst] = Alu.cut(a, w) >>> Alu.count(r[Uop.b(w)], w);
        case Uop.SHRI -> r[dst] = Alu.cut(a, w) >>> Alu.count(imm, w);
        case Uop.SAR -> r[dst] = Alu.cut(Alu.signed(a, w) >> Alu.count(r[Uop.b(w)], w), w);
        case Uop.SARI -> r[dst] = Alu.cut(Alu.signed(a, w) >> Alu.count(imm, w), w);
        case Uop.ROR -> r[dst] = Alu.rotate(a, r[Uop.b(w)], w);
        case Uop.RORI -> r[dst] = Alu.rotate(a, imm, w);
        case Uop.MUL -> r[dst] = Alu.cut(a * r[Uop.b(w)], w);

        case Uop.ADDF -> r[dst] = Alu.add(f, a, r[Uop.b(w)], w);
        case Uop.ADDFI -> r[dst] = Alu.add(f, a, imm, w);
        case Uop.SUBF -> r[dst] = Alu.sub(f, Flags.SUB, a, r[Uop.b(w)], w);
        case Uop.SUBFI -> r[dst] = Alu.sub(f, Flags.SUB, a, imm, w);
        case Uop.SUBC -> r[dst] = Alu.sub(f, Flags.SUBC, a, r[Uop.b(w)], w);
        case Uop.SUBCI -> r[dst] = Alu.sub(f, Flags.SUBC, a, imm, w);
        case Uop.ANDF -> r[dst] = Alu.logic(f, a & r[Uop.b(w)], w);
        case Uop.ANDFI -> r[dst] = Alu.logic(f, a & imm, w);
        case Uop.ORF -> r[dst] = Alu.logic(f, a | r[Uop.b(w)], w);
        case Uop.ORFI -> r[dst] = Alu.logic(f, a | imm, w);
        case Uop.XORF -> r[dst] = Alu.logic(f, a ^ r[Uop.b(w)], w);
        case Uop.XORFI -> r[dst] = Alu.logic(f, a ^ imm, w);
        case Uop.BICF -> r[dst] = Alu.logic(f, a & ~r[Uop.b(w)], w);
        case Uop.INCF -> r[dst] = Alu.step(f, Flags.INC, a, w);
        case Uop.DECF -> r[dst] = Alu.step(f, Flags.DEC, a, w);
        case Uop.SETCC -> r[dst] = f.test(Uop.aux(w)) ? 1 : 0;
        case Uop.CSEL -> r[dst] = Alu.cut(f.test(Uop.aux(w)) ? a : r[Uop.b(w)], w);

        case Uop.LOAD -> {
          long va = a + (r[Uop.c(w)] << Uop.scale(w)) + imm;
          long value = Uop.flags(w) == 0 ? data.load(va, Uop.width(w), c.user) : Alu.load(data, va, w);
          if (c.faultCode != 0) {
            c.pc = pc;
            return false;
          }
          r[dst] = value;
        }
        case Uop.STORE -> {
          long va = a + (r[Uop.c(w)] << Uop.scale(w)) + imm;
          long value = r[Uop.b(w)];
          boolean done = Uop.flags(w) == 0
              ? data.store(va, value, Uop.width(w), c.user)
              : data.store(va, value, Uop.width(w), Uop.flags(w));
          if (!done) {
            c.pc = pc;
            return false;
          }
        }

        case Uop.JUMP -> {
          if ((info >> RetireBatch.FLOW_SHIFT & FLOW_MASK) == CALL) {
            predictor.call(next);
          }
          next += imm;
          info |= RetireBatch.TAKEN;
        }
        case Uop.JCC -> {
          boolean taken = f.test(Uop.aux(w));
          c.clock += predictor.conditional(pc, taken);
          if (taken) {
            next += imm;
            info |= RetireBatch.TAKEN;
          }
        }
        case Uop.JZ, Uop.JNZ, Uop.JBC, Uop.JBS -> {
          boolean taken = Alu.taken(a, w);
          c.clock += predictor.conditional(pc, taken);
          if (taken) {
            next += imm;
            info |= RetireBatch.TAKEN;
          }
        }
        case Uop.JREG -> {
          c.clock += predictor.indirect(info >> RetireBatch.FLOW_SHIFT & FLOW_MASK, pc, next, a);
          next = a;
          info |= RetireBatch.TAKEN;
        }

        case Uop.HELPER -> {
          c.pc = pc;
          c.nextPc = next;
          int outcome = c.help(w, imm);
          if (outcome == Outcome.FAULT) {
            return false;
          }
          if (outcome != Outcome.OK) {
            next = c.nextPc;
            info |= outcome == Outcome.BRANCH ? RetireBatch.TAKEN : 0;
            mode = c.mode();
          }
        }
        case Uop.FAULT -> {
          c.fault((int) imm, 0);
          c.pc = pc;
          return false;
        }
        default -> Alu.rare(c, w, imm);
      }
      if (w >= 0) {
        u += 2;
        continue;
      }
      c.clock += head >>> CodeLine.COST_SHIFT;
      c.retired++;
      if (batch != null) {
        int n = batch.count;
        batch.pc[n] = pc;
        batch.next[n] = next;
        batch.time[n] = c.clock / TimingTable.UNITS;
        batch.info[n] = info | mode;
        batch.count = n + 1;
        if (n + 1 == RetireBatch.CAPACITY) {
          c.log.flush();
        }
      }
      pc = next;
      if (c.clock >= c.limit) {
        break;
      }
      if ((pc & -PhysicalMemory.LINE) != base) {
        CodeLine entered = c.fetch.hit(pc, c.user);
        if (entered == null) {
          break;
        }
        slots = entered.slot;
        code = entered.code;
        base = pc & -PhysicalMemory.LINE;
      }
      u = slots[(int) pc & LINE_MASK];
      if (u < 0) {
        break;
      }
      head = code[u++];
      info = (int) head;
      next = pc + (info & RetireBatch.LENGTH_MASK);
    }
    c.pc = pc;
    return true;
  }
}
