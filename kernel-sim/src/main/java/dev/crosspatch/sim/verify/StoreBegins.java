package dev.crosspatch.sim.verify;

import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.TextStores;
import dev.crosspatch.sim.truth.TruthReader;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// When the instructions of stores began, by the truth of the CPUs that stored: behind the last row that had certainly retired before.
final class StoreBegins implements AutoCloseable {
  private final RunDirectory run;
  private final Map<Integer, Cpu> cpus = new TreeMap<>();
  private long[] begins = new long[64];
  private int count;

  StoreBegins(RunDirectory run) {
    this.run = run;
  }

  /// The next store, in the order of the log.
  void add(TextStores.Store store) {
    boolean known = store.cpu() >= 0 && store.cpu() < run.config().cpus();
    if (count == begins.length) {
      begins = Arrays.copyOf(begins, 2 * count);
    }
    begins[count++] = known ? cpus.computeIfAbsent(store.cpu(), cpu -> new Cpu(run.truth(cpu))).began(store.cycle()) : 0;
  }

  /// A cycle per store at which its instruction had not yet begun, or just did.
  long[] all() {
    return Arrays.copyOf(begins, count);
  }

  @Override
  public void close() {
    cpus.values().forEach(cpu -> cpu.truth.close());
  }

  /// A CPU that stores.
  private static final class Cpu {
    private final TruthReader truth;
    private boolean more;
    private long retired;

    Cpu(TruthReader truth) {
      this.truth = truth;
      more = truth.next();
    }

    long began(long cycle) {
      for (; more && truth.time() + TruthReader.TIME_GRAIN <= cycle; more = truth.next()) {
        retired = truth.time();
      }
      return retired;
    }
  }
}
