package dev.crosspatch.tracer.etm;

import dev.crosspatch.core.time.ClockRatio;
import dev.crosspatch.tracer.flow.Elements;

/// Follows the time through the timestamps and cycle counts of a trace, as bounds that are never wrong.
///
/// Both tell the time of the last P0 element before them. So an element is held until it is known whether one of them
/// follows; of several atoms in a packet only the last is meant. A timestamp is exact to a tick. Cycle counts add up;
/// timestamps that carry one narrow down where within its tick the sum stands. A Timestamp Marker stands behind the P0
/// element of which a timestamp to come will tell; what is traced between the two came later.
final class EtmClock {
  private final ClockRatio clocks;
  private Elements elements = new Elements();
  /// Index of the first element that may lack an upper bound.
  private int unbounded;
  /// Earliest time of what follows.
  private long low = Long.MIN_VALUE;

  private boolean held;
  private int kind;
  private long a;
  private long b;
  private long offset;

  /// Elements before this index came before a Timestamp Marker whose timestamp is still to come; -1 without such a
  /// marker.
  private int marked = -1;

  /// Bounds of the cycle at which the last Cycle Count element was.
  private boolean counting;
  private long earliestCycle;
  private long latestCycle;

  EtmClock(ClockRatio clocks) {
    this.clocks = clocks;
  }

  /// Goes on with another chunk; the last one must have been released.
  void enter(Elements chunk) {
    elements = chunk;
    unbounded = 0;
    marked = Math.min(marked, 0);
  }

  /// Adds an element, once the next packet is known.
  void add(int newKind, long newA, long newB, long newOffset) {
    release();
    held = true;
    kind = newKind;
    a = newA;
    b = newB;
    offset = newOffset;
  }

  /// Adds the element that was held.
  void release() {
    if (held) {
      held = false;
      elements.add(kind, a, b, offset, low);
    }
  }

  /// A Timestamp Marker: the next timestamp tells the time of the last P0 element up to here.
  void mark() {
    release();
    marked = elements.count();
  }

  /// A timestamp with its cycle count or [EtmPacket#UNKNOWN]; 0 ticks say nothing.
  void timestamp(long ticks, int cycles) {
    int behind = marked;
    marked = -1;
    if (ticks == 0) {
      return;
    }
    if (behind >= 0) {
      low = Math.max(low, ticks);
      bound(behind, low);
      return;
    }
    if (cycles != EtmPacket.UNKNOWN) {
      anchor(clocks.cycles(ticks) - cycles, clocks.cycles(ticks + 1) - 1 - cycles);
    }
    now(ticks, ticks);
  }

  private void anchor(long earliest, long latest) {
    boolean agrees = counting && earliest <= latestCycle && latest >= earliestCycle;
    earliestCycle = agrees ? Math.max(earliest, earliestCycle) : earliest;
    latestCycle = agrees ? Math.min(latest, latestCycle) : latest;
    counting = true;
  }

  /// A Cycle Count element, or [EtmPacket#UNKNOWN].
  void count(int cycles) {
    counting &= cycles != EtmPacket.UNKNOWN;
    if (counting) {
      earliestCycle += cycles;
      latestCycle += cycles;
      now(clocks.ticks(earliestCycle), clocks.ticks(latestCycle));
    }
  }

  /// Packets were lost, cycle counts may be among them.
  void lost() {
    counting = false;
    marked = -1;
  }

  /// What is held happened between `earliest` and `latest`, what was before not later, what follows not before.
  private void now(long earliest, long latest) {
    if (held && kind == Elements.BITS && b > 1) {
      elements.add(Elements.BITS, a & (1L << (b - 1)) - 1, b - 1, offset, low);
      a >>>= b - 1;
      b = 1;
    }
    low = Math.max(low, earliest);
    release();
    bound(elements.count(), Math.max(low, latest));
  }

  /// The elements before index `to` happened no later than `high`.
  private void bound(int to, long high) {
    for (; unbounded < to; unbounded++) {
      elements.bound(unbounded, high);
    }
  }
}
