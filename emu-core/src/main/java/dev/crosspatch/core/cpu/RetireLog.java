package dev.crosspatch.core.cpu;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.mem.Instruction;
import java.util.Arrays;

/// What retired on one core, on its way to the core's sinks.
final class RetireLog {
  private static final int DEFERRED = 4;

  /// Whether there are sinks. Without, nothing is recorded.
  boolean isHeard;

  private RetireSink[] sinks = {};
  private final RetireBatch batch = new RetireBatch();

  private final int[] deferredKind = new int[DEFERRED];
  private final long[] deferredPc = new long[DEFERRED];
  private final int[] deferredVector = new int[DEFERRED];
  private int deferred;

  void attach(RetireSink sink) {
    flush();
    sinks = Arrays.copyOf(sinks, sinks.length + 1);
    sinks[sinks.length - 1] = sink;
    isHeard = true;
  }

  /// Appends a row that is no instruction.
  void row(int kind, long pc, long next, long cycle, int info) {
    if (isHeard) {
      batch.add(kind, pc, next, cycle, info);
      flushIfFull();
    }
  }

  /// Appends the instructions from `first` to `last`. There is room.
  ///
  /// @param to   where the last goes on
  /// @param time of the last, in [dev.crosspatch.core.time.ClockUnit]s
  /// @param bits of its info: mode, and whether it is a branch that was taken
  void run(Instruction first, Instruction last, long line, long base, long to, long time, int bits) {
    batch.add(first, last, line, base, to, time, bits);
  }

  /// Whether there is no room for another run.
  boolean isFull() {
    return batch.isFull();
  }

  void flushIfFull() {
    if (isFull()) {
      flush();
    }
  }

  /// Keeps a row that an instruction's helper reports until the instruction's own row is written. For a context row
  /// `pc` is the value.
  void defer(int kind, long pc, int vector) {
    if (deferred == DEFERRED) {
      throw new IllegalStateException("one instruction reports more than " + DEFERRED + " rows of its own");
    }
    deferredKind[deferred] = kind;
    deferredPc[deferred] = pc;
    deferredVector[deferred++] = vector;
  }

  /// Writes the rows kept, after their instruction retired and the core stands at `core.pc`.
  void writeDeferred(Core core) {
    for (int i = 0; i < deferred; i++) {
      boolean context = deferredKind[i] == RetireRow.CONTEXT;
      row(deferredKind[i], context ? core.pc : deferredPc[i], context ? deferredPc[i] : core.pc, core.cycles(),
          core.mode | deferredVector[i] << RetireRow.VECTOR_SHIFT);
    }
    deferred = 0;
  }

  /// Drops the rows kept: the instruction faulted.
  void dropDeferred() {
    deferred = 0;
  }

  /// Hands what there is to the sinks.
  void flush() {
    if (batch.runs() > 0) {
      for (RetireSink sink : sinks) {
        sink.retired(batch);
      }
      batch.clear();
    }
  }

  void end() {
    for (RetireSink sink : sinks) {
      sink.end();
    }
  }
}
