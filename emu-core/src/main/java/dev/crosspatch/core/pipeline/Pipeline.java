package dev.crosspatch.core.pipeline;

import dev.crosspatch.core.pipeline.PipelineTable.Parameter;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.time.TimingModel;
import dev.crosspatch.core.uop.Profile;
import dev.crosspatch.core.uop.Uop;
import java.util.Arrays;
import java.util.stream.IntStream;

/// The pipeline of one core, in queue clocks: no cycle is gone through, but each resource has a clock that says when it
/// is free, and an instruction moves on those that it takes.
///
/// There is a clock of the front end, one for each group of ports, the time at which each register is ready, a ring
/// with the times at which the last instructions retired (its length is how many can be in flight), and [StoreTable].
/// What an instruction takes is in its [PipelineOp]. It is stepped before it executes, as if it hit all caches and were
/// predicted; what it met is told then ([#late], [#mispredicted]) and made up for at the next step.
///
/// All times are in [ClockUnit]s; the core's clock is when the last instruction retired.
public final class Pipeline {
  private static final int CYCLE = ClockUnit.PER_CYCLE;

  private final int load;
  private final int vectorLoad;
  private final int lock;
  private final int refill;
  private final int quotient;
  private final boolean nopsFuse;
  private final int stackRegister;
  private final int stackStep;
  private final int stackSync;
  // ---- pairs of a group of ports and how far an access moves it on
  private final transient int[] loadPorts;
  private final transient int[] vectorLoadPorts;
  private final transient int[] storePorts;
  private final transient int[] vectorStorePorts;

  // ---- the clocks
  private long front;
  private long retired;
  private final long[] busy;
  private final long[] ready = new long[Profile.REGISTERS];
  private final long[] ring;
  private int head;
  private final StoreTable stores;
  private long lockedUntil;
  private boolean stackMoved;

  // ---- what the last instruction met
  private long told;
  private long late;
  private boolean mispredicted;
  private boolean fuses;
  private boolean wasNop;
  private long lastDone;
  private int lastResult = Uop.SINK;
  private long behindLast;

  /// @param refill what a misprediction costs from the branch's end on
  public Pipeline(PipelineTable table, int refill) {
    this.refill = refill;
    load = table.units(Parameter.LOAD);
    vectorLoad = table.units(Parameter.VECTOR_LOAD);
    lock = table.units(Parameter.LOCK);
    quotient = table.units(Parameter.QUOTIENT);
    nopsFuse = table.number(Parameter.NOPS_FUSE) != 0;
    stackRegister = (int) table.number(Parameter.STACK);
    stackStep = table.units(Parameter.STACK_STEP);
    stackSync = table.units(Parameter.STACK_SYNC);
    busy = new long[table.groups()];
    ring = new long[(int) table.number(Parameter.WINDOW)];
    stores = new StoreTable(table);
    loadPorts = ports(table, table.load(false));
    vectorLoadPorts = ports(table, table.load(true));
    storePorts = ports(table, table.storeAddress(), table.storeData(false));
    vectorStorePorts = ports(table, table.storeAddress(), table.storeData(true));
  }

  private static int[] ports(PipelineTable table, int... groups) {
    return Arrays.stream(groups).flatMap(g -> Arrays.stream(table.wider(g)))
        .flatMap(g -> IntStream.of(g, CYCLE / table.ports(g))).toArray();
  }

  // ---- what the core tells

  /// The last instruction's access, or the walk for it, took so much longer.
  public void late(long units) {
    late += units;
  }

  /// The last instruction was a branch that was predicted wrong.
  public void mispredicted() {
    mispredicted = true;
  }

  /// Fetch begins: what the last instruction met is made up for, and what is late from here on is the front end. Or it
  /// `ends`.
  public void fetching(boolean ends) {
    if (ends) {
      front += late;
      late = 0;
    } else {
      settle();
    }
  }

  private void settle() {
    if (late != 0) {
      long done = lastDone + late;
      ready[lastResult] = Math.max(ready[lastResult], done);
      retired = Math.max(retired, done);
      ring[head == 0 ? ring.length - 1 : head - 1] = retired;
      lastDone = done;
      late = 0;
    }
    if (mispredicted) {
      front = Math.max(front, lastDone + refill);
      mispredicted = false;
    }
  }

  // ---- a step

  /// An instruction is about to be executed.
  ///
  /// @param r      the core's registers
  /// @param behind address behind it
  /// @param clock  the core's clock
  /// @return the core's clock when it has retired
  public long step(PipelineOp op, long[] r, long behind, long clock) {
    int flags = op.flags;
    settle();
    if (clock != told) {
      drain(clock);
    }
    boolean fused = fuses && (flags & PipelineOp.BRANCH) != 0 && behindLast != 0;
    fuses = (flags & PipelineOp.FUSES) != 0;
    boolean nop = (flags & PipelineOp.NOP) != 0;
    long f = Math.max(fused || (nop && !wasNop && nopsFuse) ? front : front + op.slots, ring[head]);
    wasNop = nop;
    f = (flags & PipelineOp.STORES) != 0 ? Math.max(f, stores.room()) : f;
    front = f;
    if ((flags & PipelineOp.USES_STACK) != 0 && stackMoved) {
      ready[stackRegister] += stackSync;
      stackMoved = false;
    }
    long at = Math.max(f, Math.max(ready[op.a0], ready[op.a1]));
    long t = Math.max(f, Math.max(Math.max(ready[op.s0], ready[op.s1]), Math.max(ready[op.s2], ready[op.s3])));
    long va = 0;
    if ((flags & (PipelineOp.LOADS | PipelineOp.STORES)) != 0) {
      va = r[op.base] + (r[op.index] << op.scale) + op.displacement + ((flags & PipelineOp.RELATIVE) != 0 ? behind : 0);
      if ((flags & PipelineOp.STACK) != 0) {
        at = Math.max(at, ready[stackRegister]);
      }
      if ((flags & PipelineOp.LOADS) != 0) {
        t = Math.max(t, load(op, va, at, f));
      }
    }
    long x = fused ? t : through(op.ports, t, f);
    long done = x + op.latency;
    if ((flags & PipelineOp.RARE) != 0) {
      done = rare(op, r, x, done);
    }
    ready[op.early] = at + CYCLE;
    ready[op.d0] = done;
    ready[op.d1] = done;
    ready[op.d2] = done;
    stores.written(op);
    if ((flags & PipelineOp.STACK) != 0) {
      ready[stackRegister] = Math.max(ready[stackRegister], f - CYCLE) + stackStep;
      stackMoved = true;
    }
    retired = Math.max(retired, done);
    if ((flags & PipelineOp.STORES) != 0) {
      store(op, va, done, at, f);
    }
    ring[head] = retired;
    head = head + 1 == ring.length ? 0 : head + 1;
    lastDone = done;
    lastResult = op.d0;
    behindLast = behind;
    told = Math.max(clock + TimingModel.RETIRED_APART, retired);
    return told;
  }

  /// A micro-op waits for each of the groups, and moves it on.
  private long through(int[] ports, long t, long f) {
    long x = t;
    for (int i = 0; i < ports.length; i += 2) {
      long b = Math.max(busy[ports[i]], f);
      x = Math.max(x, b);
      busy[ports[i]] = b + ports[i + 1];
    }
    return x;
  }

  private long load(PipelineOp op, long va, long at, long f) {
    boolean vector = (op.flags & PipelineOp.VECTOR) != 0;
    int[] ports = vector ? vectorLoadPorts : loadPorts;
    long x = through(ports, at, f);
    for (int i = 1; i < op.loads; i++) {
      x = through(ports, at, f);
    }
    return stores.load(op, va, x + (vector ? vectorLoad : load), f);
  }

  private void store(PipelineOp op, long va, long done, long at, long f) {
    int[] ports = (op.flags & PipelineOp.VECTOR_DATA) != 0 ? vectorStorePorts : storePorts;
    for (int i = 0; i < op.stores; i++) {
      retired = Math.max(retired, through(ports, at, f));
    }
    stores.store(op, va, done, retired);
  }

  private long rare(PipelineOp op, long[] r, long x, long done) {
    long end = done;
    if ((op.flags & PipelineOp.DIVIDES) != 0) {
      long more = (long) quotient * quotientBits(op, r);
      end += more;
      for (int i = 0; i < op.ports.length; i += 2) {
        busy[op.ports[i]] += more / 2 / Math.max(1, CYCLE / Math.max(1, op.ports[i + 1]));
      }
    }
    if ((op.flags & PipelineOp.LOCKED) != 0) {
      end = Math.max(end, Math.max(lockedUntil + lock, retired));
      lockedUntil = end;
      front = Math.max(front, end);
    }
    if ((op.flags & PipelineOp.SERIAL) != 0) {
      end = Math.max(retired, x) + op.latency;
      front = Math.max(front, end);
    }
    return end;
  }

  private static int quotientBits(PipelineOp op, long[] r) {
    int by = op.divisor == Profile.NONE ? op.operandBits / 2 : bits(r[op.divisor], op.operandBits);
    return Math.max(0, bits(r[op.dividend], op.operandBits) - by);
  }

  private static int bits(long number, int of) {
    int cut = 64 - of;
    long cutOff = number << cut >> cut;
    return 64 - Long.numberOfLeadingZeros(Math.abs(cutOff));
  }

  /// Time has passed that is nobody's here: an exception, a wait, what a helper took. Nothing is in flight behind it.
  private void drain(long clock) {
    front = Math.max(front, clock);
    retired = Math.max(retired, clock);
    told = clock;
  }
}
