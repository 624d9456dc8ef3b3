package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.code.Mode;
import java.util.Arrays;

/// What a trace says about the flow, freed of the protocol: columns of elements in trace order.
///
/// A protocol's front end turns packets into elements; the flow decoder knows nothing else of the trace. The columns:
///
/// | kind | a | b | meaning |
/// |---|---|---|---|
/// | `START` | address | | tracing begins or resumes there; nothing is known of what ran before |
/// | `BITS` | bits, oldest in bit 0 | count 1..64 | outcomes of the next waypoints, 1 = taken |
/// | `TARGET` | address | 1 if bits before it may be younger, else 0 | where the next indirect branch went (Intel PT: it had no bit; ETM: its bit came before) |
/// | `ASYNC` | from | to | the flow left at `from`, which did not retire, for the handler `to` |
/// | `AT` | address | | the flow has just reached this address (PSB+); the return stack is forgotten |
/// | `STOP` | address, or [#UNKNOWN] | where the branch went that ended tracing, or [#UNKNOWN] | tracing ended: the instruction at the address did not retire, or, without address, a branch retired that was not told otherwise |
/// | `LOST` | bytes or 0 | | the trace unit lost packets here; a `START` follows |
/// | `CONTEXT` | value | | address-space register, which an instruction wrote (Intel PT), or the context's number |
/// | `PLACE` | address | 1 if the instruction there, no branch, has retired, else 0 | the flow has just reached this address, and goes on (Intel PT: the FUP of a packet that is not about flow) |
/// | `MODE` | ordinal of a [Mode] | | right behind an element with an address (or an error), or first in a chunk: from that address (of `ASYNC`: the handler's) on, the text is read in this mode; until the first one, [Mode#CODE_64] |
/// | `ERROR` | number for [ElementReader#error(int)] | 1 if a branch retired before it that was not told otherwise, else 0 | a bad packet; the front end resynchronised behind it |
///
/// `low` and `high` bound the time, in trace-clock ticks, at which what the element tells happened: not before the last
/// time known before it, not after the first time known behind it. Without any timing they are [Long#MIN_VALUE] and
/// [Long#MAX_VALUE].
public final class Elements {
  public static final int START = 0;
  public static final int BITS = 1;
  public static final int TARGET = 2;
  public static final int ASYNC = 3;
  public static final int AT = 4;
  public static final int STOP = 5;
  public static final int LOST = 6;
  public static final int CONTEXT = 7;
  public static final int ERROR = 8;
  public static final int PLACE = 9;
  public static final int MODE = 10;

  /// Value of `a` where the trace does not say.
  public static final long UNKNOWN = -1;

  private byte[] kind = new byte[1024];
  private long[] a = new long[1024];
  private long[] b = new long[1024];
  private long[] low = new long[1024];
  private long[] high = new long[1024];
  private long[] offset = new long[1024];
  private int count;

  /// Appends an element known from the packet at byte `offset`.
  public void add(int kind, long a, long b, long offset, long low) {
    if (count == this.kind.length) {
      grow();
    }
    this.kind[count] = (byte) kind;
    this.a[count] = a;
    this.b[count] = b;
    this.low[count] = low;
    this.high[count] = Long.MAX_VALUE;
    this.offset[count++] = offset;
  }

  private void grow() {
    int n = 2 * count;
    kind = Arrays.copyOf(kind, n);
    a = Arrays.copyOf(a, n);
    b = Arrays.copyOf(b, n);
    low = Arrays.copyOf(low, n);
    high = Arrays.copyOf(high, n);
    offset = Arrays.copyOf(offset, n);
  }

  /// Sets the upper time bound of element `i`.
  public void bound(int i, long high) {
    this.high[i] = high;
  }

  /// Forgets all elements.
  public void clear() {
    count = 0;
  }

  public int count() {
    return count;
  }

  public int kind(int i) {
    return kind[i];
  }

  public long a(int i) {
    return a[i];
  }

  public long b(int i) {
    return b[i];
  }

  public long low(int i) {
    return low[i];
  }

  public long high(int i) {
    return high[i];
  }

  /// Byte offset of the packet in the raw trace.
  public long offset(int i) {
    return offset[i];
  }
}
