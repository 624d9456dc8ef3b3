package dev.crosspatch.core.pipeline;

import dev.crosspatch.core.pipeline.PipelineTable.Parameter;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.uop.Profile;

/// Recent stores by the eight bytes within a page that they touch, for loads that find their data there; and when
/// stores leave for the cache, in order.
final class StoreTable {
  private static final int CYCLE = ClockUnit.PER_CYCLE;
  private static final int ENTRIES = 512;
  private static final int GRANULE = 3;
  private static final int PAGE_MASK = 4095;
  private static final int CHUNK = 5;
  private static final int NEAR = 64;
  /// Least bytes of a store that can be renamed.
  private static final int RENAMED = 4;
  /// Key of stores of the stack engine, which knows its own.
  private static final int STACK = -1;

  private final int forward;
  private final int forwardVector;
  private final int forwardPart;
  private final int alias;
  private final boolean renames;
  private final boolean remembers;
  private final int step;
  private final boolean pairs;

  private final long[] address = new long[ENTRIES];
  private final long[] done = new long[ENTRIES];
  private final long[] leaves = new long[ENTRIES];
  private final int[] bytes = new int[ENTRIES];
  private final int[] key = new int[ENTRIES];
  private final boolean[] vector = new boolean[ENTRIES];
  /// How often each register was written; of a store, the sum over those of its address.
  private final int[] version = new int[Profile.REGISTERS];

  private final int[] versions = new int[ENTRIES];

  /// When the last stores leave, and so make room.
  private final long[] queue;

  private int head;
  private long left;
  private long chunk;
  private boolean paired;

  StoreTable(PipelineTable table) {
    forward = table.units(Parameter.FORWARD);
    forwardVector = table.units(Parameter.FORWARD_VECTOR);
    forwardPart = table.units(Parameter.FORWARD_PART);
    alias = table.units(Parameter.ALIAS);
    remembers = table.has(Parameter.MEMORY);
    renames = table.number(Parameter.RENAMES) != 0;
    step = table.units(Parameter.COMMIT);
    pairs = table.number(Parameter.COMMIT_PAIRS) != 0;
    queue = new long[(int) table.number(Parameter.STORES)];
  }

  /// An instruction's registers have other values now.
  void written(PipelineOp op) {
    version[op.d0]++;
    version[op.d1]++;
    version[op.d2]++;
    version[op.early]++;
    version[Profile.NONE] = 0;
  }

  private static int entry(long va) {
    return (int) va >>> GRANULE & ENTRIES - 1;
  }

  private static int keyOf(PipelineOp op) {
    return (op.flags & PipelineOp.STACK) != 0 ? STACK : op.key;
  }

  /// When a load has its data.
  ///
  /// @param usual when, if they are in the cache
  long load(PipelineOp op, long va, long usual, long front) {
    if ((op.flags & PipelineOp.UNKNOWN) != 0 || !remembers) {
      return usual;
    }
    int s = entry(va);
    long off = va - address[s];
    boolean overlaps = (off & PAGE_MASK) < bytes[s] || (-off & PAGE_MASK) < op.loadBytes;
    return bytes[s] != 0 && overlaps ? forwarded(op, s, off, usual, front) : usual;
  }

  private long forwarded(PipelineOp op, int s, long off, long usual, long front) {
    if (off > NEAR || off < -NEAR) {
      return leaves[s] + alias > front ? Math.max(usual, leaves[s] + alias) : usual;
    }
    if (off >= 0 && off + op.loadBytes <= bytes[s]) {
      boolean same = off == 0 && op.loadBytes == bytes[s] && op.loadBytes >= RENAMED
          && (op.flags & (PipelineOp.PLAIN | PipelineOp.VECTOR)) == PipelineOp.PLAIN && !vector[s];
      int k = keyOf(op);
      if (renames && same && k != 0 && key[s] == k && (k == STACK || versions[s] == version[op.a0] + version[op.a1])) {
        return Math.max(front, done[s]);
      }
      boolean wide = vector[s] || (op.flags & PipelineOp.VECTOR) != 0;
      return Math.max(usual, done[s] + forward + (wide ? forwardVector : 0));
    }
    return leaves[s] + alias > front ? Math.max(usual, done[s] + forwardPart) : usual;
  }

  /// A store, whose data are ready at `ready`, of an instruction before which all have retired at `retired`.
  void store(PipelineOp op, long va, long ready, long retired) {
    long to = va >> CHUNK;
    long takes = pairs && to == chunk && paired ? 0 : step;
    paired = takes != 0;
    if ((va & (1 << CHUNK) - 1) + op.storeBytes > 1 << CHUNK) {
      takes += CYCLE;
      to++;
      paired = true;
    }
    chunk = to;
    left = Math.max(left + takes, retired + CYCLE);
    queue[head] = left;
    head = head + 1 == queue.length ? 0 : head + 1;
    if ((op.flags & PipelineOp.UNKNOWN) != 0) {
      return;
    }
    int s = entry(va);
    put(s, op, va, ready);
    int end = entry(va + op.storeBytes - 1);
    if (end != s) {
      put(end, op, va, ready);
    }
  }

  private void put(int s, PipelineOp op, long va, long ready) {
    address[s] = va;
    done[s] = ready;
    leaves[s] = left;
    bytes[s] = op.storeBytes;
    key[s] = keyOf(op);
    vector[s] = (op.flags & PipelineOp.VECTOR_DATA) != 0;
    versions[s] = version[op.a0] + version[op.a1];
  }

  /// From when on there is room for another store.
  long room() {
    return queue[head];
  }
}
