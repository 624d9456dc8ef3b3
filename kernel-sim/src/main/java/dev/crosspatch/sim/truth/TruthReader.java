package dev.crosspatch.sim.truth;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.sim.BadInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.LongConsumer;

/// Reads a truth log, row by row, without allocating but for a piece of the log now and then. Readers of one log share
/// its file; closing one of them closes it for all.
public final class TruthReader implements AutoCloseable {
  /// [#time] may be this many cycles early.
  public static final int TIME_GRAIN = TruthFormat.TIME_GRAIN;
  private static final int PIECE = 1 << 15;

  private final TruthSource source;
  private final String name;
  private final boolean instructionsOnly;
  /// The bits of addresses that are told.
  private final long told;
  /// A piece of the log, never changed: copies of this reader may stand in it.
  private byte[] in = {};
  private int limit;
  private int at;
  /// Offset in the log of `in[0]`.
  private long base;
  private long previous;
  private int kind;
  private long from;
  private long to;
  private long time;
  private long index = -1;
  private LongConsumer text = number -> {};

  /// @param name for messages, e.g. `truth/cpu0.log`
  /// @throws BadInput if the bytes are no truth log
  public TruthReader(String name, byte[] log) {
    this(name, TruthSource.of(log));
  }

  private TruthReader(String name, TruthSource source) {
    this.name = name;
    this.source = source;
    instructionsOnly = false;
    told = -1;
    int n = TruthFormat.MAGIC.length;
    if (!refill() || limit < n || !Arrays.equals(in, 0, n, TruthFormat.MAGIC, 0, n)) {
      source.close();
      throw new BadInput(name + ": not a truth log (it does not start with CPTRUTH2)");
    }
    at = n;
  }

  /// A reader of a log without rows.
  public static TruthReader empty() {
    return new TruthReader("no truth", TruthFormat.MAGIC);
  }

  /// Opens a file.
  ///
  /// @throws BadInput if it is no truth log
  /// @throws IOException if it cannot be opened
  public static TruthReader open(Path file) throws IOException {
    return new TruthReader(file.toString(), TruthSource.of(file));
  }

  private TruthReader(TruthReader other, boolean instructionsOnly, long told) {
    name = other.name;
    source = other.source;
    this.instructionsOnly = instructionsOnly;
    this.told = told;
    moveTo(other);
  }

  @Override
  public void close() {
    source.close();
  }

  /// Takes the next piece of the log.
  ///
  /// @return false at its end
  private boolean refill() {
    if (limit == 0 && in.length > 0) {
      return false;
    }
    base += limit;
    at = 0;
    in = new byte[PIECE];
    try {
      limit = source.read(base, in);
    } catch (IOException e) {
      throw new BadInput(name + ": cannot be read: " + e.getMessage());
    }
    return limit > 0;
  }

  /// A reader that stands where this one stands and moves on its own.
  public TruthReader copy() {
    return new TruthReader(this, instructionsOnly, told);
  }

  /// A reader that stands where this one stands and passes over diversions, for decoders that list nothing but
  /// instructions.
  public TruthReader instructionsOnly() {
    return new TruthReader(this, true, told);
  }

  /// A reader that stands where this one stands and tells of addresses what a trace of instructions that lie at
  /// multiples of `alignment`, a power of two, can: a branch may lead to one that is none, and faults there, but
  /// packets have no room for its low bits (Arm ARM D5.3, addresses of IS0).
  public TruthReader asTraced(int alignment) {
    return new TruthReader(this, instructionsOnly, -alignment);
  }

  /// Takes the position of `other`, which reads the same log.
  public void moveTo(TruthReader other) {
    in = other.in;
    limit = other.limit;
    at = other.at;
    base = other.base;
    previous = other.previous;
    kind = other.kind;
    from = other.from;
    to = other.to;
    time = other.time;
    index = other.index;
  }

  /// Goes to the next row; false at the end.
  public boolean next() {
    while (at < limit || refill()) {
      long token = number();
      switch ((int) token & 3) {
        case TruthFormat.RETIRED -> {
          previous += TruthFormat.unzigzag(token >>> 2);
          kind = RetireRow.INSN;
          from = previous;
          index++;
          return true;
        }
        case TruthFormat.DIVERTED -> {
          kind = (int) (token >>> 2);
          from = previous + TruthFormat.unzigzag(number());
          to = from + TruthFormat.unzigzag(number());
          previous = to;
          if (!instructionsOnly) {
            return true;
          }
        }
        case TruthFormat.TIME -> time += token >>> 2;
        default -> text.accept(token >>> 2); // TEXT
      }
    }
    return false;
  }

  private long number() {
    long v = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at == limit && !refill()) {
        throw new BadInput(name + ": byte 0x" + Long.toHexString(base + at) + ": the log ends within a number");
      }
      byte b = in[at++];
      v |= (b & 0x7fL) << shift;
      if (b >= 0) {
        return v;
      }
    }
    throw new BadInput(name + ": byte 0x" + Long.toHexString(base + at) + ": a number is longer than ten bytes");
  }

  /// Tells `listener`, on the way to the next row, of the version of its line that the CPU executes from that row on,
  /// by its number; 0 if that row stands in `truth/stale.jsonl`. [#time] is then, exactly, that of the fetch. Copies of
  /// this reader tell nobody.
  public void hearText(LongConsumer listener) {
    text = listener;
  }

  /// Row kind as in [RetireBatch]: `INSN`, or `TRAP`, `FAULT`, `INTERRUPT`, `CALL`.
  public int kind() {
    return kind;
  }

  public boolean isInstruction() {
    return kind == RetireRow.INSN;
  }

  /// Address of the instruction, or where the flow left.
  public long address() {
    return from & told;
  }

  /// Where a diverted flow went on.
  public long target() {
    return to & told;
  }

  /// Number of the present instruction, from 0.
  public long index() {
    return index;
  }

  /// Cycle at or after which the row happened, at most [#TIME_GRAIN] early.
  public long time() {
    return time;
  }
}
