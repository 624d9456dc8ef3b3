package dev.crosspatch.sim.run;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireRun;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.isa.FlowClass;
import java.util.Arrays;

/// What patching took from one CPU that did not patch: every time its work was interrupted for a poke, from the last retired instruction (or wake-up) before the
/// diversion to the return from it.
///
/// A diversion is patching's if it is a breakpoint (the kernels have no others), or an interrupt whose handler runs the kernel's answer to function calls, which
/// only syncs and kicks make. Timer ticks come through the same vector on AArch64 and do not run it. Diversions inside a diversion belong to the outer one. The
/// return is the first exception return after which interrupts are enabled as they were before: a serializing IRET inside the handler leaves them
/// disabled.
final class BystanderLog implements RetireSink {
  private final long answer;
  private long[] begins = new long[64];
  private long[] lengths = new long[64];
  private boolean[] traps = new boolean[64];
  private int count;

  // ---- the last run before a diversion, and the diversion that is under way
  private long lastTime;
  private boolean lastEnabled;
  private boolean inside;
  private boolean patching;
  private boolean trap;
  private long begin;
  private boolean enabledBefore;

  /// @param answer address of the first instruction of the kernel's answer to function calls
  BystanderLog(long answer) {
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
    boolean returns = instruction && run.flow() == FlowClass.TRAP_RETURN;
    if (returns && run.interruptsEnabled() == enabledBefore) {
      inside = false;
      if (patching) {
        add(run.time);
      }
    }
  }

  private void add(long end) {
    if (count == begins.length) {
      begins = Arrays.copyOf(begins, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
      traps = Arrays.copyOf(traps, 2 * count);
    }
    begins[count] = begin;
    lengths[count] = end - begin;
    traps[count++] = trap;
  }

  /// Diversions that have ended, in order.
  int count() {
    return count;
  }

  /// Cycle at which the CPU's own work stopped.
  long begin(int index) {
    return begins[index];
  }

  /// Cycles until it went on.
  long cycles(int index) {
    return lengths[index];
  }

  /// Whether it began with a breakpoint, not with an interrupt.
  boolean isTrap(int index) {
    return traps[index];
  }
}
