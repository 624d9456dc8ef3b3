package dev.crosspatch.tracer.unit;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireRun;
import dev.crosspatch.tracer.etm.EtmConfig;
import dev.crosspatch.tracer.etm.EtmContext;
import dev.crosspatch.tracer.etm.EtmPacket;
import dev.crosspatch.tracer.etm.EtmPacketWriter;
import dev.crosspatch.tracer.etm.EtmRegisters;
import dev.crosspatch.tracer.flow.ByteSink;
import dev.crosspatch.tracer.flow.ReturnStack;

/// The ETMv4 or ETE hardware of one PE in Non-secure AArch64 state, with all Exception levels traced or EL0 alone, and
/// no filter.
///
/// What it does where the manual leaves a choice, so that equal runs give equal bytes:
/// - Nothing is traced speculatively (MAXSPEC 0), every P0 element is committed as it comes (COMMOPT 1), not taken
///   branches are N atoms, WFI and WFE are no P0 elements.
/// - Atoms go out when the writer has 24, and before every other packet.
/// - The address behind an indirect branch waits for the next packet but timestamp and cycle count. If that is an
///   exception taken there, it carries the address (E1:E0 = 10).
/// - The return stack has 15 entries and predicts all indirect branches but exception returns and calls; with branch
///   broadcasting none (R_VQTVR).
/// - A context goes out when the Exception level changes, with the address, and at once when CONTEXTIDR_EL1 is written.
/// - A timestamp follows the P0 element that asks for it: the first behind the start and behind an overflow, exception
///   entry and return, ISB. The one that synchronization asks for goes out with it, and tells the time of the P0
///   element before.
/// - A cycle count follows the first P0 element at which the threshold is reached.
/// - Behind an overflow there are two requests for a timestamp, of the recovery and of the Trace Info. The second waits
///   for the first cycle count, which is unknown: together they tell the time of all that follows.
/// - Synchronization follows the row behind which the period is over: A-Sync, Trace Info, Timestamp, Address with
///   Context. The return stack is forgotten.
/// - When packets were lost, tracing resumes with Overflow and a synchronization at the first P0 element after three
///   quarters of the buffer are free: so the timestamp, which has to wait for that element, tells the time of all that
///   is traced.
/// - With EL0 alone, an exception that leaves it goes out without the address of its handler, and Trace On with an
///   address begins where EL0 is entered again; the return stack is empty then. Synchronization waits until there.
/// - At the end of the run a debugger halts the PE: a Debug halt exception says how far it came.
/// - At `max_bytes` the trace unit is switched off, which a Discard says. Unknown: whether hardware sends one where no
///   element waits for its commit. Assumed so, because nothing else of an ETM tells that tracing has stopped.
///
/// Source: DDI 0487 D4.4 (P0 instructions), D4.5.10 (element generation; timestamps: R_YYWTR, R_DWCYP, R_SZNMB),
/// D4.5.11 (options).
final class EtmTraceUnit extends BufferedUnit {
  private static final int LARGEST_COUNT = (1 << 20) - 1;
  private static final long ALIGNED = ~3L;

  private final EtmSetup setup;
  private final boolean ete;
  private final boolean broadcast;
  /// Fewest cycles between two cycle counts.
  private final long threshold;
  private final EtmPacketWriter out;
  private final ReturnStack calls = new ReturnStack(EtmConfig.RETURN_STACK);
  /// Target of the last P0 element, where a decoder stands, and when it was reached.
  private long target;
  private long targetTime;
  /// The target, the context there, have not been told yet.
  private boolean addressDue;
  private boolean contextDue;
  private boolean timestampDue;
  private boolean timestampWithCountDue;
  /// When the last Cycle Count element was, or where an unknown count begins.
  private long countTime;
  private boolean countKnown;
  private long syncAt;
  private int level;
  /// An Exception level is traced that is not to be: nothing goes out.
  private boolean outside;
  private int contextId;
  /// Time of the last row, and where the flow stands behind it.
  private long now;
  private long ip;

  EtmTraceUnit(EtmSetup setup, EtmRegisters registers, ByteSink sink) {
    this(setup, registers.ete(), new EtmPacketWriter(registers), sink);
  }

  private EtmTraceUnit(EtmSetup setup, boolean ete, EtmPacketWriter out, ByteSink sink) {
    super(setup.buffer(), out, sink);
    this.setup = setup;
    this.ete = ete;
    this.out = out;
    broadcast = setup.broadcast();
    level = setup.userOnly() ? 1 : -1;
    threshold = setup.cycleCounts() ? setup.cycleThreshold() : Long.MAX_VALUE;
  }

  @Override
  public void retired(RetireBatch batch) {
    for (int i = 0; i < batch.runs(); i++) {
      RetireRun run = batch.run(i);
      if (run.isLoud() || state == State.OFF) {
        retired(run);
      }
    }
    if (batch.runs() > 0) {
      RetireRow last = batch.run(batch.runs() - 1);
      now = last.time;
      ip = last.behind();
    }
    handOn();
  }

  private void retired(RetireRun run) {
    int kind = run.kind();
    if (kind == RetireRow.CONTEXT) {
      contextId = (int) run.next;
    }
    int before = level < 0 ? run.privilege() : level;
    level = run.privilege();
    if (setup.userOnly() && before != 0) {
      if (level == 0 && state == State.OFF) {
        begin(run.next, run.time, level);
        state = State.ON;
        account(run);
      } else if (level == 0 && state == State.ON) {
        entered(run);
      }
      return;
    }
    if (state != State.ON && !enable(run, before)) {
      return;
    }
    switch (kind) {
      case RetireRow.INSN -> instruction(run, before);
      case RetireRow.CONTEXT -> context();
      case RetireRow.WAKE -> {}
      default -> exception(run, before);
    }
    account(run);
  }

  // ---- flow

  private void instruction(RetireRow row, int before) {
    long next = row.next;
    long time = row.time;
    switch (row.flow()) {
      case COND_BRANCH -> direct(row.taken(), next, time);
      case JUMP -> direct(true, next, time);
      case CALL -> {
        direct(true, next, time);
        calls.push(row.sequential());
      }
      case SYNC -> {
        timestampDue = setup.timestamps();
        direct(true, row.sequential(), time);
      }
      case INDIRECT_JUMP, RETURN -> indirect(next, time);
      case INDIRECT_CALL -> {
        unpredicted(next, time);
        calls.push(row.sequential());
      }
      case TRAP_RETURN -> exceptionReturn(next, time, before);
      case OTHER, SYSTEM_CALL, TRAP, CONTEXT_WRITE, WAIT -> {}
    }
  }

  private void direct(boolean taken, long next, long time) {
    atom(taken, next, time);
    addressDue = taken && broadcast;
  }

  private void indirect(long next, long time) {
    if (setup.returnStack() && !broadcast && !calls.isEmpty() && calls.peek() == next) {
      calls.pop();
      atom(true, next, time);
    } else {
      unpredicted(next, time);
    }
  }

  private void unpredicted(long next, long time) {
    atom(true, next, time);
    addressDue = true;
  }

  private void atom(boolean taken, long next, long time) {
    settle();
    out.appendAtom(taken);
    commit(next, time);
  }

  private void exceptionReturn(long next, long time, int before) {
    settle();
    out.appendAtom(true);
    if (!ete) {
      out.appendExceptionReturn();
    }
    timestampDue = setup.timestamps();
    commit(next, time);
    addressDue = true;
    contextDue = level != before;
  }

  /// EL0, which alone is traced, is entered by the exception return.
  private void entered(RetireRow row) {
    outside = false;
    settle();
    calls.clear();
    out.flushAtoms();
    out.appendTraceOn();
    target = row.next;
    targetTime = row.time;
    out.appendAddressContext(target & ALIGNED, 0, contextInfo(level), 0, contextId);
    timestampDue = setup.timestamps();
    account(row);
  }

  private void exception(RetireRow row, int before) {
    leave(row.vector(), row.pc, before);
    if (setup.userOnly() && level != 0) {
      outside = true;
      return;
    }
    long handler = row.next & ALIGNED;
    if (level == before) {
      out.appendAddress(handler, 0);
    } else {
      out.appendAddressContext(handler, 0, contextInfo(level), 0, contextId);
    }
    commit(handler, row.time);
  }

  /// The exception packet; `from` is the preferred return address.
  private void leave(int type, long from, int before) {
    boolean isTarget = addressDue && from == target;
    if (!isTarget) {
      settle();
    }
    if (contextDue) {
      out.appendException(type, isTarget, from & ALIGNED, 0, contextInfo(before), 0, contextId);
    } else {
      out.appendException(type, isTarget, from & ALIGNED, 0);
    }
    addressDue = false;
    contextDue = false;
    timestampDue = setup.timestamps();
  }

  private void context() {
    if (setup.contextId()) {
      settle();
      out.appendContext(contextInfo(level), 0, contextId);
    }
  }

  private int contextInfo(int el) {
    return el | EtmContext.SF | EtmContext.NS | (setup.contextId() ? EtmContext.C : 0);
  }

  /// Tells where the last indirect branch went, if that is still due.
  private void settle() {
    if (addressDue) {
      addressDue = false;
      if (contextDue) {
        contextDue = false;
        out.appendAddressContext(target & ALIGNED, 0, contextInfo(level), 0, contextId);
      } else {
        out.appendAddress(target & ALIGNED, 0);
      }
    }
  }

  // ---- time

  /// A P0 element, which leads to `next`, is out.
  private void commit(long next, long time) {
    target = next;
    targetTime = time;
    if (time - countTime >= threshold) {
      out.appendCycleCount(0, cycles(time));
      countTime = time;
      countKnown = true;
      timestampDue |= timestampWithCountDue;
      timestampWithCountDue = false;
    }
    if (timestampDue) {
      timestampDue = false;
      timestamp();
    }
  }

  /// A timestamp for the last P0 element.
  private void timestamp() {
    out.appendTimestamp(setup.clocks().ticks(targetTime), setup.cycleCounts()
        ? cycles(targetTime) : EtmPacket.UNKNOWN);
  }

  private int cycles(long time) {
    long cycles = time - countTime;
    return countKnown && cycles <= LARGEST_COUNT ? (int) cycles : EtmPacket.UNKNOWN;
  }

  // ---- beginning, synchronization, loss and end

  /// Turns tracing on if it is off and that can be: at first before the run, behind an overflow before its last row.
  private boolean enable(RetireRun run, int before) {
    if (run.kind() == RetireRow.CONTEXT || state == State.ENDED) {
      return false;
    }
    if (state == State.OFF) {
      begin(run.startPc(), run.startTime(), before);
    } else if (isP0(run) && hasRoom(run.time)) {
      out.appendOverflow();
      begin(run.pc, run.time, before);
      timestampWithCountDue = setup.timestamps();
    } else {
      return false;
    }
    state = State.ON;
    return true;
  }

  private static boolean isP0(RetireRow row) {
    if (row.kind() != RetireRow.INSN) {
      return row.kind() != RetireRow.WAKE;
    }
    FlowClass flow = row.flow();
    return flow == FlowClass.SYNC || (flow.isBranch() && flow != FlowClass.SYSTEM_CALL);
  }

  private void begin(long address, long time, int el) {
    target = address;
    targetTime = time;
    countTime = time;
    countKnown = false;
    traceInfo();
    out.appendTraceOn();
    out.appendAddressContext(address & ALIGNED, 0, contextInfo(el), 0, contextId);
    timestampDue = setup.timestamps();
  }

  @Override
  void synchronize() {
    if (outside || setup.syncPeriod() == 0 || out.total() - syncAt < setup.syncPeriod()) {
      return;
    }
    settle();
    traceInfo();
    if (setup.timestamps() && !timestampDue) {
      timestamp();
    }
    out.appendAddressContext(target & ALIGNED, 0, contextInfo(level), 0, contextId);
  }

  private void traceInfo() {
    out.flushAtoms();
    syncAt = out.total();
    calls.clear();
    out.appendASync();
    if (setup.cycleCounts()) {
      out.appendTraceInfo(EtmPacket.TraceInfo.CYCLE_COUNTING, 0, setup.cycleThreshold());
    } else {
      out.appendTraceInfo(0, 0, 0);
    }
  }

  /// Trace unit flush, and off.
  @Override
  void full(long time, long next) {
    settle();
    if (setup.timestamps()) {
      timestamp();
    }
    out.flushAtoms();
    out.write(new EtmPacket.Discard());
  }

  @Override
  void overflow() {
    settle();
    out.flushAtoms();
  }

  @Override
  void ends() {
    if (outside) {
      return;
    }
    leave(EtmPacket.ExceptionEntry.DEBUG_HALT, ip, level);
    commit(ip, now);
  }

  @Override
  void endsLost() {
    out.appendOverflow();
  }

  @Override
  void flushed() {
    out.flushAtoms();
  }
}
