package dev.crosspatch.sim.perfetto;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.TextLog;
import dev.crosspatch.sim.truth.TruthReader;
import dev.crosspatch.sim.window.ExecutedRows;
import java.util.BitSet;

/// What one CPU does, from its truth: functions, handlers and idle time as slices, with the steps of patching and what
/// was stale as instants.
final class CpuTrack implements AutoCloseable {
  /// Idle time that is not longer cannot be told from the grain of the truth's times.
  private static final int IDLE = 2 * TruthReader.TIME_GRAIN;
  private static final long NONE = -1;

  private final TraceEvents out;
  private final Track track;
  private final Cycles part;
  private final ExecutedRows rows;
  private final TruthReader row;
  private final FlowClasses flows;
  private final CallStack stack;
  private final PatchSteps steps;
  private final StaleMarks marks;
  private boolean more;
  private boolean shown;
  /// The row before: when it happened, and where, if it was an instruction.
  private long lastTime;
  private long lastAddress = NONE;
  /// How that instruction went on, if a handler ran it.
  private FlowClass flow = FlowClass.OTHER;

  /// @param versions of all CPUs
  /// @param arrows   numbers of interrupts, in the log of events, that get one
  /// @param recorded violations that have a record of their own
  CpuTrack(RunDirectory run, Image image, Subject subject, int cpu, TextLog versions, BitSet arrows, long recorded) {
    track = Track.ofCpu(cpu);
    out = subject.out();
    part = subject.part();
    rows = new ExecutedRows(run, image, cpu, versions, this::changed);
    row = rows.row();
    flows = new FlowClasses(run.config().isa(), rows.text());
    stack = new CallStack(out, track, subject.functions(), subject.symbols());
    steps = new PatchSteps(run, subject, cpu, track, arrows);
    marks = new StaleMarks(run, subject, cpu, track, recorded);
    out.name(track, false, track.name());
    more = rows.next();
  }

  private void changed(int line) {
    flows.changed(line);
  }

  /// Goes on to the first row that begins at a cycle or later, and returns when it does; [Long#MAX_VALUE] if there is
  /// none.
  long advance(long until) {
    while (more && rows.began() < until) {
      row();
      lastTime = row.time();
      more = rows.next();
    }
    return more ? rows.began() : Long.MAX_VALUE;
  }

  private void row() {
    long began = begin();
    show(began);
    steps.until(row.isInstruction() ? began : Math.min(began, row.time() - 1)); // what a diversion does lies in it
    if (flow == FlowClass.TRAP_RETURN) {
      stack.returned(row.address(), began);
    } else if (flow == FlowClass.RETURN && row.kind() <= RetireRow.FAULT) {
      stack.wentBack(row.address(), began);
    }
    if (row.kind() <= RetireRow.FAULT) { // of others the address is that of what runs later
      stack.run(row.address(), began);
    }
    if (rows.isRecorded()) {
      marks.record();
    } else {
      marks.run(row.address(), rows.began());
    }
    boolean instruction = row.isInstruction();
    lastAddress = instruction ? row.address() : NONE;
    flow = instruction && stack.isDiverted() ? flows.at(row.address()) : FlowClass.OTHER;
    if (!instruction && began < part.to()) {
      stack.divert(row.kind(), row.address(), row.target(), began);
    }
  }

  /// The part that is shown begins here at the latest, if it does.
  private void show(long cycle) {
    if (!shown && cycle >= part.from()) {
      shown = true;
      stack.show(part.from());
    }
  }

  /// When the present row began; the time that the CPU slept before it is told.
  private long begin() {
    if (lastAddress == NONE || row.time() - lastTime <= IDLE || flows.at(lastAddress) != FlowClass.WAIT) {
      return rows.began();
    }
    steps.until(lastTime);
    show(row.time());
    if (shown && lastTime < part.to()) {
      out.begin(track, part.nearest(lastTime), "idle", "idle", g -> {});
      out.end(track, part.nearest(row.time()));
    }
    return row.time();
  }

  /// When the last row happened.
  long time() {
    return lastTime;
  }

  /// No more is shown: all that is open ends.
  void end() {
    steps.until(more ? part.to() : Long.MAX_VALUE);
    if (!more) {
      marks.end();
    }
    if (shown) {
      stack.end(0, more ? part.to() : part.nearest(lastTime));
    }
  }

  @Override
  public void close() {
    rows.close();
    steps.close();
    marks.close();
  }
}
