package dev.crosspatch.core.pipeline;

import dev.crosspatch.core.pipeline.PipelineTable.Parameter;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.uop.Profile;

/// Recent stores by the eight bytes within a page that they touch, for loads that find their data there; and when
/// stores leave for the cache, in order.
final class StoreTable {
  private static final int CYCLE = ClockUnit.PER_CYCLE;
  private static final int ENTRIES = 512;
  private static final int ENTRY_SHIFT = 3;
  private static final int ADDRESS = 0;
  private static final int DONE = 1;
  private static final int LEAVES = 2;
  private static final int NUMBER = 3;
  /// Key in the high half, bytes above the bit [#WIDE].
  private static final int KIND = 4;
  private static final int KEY_SHIFT = 32;
  /// The data come from a vector register.
  private static final int WIDE = 1;
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

  /// Entries of so many numbers, so that one is a line of the host's cache: where the store went, when its data were
  /// ready, when it left, which instruction it was, and its key, bytes and kind.
  private final long[] recent = new long[ENTRIES << ENTRY_SHIFT];
  /// Which instruction wrote each register last; of a store, which one it was itself.
  private final long[] writer = new long[Profile.REGISTERS];
  /// Of the present instruction.
  private long present;

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
    present++;
    writer[op.d0] = present;
    writer[op.d1] = present;
    writer[op.d2] = present;
    writer[op.early] = present;
  }

  private static int entry(long va) {
    return ((int) va >>> GRANULE & ENTRIES - 1) << ENTRY_SHIFT;
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
    long off = va - recent[s + ADDRESS];
    int bytes = (int) recent[s + KIND] >>> 1;
    boolean overlaps = (off & PAGE_MASK) < bytes || (-off & PAGE_MASK) < op.loadBytes;
    return bytes != 0 && overlaps ? forwarded(op, s, off, usual, front) : usual;
  }

  private long forwarded(PipelineOp op, int s, long off, long usual, long front) {
    long done = recent[s + DONE];
    long behind = recent[s + LEAVES] + alias;
    if (off > NEAR || off < -NEAR) {
      return behind > front ? Math.max(usual, behind) : usual;
    }
    long kind = recent[s + KIND];
    int bytes = (int) kind >>> 1;
    boolean vector = (kind & WIDE) != 0;
    if (off >= 0 && off + op.loadBytes <= bytes) {
      boolean same = off == 0 && op.loadBytes == bytes && op.loadBytes >= RENAMED
          && (op.flags & (PipelineOp.PLAIN | PipelineOp.VECTOR)) == PipelineOp.PLAIN && !vector;
      int k = keyOf(op);
      if (renames && same && k != 0 && (int) (kind >> KEY_SHIFT) == k
          && (k == STACK || isUnchanged(op, recent[s + NUMBER]))) {
        return Math.max(front, done);
      }
      boolean wide = vector || (op.flags & PipelineOp.VECTOR) != 0;
      return Math.max(usual, done + forward + (wide ? forwardVector : 0));
    }
    return behind > front ? Math.max(usual, done + forwardPart) : usual;
  }

  /// Whether the registers of an address are what they were behind an instruction.
  private boolean isUnchanged(PipelineOp op, long since) {
    return writer[op.a0] <= since && writer[op.a1] <= since;
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
    recent[s + ADDRESS] = va;
    recent[s + DONE] = ready;
    recent[s + LEAVES] = left;
    recent[s + NUMBER] = present;
    recent[s + KIND] = (long) keyOf(op) << KEY_SHIFT | op.storeBytes << 1
        | ((op.flags & PipelineOp.VECTOR_DATA) != 0 ? WIDE : 0);
  }

  /// From when on there is room for another store.
  long room() {
    return queue[head];
  }
}
