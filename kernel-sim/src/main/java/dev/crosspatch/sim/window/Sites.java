package dev.crosspatch.sim.window;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.sim.run.EventLog;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.TextStores;
import dev.crosspatch.tracer.text.Poke;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The places that a run patched: those of its poke log, and those that were stored to without being in it. Text that
/// appears or goes away as a whole is none, nor is what is longer than a site can be.
public final class Sites {
  private static final int LINE = PhysicalMemory.LINE;
  /// Most bytes of a site.
  private static final int LONGEST = 64;

  private final List<Site> all = new ArrayList<>();
  private final NavigableMap<Long, Site> byAddress = new TreeMap<>();
  /// By address of a line: for each byte the site's number from 1, or 0.
  private final Map<Long, int[]> lines = new HashMap<>();
  private final Times[] synchronizations;
  private final Times[] interrupts;
  private boolean isTextReported;
  private long line = -1;
  private int @Nullable [] ofLine;

  /// Those of a run of `cpus` CPUs: none yet.
  Sites(int cpus) {
    synchronizations = new Times[cpus];
    interrupts = new Times[cpus];
    Arrays.setAll(synchronizations, cpu -> new Times());
    Arrays.setAll(interrupts, cpu -> new Times());
  }

  /// Reads a finished directory that kept its truth, with this initial image and this poke log.
  public static Sites of(RunDirectory run, Image image, List<Poke> pokes) {
    Sites sites = new Sites(run.config().cpus());
    byte[] trap = run.config().isa().patchKit().trap();
    NavigableMap<Long, Long> places = new TreeMap<>();
    for (Poke poke : pokes) {
      if (poke.before().length > 0 && poke.after().length > 0) {
        add(places, poke.address(), poke.address() + Math.max(poke.before().length, poke.after().length));
      }
    }
    TextStores stores = run.stores();
    NavigableMap<Long, Long> reported = new TreeMap<>(places);
    stores.forEach(s -> {
      if (!touches(reported, s.address(), s.address() + s.length())) {
        addBeside(places, reported, s.address(), s.address() + s.length());
      }
      return true;
    });
    places.forEach((from, to) -> sites.add(image, trap, from, to));
    for (Poke poke : pokes) {
      sites.reported(poke);
    }
    sites.isTextReported = !pokes.isEmpty();
    sites.take(stores, run.events(), run.config().snooped());
    return sites;
  }

  private static void add(NavigableMap<Long, Long> places, long first, long end) {
    long from = first;
    long to = end;
    Map.Entry<Long, Long> other = places.lowerEntry(to);
    while (other != null && other.getValue() > from) {
      from = Math.min(from, other.getKey());
      to = Math.max(to, other.getValue());
      places.remove(other.getKey());
      other = places.lowerEntry(to);
    }
    places.put(from, to);
  }

  /// The same for a store that nobody reported: those beside it that nobody reported either are of the same site.
  private static void addBeside(NavigableMap<Long, Long> places, NavigableMap<Long, Long> reported, long from,
      long to) {
    Map.Entry<Long, Long> below = places.floorEntry(from);
    boolean joins = below != null && below.getValue() == from && !reported.containsKey(below.getKey());
    Long end = reported.containsKey(to) ? null : places.remove(to);
    add(places, joins && below != null ? below.getKey() : from, end == null ? to : end);
  }

  private static boolean touches(NavigableMap<Long, Long> places, long from, long to) {
    Map.Entry<Long, Long> other = places.lowerEntry(to);
    return other != null && other.getValue() > from;
  }

  private void add(Image image, byte[] trap, long from, long to) {
    for (Section section : image.sections()) {
      if (section.access() == Section.Access.TEXT && section.contains(from) && to <= section.end()
          && to - from <= LONGEST) {
        int at = (int) (from - section.address());
        add(new Site(from, trap, Arrays.copyOfRange(section.bytes(), at, at + (int) (to - from))));
      }
    }
  }

  /// Whether no text changed, appeared or went away.
  boolean isUntouched() {
    return all.isEmpty() && !isTextReported;
  }

  /// Adds a site that lies behind all others.
  void add(Site site) {
    all.add(site);
    byAddress.put(site.address, site);
    for (long a = site.address; a < site.address + site.length; a++) {
      lines.computeIfAbsent(a & -LINE, l -> new int[LINE])[(int) a & LINE - 1] = all.size();
    }
  }

  private void reported(Poke poke) {
    int number = at(poke.address());
    if (number >= 0 && all.get(number).address == poke.address()) {
      all.get(number).reported(poke.before(), poke.after());
    }
  }

  private void take(TextStores stores, EventLog events, boolean snooped) {
    List<EventLog.Entry> invalidations = new ArrayList<>();
    Times effects = new Times();
    events.forEach(e -> {
      if (e.kind() == EventLog.Kind.INVALIDATED) {
        invalidations.add(e);
        effects.add(e.cycle());
      }
    });
    int[] next = {0};
    stores.forEach(s -> {
      invalidate(invalidations, next, s.cycle());
      store(s, snooped);
      if (snooped) {
        effects.add(s.cycle());
      }
      return true;
    });
    invalidate(invalidations, next, Long.MAX_VALUE);
    take(events, effects);
  }

  /// Takes up what CPUs did that orders stores which took effect at these times. Who returns from handlers time and
  /// again while nothing does synchronizes but once.
  private void take(EventLog events, Times effects) {
    List<Times.Cursor> seen = Stream.generate(() -> effects.new Cursor()).limit(synchronizations.length).toList();
    events.forEach(e -> {
      if (e.kind() == EventLog.Kind.SYNCHRONIZED) {
        Times ofCpu = synchronizations[e.cpu()];
        if (seen.get(e.cpu()).last(e.cycle()) > ofCpu.last()) {
          ofCpu.add(e.cycle());
        }
      } else if (e.kind() == EventLog.Kind.SENT && e.detail() != e.cpu()) {
        interrupts[e.cpu()].add(e.cycle());
      }
    });
  }

  private void invalidate(List<EventLog.Entry> invalidations, int[] next, long before) {
    while (next[0] < invalidations.size() && invalidations.get(next[0]).cycle() < before) {
      EventLog.Entry e = invalidations.get(next[0]++);
      List<Site> concerned = e.address() == 0 ? all
          : List.copyOf(byAddress.subMap(e.address() - LONGEST, e.address() + LINE).values());
      concerned.forEach(site -> site.invalidated(e.address(), e.cycle()));
    }
  }

  private void store(TextStores.Store s, boolean snooped) {
    byte[] bytes = s.bytes();
    int before = -1;
    for (int i = 0; i < bytes.length; i++) {
      int number = at(s.address() + i);
      if (number >= 0 && number != before) {
        all.get(number).store(s.cpu(), s.cycle(), s.address(), bytes, snooped);
        before = number;
      }
    }
  }

  /// Where they lie, in order.
  public List<Long> addresses() {
    return all.stream().map(site -> site.address).toList();
  }

  /// Tells `listener` of the patches of a site, by its number in [#addresses], in order of time.
  public void patches(int number, Consumer<Patch> listener) {
    Site site = all.get(number);
    for (int first = 0; first < site.count(); first = site.end(first) + 1) {
      listener.accept(site.patch(first));
    }
  }

  /// What a store of this run did to the text of a site, as [dev.crosspatch.sim.scenario.StoreKind] labels it; empty if
  /// it touched none.
  public String kind(TextStores.Store store) {
    for (long a = store.address(); a < store.address() + store.length(); a++) {
      int number = at(a);
      if (number >= 0) {
        return all.get(number).kind(store.cpu(), store.cycle()).label();
      }
    }
    return "";
  }

  /// What running `bytes` at an address was then, which memory held no longer: `old`, `new`, `trap`, or of which parts;
  /// empty at no site. What is stale between two patches is old to the next one, whose CPU's clock is a little ahead.
  public String stale(long cycle, long address, byte[] bytes) {
    int number = at(address);
    if (number < 0) {
      return "";
    }
    Site site = all.get(number);
    int last = site.last(cycle);
    String outcome = site.outcome(last, address, bytes);
    return site.isWhole(last) && outcome.equals("new") ? "old" : outcome;
  }

  /// How many sites are between two texts, store by store.
  public final class Progress {
    private final int[] stores = new int[all.size()];
    private int count;

    /// The next store of the run was made.
    public void stored(TextStores.Store store) {
      int before = -1;
      for (long a = store.address(); a < store.address() + store.length(); a++) {
        int number = at(a);
        if (number >= 0 && number != before) {
          int index = stores[number]++;
          before = number;
          count += (all.get(number).isWhole(index - 1) ? 1 : 0) - (all.get(number).isWhole(index) ? 1 : 0);
        }
      }
    }

    /// Those that are.
    public int count() {
      return count;
    }
  }

  /// CPUs of the run.
  int cpus() {
    return synchronizations.length;
  }

  /// All sites, in order of their addresses.
  List<Site> all() {
    return all;
  }

  /// When a CPU first synchronized its context behind stores that had taken effect.
  Times synchronizations(int cpu) {
    return synchronizations[cpu];
  }

  /// When a CPU sent interrupts to others while text changed.
  Times interrupts(int cpu) {
    return interrupts[cpu];
  }

  /// Number in [#all] of the site at an address, or -1.
  int at(long address) {
    if ((address & -LINE) != line) {
      line = address & -LINE;
      ofLine = lines.get(line);
    }
    return ofLine == null ? -1 : ofLine[(int) address & LINE - 1] - 1;
  }
}
