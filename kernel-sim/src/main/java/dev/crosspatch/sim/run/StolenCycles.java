package dev.crosspatch.sim.run;

import dev.crosspatch.core.state.Snapshot;
import dev.crosspatch.sim.guest.SpanLog;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/// Cycles that patching stole from bystanders, the CPUs that did not patch, per flip: what they spent in its interrupts
/// and breakpoints ([BystanderLog]). A diversion belongs to the last flip begun before it. Caches and predictors that
/// the handlers disturbed cost more later, which is not in here.
///
/// Sums are kept only of flips that may still get more, so memory does not grow with the run.
public final class StolenCycles implements Snapshot.ByHand {
  private final List<BystanderLog> bystanders;
  private final transient List<SpanLog> patchers;
  /// Flips of which more may come to be known: those begun since the CPU that is furthest behind handed over its rows.
  private final List<Flip> open = new ArrayList<>();
  private final transient Histogram perCpu = Latency.histogram();
  private final transient Histogram perFlip = Latency.histogram();
  /// By bystander.
  private long[] ofInterrupts = {};
  private long[] ofTraps = {};
  private long interrupts;
  private long interruptCycles;
  private long traps;
  private long trapCycles;

  /// A flip, and what it took from each bystander so far.
  private record Flip(long begin, long[] cycles) {}

  /// @param bystanders logs of the CPUs that do not patch
  /// @param patchers   tell of the flips of each CPU that does
  StolenCycles(List<BystanderLog> bystanders, List<SpanLog> patchers) {
    this.bystanders = bystanders;
    this.patchers = patchers;
  }

  @Override
  public void save(DataOutputStream out) throws IOException {
    Histograms.save(perCpu, out);
    Histograms.save(perFlip, out);
  }

  @Override
  public void load(DataInputStream in) throws IOException {
    perCpu.add(Histograms.load(in));
    perFlip.add(Histograms.load(in));
  }

  /// A flip begins; each begins later than the one before on its CPU.
  void flip(long cycle) {
    settle(patchers.stream().mapToLong(SpanLog::known).reduce(cycle, Math::min));
    int at = open.size();
    while (at > 0 && open.get(at - 1).begin > cycle) {
      at--;
    }
    open.add(at, new Flip(cycle, new long[bystanders.size()]));
  }

  /// The run is over.
  void end() {
    settle(Long.MAX_VALUE);
    open.forEach(this::record);
    open.clear();
  }

  /// Gives what began before the flip at `cycle` to its flips, and closes those of which no CPU can bring more.
  private void settle(long cycle) {
    long horizon = cycle;
    for (int i = 0; i < bystanders.size(); i++) {
      BystanderLog log = bystanders.get(i);
      horizon = Math.min(horizon, log.horizon());
      for (BystanderLog.Diversion d = log.next(cycle); d != null; d = log.next(cycle)) {
        attribute(i, d);
      }
    }
    while (open.size() > 1 && open.get(1).begin <= horizon) {
      record(open.removeFirst());
    }
  }

  private void attribute(int bystander, BystanderLog.Diversion diversion) {
    for (int i = open.size() - 1; i >= 0; i--) {
      if (open.get(i).begin <= diversion.begin()) {
        open.get(i).cycles[bystander] += diversion.cycles();
        count(bystander, diversion.isTrap(), diversion.cycles());
        return;
      }
    }
  }

  private void record(Flip flip) {
    if (!bystanders.isEmpty()) {
      for (long cycles : flip.cycles) {
        perCpu.recordValue(Math.min(Latency.HIGHEST, cycles));
      }
      perFlip.recordValue(Math.min(Latency.HIGHEST, Arrays.stream(flip.cycles).sum()));
    }
  }

  private void count(int bystander, boolean trap, long cycles) {
    if (ofTraps.length < bystanders.size()) {
      ofTraps = Arrays.copyOf(ofTraps, bystanders.size());
      ofInterrupts = Arrays.copyOf(ofInterrupts, bystanders.size());
    }
    (trap ? ofTraps : ofInterrupts)[bystander] += cycles;
    if (trap) {
      traps++;
      trapCycles += cycles;
    } else {
      interrupts++;
      interruptCycles += cycles;
    }
  }

  /// One value per flip and bystander.
  public Histogram perCpu() {
    return perCpu;
  }

  /// One value per flip: all bystanders together. Empty if there are none.
  public Histogram perFlip() {
    return perFlip;
  }

  /// What one bystander lost.
  ///
  /// @param cpu             its number
  /// @param interruptCycles in interrupts
  /// @param trapCycles      in breakpoints
  public record Loss(int cpu, long interruptCycles, long trapCycles) {}

  /// What each bystander lost, by CPU.
  public List<Loss> byCpu() {
    return IntStream.range(0, bystanders.size()).mapToObj(i -> new Loss(bystanders.get(i).cpu(),
        i < ofInterrupts.length ? ofInterrupts[i] : 0, i < ofTraps.length ? ofTraps[i] : 0)).toList();
  }

  /// Interrupts of bystanders by syncs and kicks.
  public long interrupts() {
    return interrupts;
  }

  /// Cycles they took, all together.
  public long interruptCycles() {
    return interruptCycles;
  }

  /// Breakpoints of bystanders.
  public long traps() {
    return traps;
  }

  /// Cycles they took, all together.
  public long trapCycles() {
    return trapCycles;
  }
}
