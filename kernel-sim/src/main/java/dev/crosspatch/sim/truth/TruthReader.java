package dev.crosspatch.sim.truth;

import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.sim.BadInput;
import java.util.Arrays;

/// Reads a truth log, row by row, without allocating.
public final class TruthReader {
  /// [#time] may be this many cycles early.
  public static final int TIME_GRAIN = TruthFormat.TIME_GRAIN;

  private final byte[] in;
  private final String name;
  private final boolean instructionsOnly;
  private int at;
  private long previous;
  private int kind;
  private long from;
  private long to;
  private long time;
  private long index = -1;

  /// @param name for messages, e.g. `truth/cpu0.log`
  /// @throws BadInput if the file is no truth log
  public TruthReader(String name, byte[] log) {
    this.name = name;
    this.in = log;
    instructionsOnly = false;
    int n = TruthFormat.MAGIC.length;
    if (log.length < n || !Arrays.equals(log, 0, n, TruthFormat.MAGIC, 0, n)) {
      throw new BadInput(name + ": not a truth log (it does not start with CPTRUTH1)");
    }
    at = n;
  }

  private TruthReader(TruthReader other, boolean instructionsOnly) {
    name = other.name;
    in = other.in;
    this.instructionsOnly = instructionsOnly;
    moveTo(other);
  }

  /// A reader that stands where this one stands and moves on its own.
  public TruthReader copy() {
    return new TruthReader(this, instructionsOnly);
  }

  /// A reader that stands where this one stands and passes over diversions, for decoders that list nothing but instructions.
  public TruthReader instructionsOnly() {
    return new TruthReader(this, true);
  }

  /// Takes the position of `other`, which reads the same log.
  public void moveTo(TruthReader other) {
    at = other.at;
    previous = other.previous;
    kind = other.kind;
    from = other.from;
    to = other.to;
    time = other.time;
    index = other.index;
  }

  /// Goes to the next row; false at the end.
  public boolean next() {
    while (at < in.length) {
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
        default -> throw new BadInput(name + ": byte 0x" + Integer.toHexString(at - 1) + ": token kind 3 is reserved");
      }
    }
    return false;
  }

  private long number() {
    long v = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at == in.length) {
        throw new BadInput(name + ": byte 0x" + Integer.toHexString(at) + ": the log ends within a number");
      }
      byte b = in[at++];
      v |= (b & 0x7fL) << shift;
      if (b >= 0) {
        return v;
      }
    }
    throw new BadInput(name + ": byte 0x" + Integer.toHexString(at) + ": a number is longer than ten bytes");
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
    return from;
  }

  /// Where a diverted flow went on.
  public long target() {
    return to;
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
