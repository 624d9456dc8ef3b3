package dev.crosspatch.sim.run;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireRun;
import dev.crosspatch.core.event.RetireSink;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What patching took from one CPU that did not patch: every time its work was interrupted for a poke, from the last
/// retired instruction (or wake-up) before the diversion to the return from it.
///
/// A diversion is patching's if it is a breakpoint (the kernels have no others), or an interrupt whose handler runs the
/// kernel's answer to function calls, which only syncs and kicks make. Timer ticks come through the same vector on
/// AArch64 and do not run it. Diversions inside a diversion belong to the outer one. The return is the first exception
/// return after which interrupts are enabled as they were before: a serializing IRET inside the handler leaves them
/// disabled. Where they were enabled, whatever enables them again is one: a tick that preempts a task goes on with
/// another, which may have given way by itself and returns from no exception.
final class BystanderLog implements RetireSink {
  private final int cpu;
  private final long answer;
  /// Diversions that have ended and were not taken yet, in order.
  private final ArrayDeque<Diversion> ended = new ArrayDeque<>();

  // ---- the last run before a diversion, and the diversion that is under way
  private long lastTime;
  private boolean lastEnabled;
  private boolean inside;
  private boolean patching;
  private boolean trap;
  private long begin;
  private boolean enabledBefore;

  /// One diversion.
  ///
  /// @param begin  cycle at which the CPU's own work stopped
  /// @param cycles until it went on
  /// @param isTrap whether it began with a breakpoint, not with an interrupt
  record Diversion(long begin, long cycles, boolean isTrap) {}

  /// @param cpu    its number
  /// @param answer address of the first instruction of the kernel's answer to function calls
  BystanderLog(int cpu, long answer) {
    this.cpu = cpu;
    this.answer = answer;
  }

  @Override
  public void retired(RetireBatch batch) {
    for (int i = 0; i < batch.runs(); i++) {
      RetireRun run = batch.run(i);
      int kind = run.kind();
      if (inside) {
        within(run, kind);
      } else if (kind == RetireRow.TRAP || kind == RetireRow.INTERRUPT) {
        enter(run, kind == RetireRow.TRAP);
      }
      lastTime = run.time;
      lastEnabled = run.interruptsEnabled();
    }
  }

  private void enter(RetireRow row, boolean breakpoint) {
    inside = true;
    trap = breakpoint;
    patching = breakpoint || row.next == answer;
    begin = lastTime;
    enabledBefore = lastEnabled;
  }

  private void within(RetireRun run, int kind) {
    boolean instruction = kind == RetireRow.INSN;
    if (kind == RetireRow.TRAP || (instruction && run.covers(answer))) {
      patching = true;
    }
    boolean returns = instruction && (enabledBefore || run.flow() == FlowClass.TRAP_RETURN);
    if (returns && run.interruptsEnabled() == enabledBefore) {
      inside = false;
      if (patching) {
        ended.add(new Diversion(begin, run.time - begin, trap));
      }
    }
  }

  /// The CPU's number.
  int cpu() {
    return cpu;
  }

  /// Takes the oldest diversion that has ended, if it began before `cycle`.
  @Nullable Diversion next(long cycle) {
    Diversion oldest = ended.peek();
    return oldest != null && oldest.begin() < cycle ? ended.remove() : null;
  }

  /// No diversion that will be heard of began before this cycle.
  long horizon() {
    return inside ? begin : lastTime;
  }
}
