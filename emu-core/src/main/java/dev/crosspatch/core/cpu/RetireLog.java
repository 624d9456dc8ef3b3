package dev.crosspatch.core.cpu;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.mem.PhysicalMemory;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The rows of one core on their way to its sinks. Without sinks there is no batch and rows are dropped.
final class RetireLog {
  private static final int DEFERRED = 4;
  private static final int FULL = RetireBatch.CAPACITY - PhysicalMemory.LINE - 1;

  private RetireSink[] sinks = {};
  /// The batch being filled, or null.
  @Nullable RetireBatch batch;

  private final int[] deferredKind = new int[DEFERRED];
  private final long[] deferredPc = new long[DEFERRED];
  private final int[] deferredVector = new int[DEFERRED];
  private int deferred;

  void attach(RetireSink sink) {
    flush();
    sinks = Arrays.copyOf(sinks, sinks.length + 1);
    sinks[sinks.length - 1] = sink;
    if (batch == null) {
      batch = new RetireBatch();
    }
  }

  /// Appends a row that is no instruction.
  void row(int kind, long pc, long next, long cycle, int info) {
    RetireBatch b = batch;
    if (b == null) {
      return;
    }
    int n = b.count++;
    b.pc[n] = pc;
    b.next[n] = next;
    b.time[n] = cycle;
    b.info[n] = info | kind << RetireBatch.KIND_SHIFT;
    flushIfFull();
  }

  /// Whether the batch may lack the room for a line of instructions and one more.
  boolean isFull() {
    RetireBatch b = batch;
    return b != null && b.count > FULL;
  }

  void flushIfFull() {
    if (isFull()) {
      flush();
    }
  }

  /// Keeps a row that an instruction's helper reports until the instruction's own row is written. For a context row `pc` is the value.
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
      boolean context = deferredKind[i] == RetireBatch.CONTEXT;
      row(deferredKind[i], context ? 0 : deferredPc[i], context ? deferredPc[i] : core.pc, core.cycles(),
          core.mode | deferredVector[i] << RetireBatch.VECTOR_SHIFT);
    }
    deferred = 0;
  }

  /// Drops the rows kept: the instruction faulted.
  void dropDeferred() {
    deferred = 0;
  }

  /// Hands the rows so far to the sinks.
  void flush() {
    RetireBatch b = batch;
    if (b != null && b.count > 0) {
      for (RetireSink sink : sinks) {
        sink.retired(b);
      }
      b.count = 0;
    }
  }

  void end() {
    for (RetireSink sink : sinks) {
      sink.end();
    }
  }
}
