package dev.crosspatch.tracer.unit;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireRun;
import dev.crosspatch.core.time.ClockRatio;
import dev.crosspatch.tracer.flow.ByteSink;
import dev.crosspatch.tracer.flow.ReturnStack;
import dev.crosspatch.tracer.pt.PtConfig;
import dev.crosspatch.tracer.pt.PtPacket;
import dev.crosspatch.tracer.pt.PtPacketWriter;

/// The Intel PT hardware of one core, with kernel and user traced, or user mode only, and no filter.
///
/// What it does where the manual leaves a choice, so that equal runs give equal bytes:
/// - TIPs are not deferred: a TNT goes out when it is full and before every other packet but CYC, so that packets stand
///   in the order of the events. Its CYC tells the time of its first branch, as the manual says.
/// - CYC stands before all other packets of its cycle, so before the FUP of a FUP, TIP pair.
/// - Status packets after PSB: TSC, TMA, CBR, PIP, MODE.Exec, FUP; the last two only while packets are enabled.
/// - A TSC (with TMA) stands also behind OVF, and where MTCs were missed because the core slept.
/// - A return that is not compressed although the call stack has entries empties the stack. Unknown: whether hardware
///   pops the stack then. libipt does not, perf does; behind an emptied stack both decode alike.
/// - PSB goes out before the first instruction behind which the period is over.
/// - When packets were lost, tracing resumes with OVF and FUP once three quarters of the buffer are free.
/// - At `max_bytes`, and at the end, FUP and TIP.PGD without IP.
/// - With user mode alone, what leaves it ends with TIP.PGD without IP (behind a FUP, if it is no branch), and TIP.PGE
///   begins with where it is entered again; the call stack is empty then. No PSB goes out between.
///
/// Source: SDM vol. 3C, Intel Processor Trace: Trace Packets and Data Types, and the tables of packet generation
/// scenarios.
final class PtTraceUnit extends BufferedUnit {
  private static final int SHORT_TNT = 6;
  /// CPL of user mode.
  private static final int USER = 3;
  private static final int LONG_TNT = 47;
  private static final long CR3_BITS = 0x000f_ffff_ffff_ffe0L;
  private static final PtPacket MODE_64_BIT = new PtPacket.ModeExec(true, false, false);
  private static final PtPacket PSBEND = new PtPacket.PsbEnd();
  private static final PtPacket DISABLED = new PtPacket.TipPgd(PtPacket.IpCompression.SUPPRESSED, 0);

  private final PtSetup setup;
  private final PtConfig config;
  private final ClockRatio clocks;
  private final PtPacketWriter out;
  private final ReturnStack calls = new ReturnStack(PtConfig.CALL_STACK);
  private final int tntCapacity;
  private long tnt;
  private int tntCount;
  private long tntTime;
  private long cycTime;
  private long tscTime = -1;
  private long nextMtc = Long.MAX_VALUE;
  private long psbAt;
  private boolean psbDue;
  private long cr3 = -1;
  /// Time of the last row, and where the flow stands behind it.
  private long now = -1;
  private long ip;
  /// Rows before this time need a look only if they are loud.
  private long attention = Long.MIN_VALUE;
  /// What runs is to be traced (ContextEn).
  private boolean within;
  /// Those of the run at hand, if they need one.
  private final RetireRow[] rows = RetireRun.room();

  PtTraceUnit(PtSetup setup, ByteSink sink) {
    this(setup, new PtPacketWriter(), sink);
  }

  private PtTraceUnit(PtSetup setup, PtPacketWriter out, ByteSink sink) {
    super(setup.buffer(), out, sink);
    this.setup = setup;
    this.out = out;
    config = setup.config();
    clocks = config.clocks();
    tntCapacity = setup.longTnt() ? LONG_TNT : SHORT_TNT;
    within = !setup.userOnly();
  }

  @Override
  public void retired(RetireBatch batch) {
    for (int i = 0; i < batch.runs() && state != State.ENDED; i++) {
      RetireRun run = batch.run(i);
      boolean before = within;
      within = !setup.userOnly() || run.privilege() == USER;
      if (before && within) {
        traced(run);
      } else if (before) {
        left(run);
      } else if (within) {
        entered(run);
      }
      now = run.time;
    }
    if (batch.runs() > 0) {
      ip = batch.run(batch.runs() - 1).behind();
    }
    handOn();
  }

  private void traced(RetireRun run) {
    if (run.time >= attention) {
      quiet(run);
    }
    if (run.isLoud() || run.time >= attention) {
      retired(run);
    }
  }

  /// The last row of the run leaves what is traced. (Nothing was lost: a buffer that fills is another matter, below.)
  private void left(RetireRun run) {
    if (run.time >= attention) {
      quiet(run);
    }
    if (state != State.ON) {
      return;
    }
    if (psbDue) {
      psb(run.pc);
    }
    flush();
    cyc(run.time);
    if (run.kind() != RetireRow.INSN) {
      out.appendFup(run.pc);
    }
    out.write(DISABLED);
    psbDue = false;
    account(run);
    attention = Long.MIN_VALUE;
  }

  /// The last row of the run enters what is traced. Behind an overflow that is seen at the next row.
  private void entered(RetireRun run) {
    if (state == State.OFF) {
      begin(run.next, run.time);
      state = State.ON;
      attend(run);
    } else if (state == State.ON) {
      enabled(run);
    }
  }

  private void enabled(RetireRun run) {
    if (run.time >= nextMtc) {
      mtc(run.time);
    }
    calls.clear();
    flush();
    cyc(run.time);
    out.appendTipPge(run.next);
    attend(run);
  }

  /// The rows of a run but the last.
  private void quiet(RetireRun run) {
    int count = run.expand(rows, 0) - 1;
    for (int i = 0; i < count && state != State.ENDED; i++) {
      if (rows[i].time >= attention) {
        retired(rows[i]);
      }
      now = rows[i].time;
    }
  }

  private void retired(RetireRow row) {
    int kind = row.kind();
    long time = row.time;
    if (kind == RetireRow.CONTEXT) {
      cr3 = row.next & CR3_BITS;
    }
    if (state != State.ON && !enable(row)) {
      return;
    }
    if (psbDue && kind != RetireRow.CONTEXT) {
      psb(row.pc);
    }
    if (time >= nextMtc) {
      mtc(time);
    }
    switch (kind) {
      case RetireRow.INSN -> instruction(row, time);
      case RetireRow.CONTEXT -> pip(time);
      case RetireRow.WAKE -> wake(time);
      default -> asynchronous(row.pc, row.next, time);
    }
    attend(row);
  }

  // ---- flow

  private void instruction(RetireRow row, long time) {
    switch (row.flow()) {
      case COND_BRANCH -> bit(row.taken() ? 1 : 0, time);
      case CALL -> call(row.sequential(), row.next);
      case INDIRECT_CALL -> {
        calls.push(row.sequential());
        tip(row.next, time);
      }
      case RETURN -> ret(row.next, time);
      case INDIRECT_JUMP, SYSTEM_CALL, TRAP_RETURN -> tip(row.next, time);
      case OTHER, JUMP, TRAP, SYNC, CONTEXT_WRITE, WAIT -> {}
    }
  }

  private void call(long next, long target) {
    if (target != next) {
      calls.push(next);
    }
  }

  private void ret(long target, long time) {
    if (config.retCompression() && !calls.isEmpty()) {
      if (calls.peek() == target) {
        calls.pop();
        bit(1, time);
        return;
      }
      calls.clear();
    }
    tip(target, time);
  }

  private void bit(int taken, long time) {
    if (tntCount == 0) {
      tntTime = time;
    }
    tnt = (tnt << 1) | taken;
    if (++tntCount == tntCapacity) {
      flush();
    }
  }

  private void flush() {
    if (tntCount > 0) {
      cyc(tntTime);
      out.appendTnt(tnt, tntCount);
      tnt = 0;
      tntCount = 0;
    }
  }

  private void tip(long target, long time) {
    flush();
    cyc(time);
    out.appendTip(target);
  }

  private void asynchronous(long from, long handler, long time) {
    flush();
    cyc(time);
    out.appendFup(from);
    out.appendTip(handler);
  }

  private void pip(long time) {
    flush();
    cyc(time);
    out.write(new PtPacket.Pip(cr3, false));
  }

  // ---- time

  private void cyc(long time) {
    long cycles = time - cycTime;
    if (config.cyc() && cycles > 0 && cycles >= config.cycThreshold()) {
      out.appendCyc(cycles);
      cycTime = time;
    }
  }

  /// TSC and TMA, and the next MTC counted from here.
  private void timestamp(long time) {
    flush();
    if (config.tsc()) {
      long tsc = clocks.ticks(time);
      cyc(time);
      out.appendTsc(tsc);
      tscTime = time;
      if (config.mtc()) {
        long ctc = config.ctc(tsc);
        out.write(new PtPacket.Tma((int) ctc & 0xffff, (int) (tsc - config.tscOf(ctc))));
      }
    }
    schedule(time);
  }

  private void wake(long time) {
    if (tscTime != time) {
      timestamp(time);
    }
  }

  private void schedule(long time) {
    if (config.mtc()) {
      nextMtc = mtcTime(mtcNumber(time) + 1);
    }
  }

  /// MTC times up to `time`.
  private long mtcNumber(long time) {
    return config.ctc(clocks.ticks(time)) >> config.mtcPeriod();
  }

  private long mtcTime(long number) {
    return clocks.cycles(config.tscOf(number << config.mtcPeriod()));
  }

  /// The first row at or behind an MTC's time. If there was more than one such time since the last row, the core slept.
  private void mtc(long time) {
    long number = mtcNumber(time);
    long edge = mtcTime(number);
    if (edge != nextMtc && config.tsc()) {
      timestamp(time);
      return;
    }
    flush();
    cyc(edge);
    out.appendMtc((int) number);
    schedule(time);
  }

  // ---- beginning, synchronization, loss and end

  /// Turns tracing on before a row if it is off and that can be.
  private boolean enable(RetireRow row) {
    if (row.kind() == RetireRow.CONTEXT || state == State.ENDED) {
      return false;
    }
    if (state == State.OFF) {
      begin(row.pc, now < 0 ? row.time : now);
    } else if (hasRoom(row.time)) {
      resume(row.pc);
    } else {
      return false;
    }
    state = State.ON;
    return true;
  }

  private void begin(long address, long time) {
    now = time;
    cycTime = time;
    status();
    out.write(PSBEND);
    out.write(MODE_64_BIT);
    out.appendTipPge(address);
  }

  private void resume(long address) {
    cyc(now);
    out.write(new PtPacket.Ovf());
    timestamp(now);
    out.appendFup(address);
  }

  private void psb(long address) {
    flush();
    status();
    out.write(MODE_64_BIT);
    out.appendFup(address);
    out.write(PSBEND);
  }

  private void status() {
    psbAt = out.total();
    psbDue = false;
    calls.clear();
    out.appendPsb();
    cyc(now);
    timestamp(now);
    out.write(new PtPacket.Cbr(config.cbr()));
    if (cr3 != -1) {
      out.write(new PtPacket.Pip(cr3, false));
    }
  }

  /// After a row: what its bytes lead to, and what to wait for.
  private void attend(RetireRow row) {
    psbDue = setup.psbPeriod() > 0 && out.total() - psbAt >= setup.psbPeriod();
    account(row);
    attention = state == State.ON && !psbDue ? nextMtc : Long.MIN_VALUE;
  }

  @Override
  void full(long time, long next) {
    now = time;
    ip = next;
    ends();
  }

  @Override
  void overflow() {
    tntCount = 0;
    tnt = 0;
    calls.clear();
    nextMtc = Long.MAX_VALUE;
  }

  @Override
  void ends() {
    flush();
    cyc(now);
    if (within) {
      out.appendFup(ip);
      out.write(DISABLED);
    }
  }

  @Override
  void endsLost() {
    cyc(now);
    out.write(new PtPacket.Ovf());
  }
}
