package dev.crosspatch.core.cpu;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.mem.Instruction;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.time.TimingTable;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The rows of one core on their way to its sinks. Without sinks there is no batch and rows are dropped.
final class RetireLog {
  private static final int DEFERRED = 4;
  private static final int BLOCKS = 64;
  private static final int FULL = RetireBatch.CAPACITY - PhysicalMemory.LINE - 1;

  private RetireSink[] sinks = {};
  /// The batch being filled, or null.
  @Nullable RetireBatch batch;

  // ---- blocks that are not rows of the batch yet: an interpreter that wrote rows would be slowed down far more
  private final Instruction[] first = new Instruction[BLOCKS];
  private final int[] length = new int[BLOCKS];
  private final long[] line = new long[BLOCKS];
  private final long[] base = new long[BLOCKS];
  private final long[] next = new long[BLOCKS];
  private final long[] end = new long[BLOCKS];
  private final int[] info = new int[BLOCKS];
  private int blocks;

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
    expand();
    int n = b.count++;
    b.pc[n] = pc;
    b.next[n] = next;
    b.time[n] = cycle;
    b.info[n] = info | kind << RetireBatch.KIND_SHIFT;
    if (b.count > FULL) {
      send();
    }
  }

  /// Appends `count` instructions, at least one, from the frame's first on.
  ///
  /// @param to   where the last goes on
  /// @param time of the last, 1/16 cycles
  /// @param bits of the info column: mode, and whether the last is a branch that was taken
  void block(Frame frame, int count, long to, long time, int bits) {
    int k = blocks;
    first[k] = frame.first;
    length[k] = count;
    line[k] = frame.line;
    base[k] = frame.base;
    next[k] = to;
    end[k] = time;
    info[k] = bits;
    blocks = k + 1;
  }

  /// Whether there is no room for another block.
  boolean isFull() {
    return blocks == BLOCKS;
  }

  void flushIfFull() {
    if (isFull()) {
      expand();
    }
  }

  /// Turns blocks into rows.
  private void expand() {
    RetireBatch b = batch;
    int n = blocks;
    blocks = 0;
    for (int k = 0; k < n && b != null; k++) {
      rows(b, k);
      if (b.count > FULL) {
        send();
      }
    }
  }

  private void rows(RetireBatch b, int k) {
    Instruction i = Objects.requireNonNull(first[k]);
    int mode = info[k] & ~RetireBatch.TAKEN;
    long sums = base[k];
    long pc = line[k] + i.offset;
    int last = b.count + length[k] - 1;
    for (int n = b.count; n < last; n++) {
      int what = i.info;
      b.pc[n] = pc;
      b.time[n] = (sums + i.sum) >>> TimingTable.UNIT_SHIFT;
      b.info[n] = what | mode;
      pc += what & RetireBatch.LENGTH_MASK;
      i = Objects.requireNonNull(i.next);
    }
    b.pc[last] = pc;
    b.next[last] = next[k];
    b.time[last] = end[k] >>> TimingTable.UNIT_SHIFT;
    b.info[last] = i.info | info[k];
    b.count = last + 1;
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
    expand();
    send();
  }

  private void send() {
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
