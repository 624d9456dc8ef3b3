package dev.crosspatch.sim.window;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.sim.scenario.StoreKind;
import dev.crosspatch.sim.scenario.Window;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Counts what CPUs ran at patched sites while they were being patched, by [Window] and place of the site. Windows come
/// from what was observed: stores, context synchronizations, invalidations, and what ran. The CPU that stores is not
/// asked to meet the windows that it opens.
public final class Windows {
  /// What belongs together in a table.
  ///
  /// @param window when
  /// @param place  where the sites lie
  public record Kind(Window window, String place) implements Comparable<Kind> {
    @Override
    public int compareTo(Kind other) {
      int byWindow = window.compareTo(other.window);
      return byWindow != 0 ? byWindow : place.compareTo(other.place);
    }
  }

  /// What was counted of a kind.
  public static final class Tally {
    private long patches;
    private long opened;
    private long executions;
    private long stale;
    private final Map<String, Long> outcomes = new TreeMap<>();

    /// Patches of a site that had such a window, or would have had one if CPUs had not synchronized for other reasons.
    public long patches() {
      return patches;
    }

    /// How often a store opened such a window on another CPU.
    public long opened() {
      return opened;
    }

    /// Executions of a site within one, by CPUs that had not stored last.
    public long executions() {
      return executions;
    }

    /// Those whose bytes memory held no longer.
    public long stale() {
      return stale;
    }

    /// What was run how often: `old`, `new`, `trap`, `new+old`.
    public Map<String, Long> outcomes() {
      return outcomes;
    }

    private void add(Tally other) {
      patches += other.patches;
      opened += other.opened;
      executions += other.executions;
      stale += other.stale;
      other.outcomes.forEach((outcome, count) -> outcomes.merge(outcome, count, Long::sum));
    }
  }

  private static final Window TEXT = new Window(StoreKind.TEXT.bit(), false);

  private final Sites sites;
  private final boolean known;
  private final Map<Kind, Tally> tallies = new TreeMap<>();

  /// @param sites of the run, complete
  public Windows(Sites sites) {
    this(sites, true);
  }

  private Windows(Sites sites, boolean known) {
    this.sites = sites;
    this.known = known;
    for (Site site : sites.all()) {
      new Opened(site).count();
    }
  }

  /// Of a run of which nothing of this is known.
  public static Windows unknown(int cpus) {
    return new Windows(new Sites(cpus), false);
  }

  /// Whether the run changed no text at all, as far as is known.
  public boolean nothingPatched() {
    return known && sites.isUntouched();
  }

  /// Takes up what each CPU runs, by its number.
  public List<Executions> eachCpu() {
    return IntStream.range(0, sites.cpus()).mapToObj(Executions::new).toList();
  }

  /// Those of all sites, by window.
  public Map<Window, Tally> byWindow() {
    Map<Window, Tally> sums = new TreeMap<>();
    tallies.forEach((kind, tally) -> sums.computeIfAbsent(kind.window(), w -> new Tally()).add(tally));
    return sums;
  }

  /// By window and place.
  public Map<Kind, Tally> tallies() {
    return tallies;
  }

  /// Those that no CPU met, in order.
  ///
  /// @param asked of these; null: of all that there were, or, if nothing was patched, of changed text
  public List<Window> missed(@Nullable List<Window> asked) {
    if (asked == null && nothingPatched()) {
      return List.of(TEXT);
    }
    Map<Window, Tally> all = byWindow();
    Collection<Window> of = asked == null ? all.keySet() : asked;
    return of.stream().filter(w -> !all.containsKey(w) || all.get(w).executions == 0).sorted().toList();
  }

  /// What is known of a kind in one text, as [#lines] gives it of all.
  public static String line(String window, String sites, Object... counts) {
    return window + " of sites " + sites + ": " + Arrays.asList(counts);
  }

  /// What is known of every kind.
  public List<String> lines() {
    return tallies.entrySet().stream().map(e -> line(e.getKey().window().name(), e.getKey().place(),
        e.getValue().patches, e.getValue().opened, e.getValue().executions, e.getValue().stale,
        e.getValue().outcomes)).toList();
  }

  /// Writes the fields `windows` and `windows_missed`.
  public void write(JsonGenerator g, List<Window> missed) throws IOException {
    g.writeArrayFieldStart("windows");
    for (Map.Entry<Kind, Tally> entry : tallies.entrySet()) {
      Tally tally = entry.getValue();
      g.writeStartObject();
      g.writeStringField("window", entry.getKey().window().name());
      g.writeStringField("sites", entry.getKey().place());
      g.writeNumberField("patches", tally.patches);
      g.writeNumberField("opened", tally.opened);
      g.writeNumberField("executions", tally.executions);
      g.writeNumberField("stale", tally.stale);
      g.writeObjectFieldStart("outcomes");
      for (Map.Entry<String, Long> outcome : tally.outcomes.entrySet()) {
        g.writeNumberField(outcome.getKey(), outcome.getValue());
      }
      g.writeEndObject();
      g.writeEndObject();
    }
    g.writeEndArray();
    g.writeArrayFieldStart("windows_missed");
    for (Window window : missed) {
      g.writeString(window.name());
    }
    g.writeEndArray();
  }

  /// Patches that had such a window.
  public long patches(Window window) {
    Tally tally = byWindow().get(window);
    return tally == null ? 0 : tally.patches;
  }

  private Tally tally(Window window, Site site) {
    return tallies.computeIfAbsent(new Kind(window, site.place()), k -> new Tally());
  }

  /// Which windows there were of one site: those that stores opened on other CPUs, and those that a CPU would have been
  /// in that had not happened to synchronize, as nobody asked it to.
  private final class Opened {
    private final Site site;
    /// By number of the window, ends of the patches that were counted.
    private final BitSet[] counted = new BitSet[Window.COUNT];

    Opened(Site site) {
      this.site = site;
      Arrays.setAll(counted, number -> new BitSet(0));
    }

    void count() {
      for (int cpu = 0; cpu < sites.cpus(); cpu++) {
        opened(cpu);
      }
      possible();
    }

    private void opened(int cpu) {
      int[] ofCpu = new int[Window.COUNT];
      Arrays.fill(ofCpu, -1);
      Times.Cursor syncs = sites.synchronizations(cpu).new Cursor();
      int seen = 0;
      for (int i = 0; i < site.count(); i++) {
        long to = i + 1 < site.count() ? site.cycle(i + 1) : Long.MAX_VALUE;
        seen = seen(site, seen, i, syncs.last(site.cycle(i)));
        if (site.cpu(i) != cpu && to > site.cycle(i)) {
          opened(ofCpu, window(site, seen, i), i);
          while (seen <= i && syncs.next() < to) {
            seen = seen(site, seen, i, syncs.last(syncs.next()));
          }
          if (seen > i) {
            opened(ofCpu, window(site, seen, i), i);
          }
        }
      }
    }

    private void opened(int[] ofCpu, @Nullable Window window, int index) {
      int end = site.end(index);
      if (window != null && ofCpu[window.number()] != end) {
        ofCpu[window.number()] = end;
        tally(window, site).opened++;
        patched(window, end);
      }
    }

    private void patched(Window window, int end) {
      if (!counted[window.number()].get(end)) {
        counted[window.number()].set(end);
        tally(window, site).patches++;
      }
    }

    /// Between two stores of a patch nobody was asked to synchronize.
    private void possible() {
      int stores = 0;
      for (int i = 0; i < site.count() && sites.cpus() > 1; i++) {
        // Whoever stored before may have asked behind it, too: another CPU that patched here.
        long asked = Math.max(asked(site.cpu(i), site.cycle(i)), asked(site.cpu(Math.max(0, i - 1)), site.cycle(i)));
        stores = (i > 0 && asked >= site.cycle(i - 1) ? 0 : stores) | site.kind(i).bit();
        if (Integer.bitCount(stores) > 1) {
          patched(new Window(stores, false), site.end(i));
        }
      }
    }
  }

  /// When a CPU last asked others to synchronize, before `cycle`; a device asks nobody.
  private long asked(int cpu, long cycle) {
    return cpu < 0 ? -1 : sites.interrupts(cpu).last(cycle);
  }

  /// How many stores, of those up to `index`, a CPU has synchronized behind that last did so at `cycle`.
  private static int seen(Site site, int before, int index, long cycle) {
    int seen = before;
    while (seen <= index && site.effective(seen) <= cycle) {
      seen++;
    }
    return seen;
  }

  /// The window that a CPU is in which has synchronized behind the first `seen` stores, when store `index` was the
  /// last; null for none.
  private static @Nullable Window window(Site site, int seen, int index) {
    if (index < 0 || (seen > index && site.isWhole(index))) {
      return null;
    }
    int stores = 0;
    for (int i = Math.min(seen, index); i <= index; i++) {
      stores |= site.kind(i).bit();
    }
    return new Window(stores, seen > index);
  }

  /// What one CPU runs, in order of time.
  public final class Executions {
    private final int cpu;
    private final Times.Cursor syncs;
    private final int[] last = new int[sites.all().size()];
    private final int[] seen = new int[last.length];

    /// @param cpu its number
    public Executions(int cpu) {
      this.cpu = cpu;
      syncs = sites.synchronizations(cpu).new Cursor();
    }

    /// It ran `bytes` at `address`.
    ///
    /// @param cycle when it began to
    /// @param stale whether memory no longer held them
    public void ran(long cycle, long address, byte[] bytes, boolean stale) {
      int number = sites.at(address);
      if (number < 0) {
        return;
      }
      Site site = sites.all().get(number);
      while (last[number] < site.count() && site.cycle(last[number]) <= cycle) {
        last[number]++;
      }
      int index = last[number] - 1;
      seen[number] = seen(site, seen[number], index, syncs.last(cycle));
      Window window = window(site, seen[number], index);
      if (window != null && site.cpu(index) != cpu) {
        Tally tally = tally(window, site);
        tally.executions++;
        site.met(index);
        tally.stale += stale ? 1 : 0;
        tally.outcomes.merge(site.outcome(index, address, bytes), 1L, Long::sum);
      }
    }
  }
}
