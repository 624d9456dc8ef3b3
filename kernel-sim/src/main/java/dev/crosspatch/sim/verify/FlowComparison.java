package dev.crosspatch.sim.verify;

import dev.crosspatch.sim.truth.TruthReader;
import dev.crosspatch.tracer.flow.Elements;
import dev.crosspatch.tracer.flow.FlowListener;
import dev.crosspatch.tracer.flow.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Holds a decoded flow against the truth of the same CPU, instruction by instruction.
///
/// Where the two differ it counts and then aligns them again: it looks for the shortest skip on both sides behind which
/// [#CONFIRM] rows agree. What is skipped on the truth's side behind a gap that the trace itself admits (overflow,
/// tracing off) counts as lost, not as wrong. So does what ran behind the place where the trace says that it stopped.
public final class FlowComparison implements FlowListener {
  /// Rows that must agree before two flows count as aligned.
  static final int CONFIRM = 24;
  /// Decoded rows held back while the flows are not aligned.
  private static final int HELD = 256;
  /// Decoded rows held back behind a gap, if the next is not reached before.
  private static final int HELD_BEHIND_GAP = 1 << 16;
  /// Rows of truth searched behind a difference: these first, as most differences are small.
  private static final int NEAR = 500;
  private static final int SEARCHED = 20_000;

  private final TruthReader truth;
  private final boolean compares;
  private final TickConversion ticks;
  private long[] heldFrom = new long[HELD];
  private long[] heldTo = new long[HELD];
  private int held;
  private boolean aligned = true;
  private boolean behindGap;
  private long gapTime;
  /// Tracing has stopped at this address, or [Elements#UNKNOWN], at this cycle or later.
  private boolean stopped;
  private long stopAddress;
  private long stopTime;

  private long decoded;
  private long matched;
  private long wrong;
  private long missed;
  private long lost;
  private int ambiguous;
  private int gaps;
  private long problemCount;
  private final List<Problem> problems = new ArrayList<>();
  private @Nullable Difference first;
  /// Stands on the first row of truth not yet explained, while the flows are not aligned.
  private @Nullable TruthReader pending;

  /// Turns ticks of the trace clock into cycles of the truth.
  public interface TickConversion {
    /// First cycle that reads as `ticks`.
    long cycles(long ticks);
  }

  /// The first place where decoded flow and truth part.
  ///
  /// @param index    instructions of the truth before it
  /// @param cycle    when it retired, up to 32 cycles early
  /// @param expected what really ran, or where the flow really left
  /// @param decoded  what the decoder says
  /// @param until    when that really happened of which the decoder was told: the trace says where an interrupt came,
  ///                 not how often the CPU went by there before; else `cycle`
  public record Difference(long index, long cycle, long expected, long decoded, long until) {
    /// The decoded flow had ended.
    public static final long NOTHING = -1;
  }

  /// Compares with `truth`, which stands before its first row.
  public FlowComparison(TruthReader truth, TickConversion ticks) {
    this(truth, true, ticks);
  }

  private FlowComparison(TruthReader truth, boolean compares, TickConversion ticks) {
    this.truth = truth;
    this.compares = compares;
    this.ticks = ticks;
  }

  /// Counts what is decoded and keeps the decoder's problems; there is no truth to compare with.
  public static FlowComparison withoutTruth(TickConversion ticks) {
    return new FlowComparison(TruthReader.empty(), false, ticks);
  }

  /// Whether there was a truth to compare with.
  public boolean compares() {
    return compares;
  }

  /// A count that rests on the comparison, for people: `-` without one.
  public String shown(long count) {
    return compares ? Long.toString(count) : "-";
  }

  @Override
  public void instruction(long address) {
    decoded++;
    row(address, address);
  }

  @Override
  public void diverted(long from, long to) {
    // An instruction is written as (address, address); a diversion never has from == to.
    row(from, to);
  }

  private void row(long from, long to) {
    if (!compares) {
      return;
    }
    if (aligned) {
      boolean more = truth.next();
      if (more && agrees(truth, from, to)) {
        matched++;
        return;
      }
      differ(from, to, more);
    }
    if (held == heldFrom.length) {
      heldFrom = Arrays.copyOf(heldFrom, 2 * held);
      heldTo = Arrays.copyOf(heldTo, 2 * held);
    }
    heldFrom[held] = from;
    heldTo[held++] = to;
    if (held >= (behindGap ? HELD_BEHIND_GAP : HELD)) {
      align();
    }
  }

  private static boolean agrees(TruthReader truth, long from, long to) {
    return truth.address() == from && (truth.isInstruction() ? from : truth.target()) == to;
  }

  private void differ(long from, long to, boolean truthGoesOn) {
    differs(truth, from, to);
    aligned = false;
    behindGap = false;
    pending = truthGoesOn ? truth.copy() : null;
  }

  @Override
  public void gap(long address, Gap reason, long time) {
    if (reason == Gap.BEGIN) {
      return;
    }
    gaps++;
    if (!compares) {
      return;
    }
    settle();
    stopped = false;
    behindGap = true;
    gapTime = cycle(time);
    aligned = false;
    TruthReader ahead = truth.copy();
    pending = ahead.next() ? ahead : null;
  }

  @Override
  public void stopped(long address, long time) {
    stopped = compares;
    stopAddress = address;
    stopTime = compares ? cycle(time) : 0;
  }

  /// The earliest that the truth may say of `time`.
  private long cycle(long time) {
    return time == Long.MIN_VALUE ? 0 : ticks.cycles(time) - TruthReader.TIME_GRAIN;
  }

  @Override
  public void problem(Problem problem) {
    if (problem.kind() == Problem.Kind.AMBIGUOUS) {
      ambiguous++;
    }
    problemCount++;
    if (problems.size() < 1000) {
      problems.add(problem);
    }
  }

  /// To be called after the last row: settles what is still held and counts the truth that was never decoded.
  public void finish() {
    boolean untold = behindGap && !aligned && held == 0;
    settle();
    while (truth.next()) {
      if (!untold && isStop()) {
        untold = true;
        gaps++;
      }
      if (untold) {
        lost++;
      } else {
        differs(truth, Difference.NOTHING, Difference.NOTHING);
        missed++;
      }
    }
  }

  /// Whether tracing stopped before the truth's present row.
  private boolean isStop() {
    return stopped && truth.time() >= stopTime && (stopAddress == Elements.UNKNOWN || stopAddress == truth.address());
  }

  /// The present row of the truth is not what was decoded.
  private void differs(TruthReader row, long from, long to) {
    if (first == null) {
      long agreed = row.isInstruction() ? row.index() : row.index() + 1;
      long until = from != to && row.isInstruction() && row.address() == from ? diverted(row.copy(), from) : row.time();
      first = new Difference(agreed, row.time(), row.address(), from, until);
    }
  }

  /// When the flow next left for an interrupt or exception at `from`.
  private static long diverted(TruthReader ahead, long from) {
    long time = ahead.time();
    for (int i = 0; i < SEARCHED && ahead.next(); i++) {
      if (!ahead.isInstruction() && ahead.address() == from) {
        return ahead.time();
      }
    }
    return time;
  }

  /// Aligns with the few rows there are.
  private void settle() {
    if (!aligned && held > 0) {
      align();
      wrong += held;
      held = 0;
    }
    if (!aligned) {
      giveUp();
    }
  }

  private void giveUp() {
    aligned = true;
    held = 0;
    pending = null;
  }

  private void align() {
    TruthReader start = pending;
    if (start == null) {
      wrong += held;
      held = 0;
      return;
    }
    boolean found = behindGap
        ? alignWithin(start, gapTime, SEARCHED)
        : alignWithin(start, Long.MIN_VALUE, NEAR) || alignWithin(start, Long.MIN_VALUE, SEARCHED);
    if (!found) {
      // Nothing fits: half of what is held is wrong, keep looking with the rest.
      int drop = Math.max(1, held / 2);
      wrong += drop;
      shift(drop);
    }
  }

  /// Aligns the flows where held rows agree with one of so many rows of truth, from `time` on; false if none do.
  private boolean alignWithin(TruthReader start, long time, int rows) {
    int need = Math.min(CONFIRM, held);
    TruthWindow window = new TruthWindow(start, time, rows, need, held);
    for (int skip = 0; skip <= held - need; skip++) {
      int row = behindGap
          ? window.findLongest(heldFrom, heldTo, skip, held) : window.find(heldFrom, heldTo, skip);
      if (row >= 0) {
        long gone = behindGap ? window.skipped() + gapEnd(window, skip, row) : 0;
        resume(start, skip, gone, window.skipped() + row - gone);
        return true;
      }
    }
    return false;
  }

  /// The row of truth with which a gap ends, if held row `skip` is row `row`: the trace says where it ends, so what was
  /// decoded there first ran there.
  private int gapEnd(TruthWindow window, int skip, int row) {
    return skip == 0 ? row : window.lastBefore(row, heldFrom[0], heldTo[0], Math.max(0, row - skip));
  }

  /// Aligns the flows behind the first `skip` of the held rows.
  ///
  /// @param start moves from the first row of truth not yet explained to the one that is aligned
  /// @param gone  rows of truth that a gap explains
  /// @param other rows of truth behind them that were not decoded
  private void resume(TruthReader start, int skip, long gone, long other) {
    lost += gone;
    advance(start, gone);
    int same = 0;
    while (behindGap && same < Math.min(skip, other) && agrees(start, heldFrom[same], heldTo[same])) {
      start.next();
      same++;
    }
    matched += same;
    wrong += skip - same;
    missed += other - same;
    if (behindGap && skip > 0) {
      differs(start, heldFrom[same], heldTo[same]);
    }
    advance(start, other - same);
    truth.moveTo(start);
    matched++;
    int left = held - skip - 1;
    long[] from = Arrays.copyOfRange(heldFrom, skip + 1, held);
    long[] to = Arrays.copyOfRange(heldTo, skip + 1, held);
    giveUp();
    for (int i = 0; i < left; i++) {
      row(from[i], to[i]);
    }
  }

  private static void advance(TruthReader reader, long rows) {
    for (long i = 0; i < rows; i++) {
      reader.next();
    }
  }

  private void shift(int by) {
    System.arraycopy(heldFrom, by, heldFrom, 0, held - by);
    System.arraycopy(heldTo, by, heldTo, 0, held - by);
    held -= by;
  }

  /// Instructions decoded.
  public long decoded() {
    return decoded;
  }

  /// Rows (instructions and diversions) that agree.
  public long matched() {
    return matched;
  }

  /// Rows of the truth without a partner, outside of gaps.
  long missed() {
    return missed;
  }

  /// Rows on either side that have no partner on the other and no gap to excuse them.
  public long mismatches() {
    return wrong + missed;
  }

  /// Rows of truth that lie in gaps the trace admits.
  public long lost() {
    return lost;
  }

  public int ambiguous() {
    return ambiguous;
  }

  public int gaps() {
    return gaps;
  }

  /// How many problems the decoder reported.
  public long problemCount() {
    return problemCount;
  }

  /// The first thousand problems the decoder reported.
  public List<Problem> problems() {
    return problems;
  }

  /// The first difference, or null.
  public @Nullable Difference first() {
    return first;
  }
}
