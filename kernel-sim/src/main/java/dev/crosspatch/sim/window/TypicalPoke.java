package dev.crosspatch.sim.window;

import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.sim.run.EventLog;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.tracer.text.Poke;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Chooses a poke to look at: of the first [#LOOKED_AT] of the log those that another CPU met, which trapped there or
/// ran what memory no longer held between the patch's first store and its last; of these, or of all if nobody met one,
/// the one of median duration. Of two in the middle it is the shorter.
public final class TypicalPoke {
  /// Pokes looked at.
  public static final int LOOKED_AT = 1000;

  private final RunDirectory run;
  private final Sites sites;
  private final List<Candidate> all = new ArrayList<>();
  /// By address of the site, then by its first store.
  private final Map<Long, TreeMap<Long, Candidate>> bySite = new HashMap<>();

  /// A poke and its patch.
  private static final class Candidate {
    private final int number;
    private final int cpu;
    private final long first;
    private final long last;
    private boolean met;

    Candidate(int number, Site site, int store) {
      this.number = number;
      cpu = site.cpu(store);
      first = site.cycle(store);
      last = site.cycle(site.end(store));
    }
  }

  private TypicalPoke(RunDirectory run, Sites sites) {
    this.run = run;
    this.sites = sites;
  }

  /// Its number in the log, from 1; 0 if there is none.
  ///
  /// @param sites of the run, which kept its truth
  /// @param pokes of the run
  /// @param but   number of a poke that is not meant; 0 if all are
  public static int of(RunDirectory run, Sites sites, List<Poke> pokes, int but) {
    TypicalPoke typical = new TypicalPoke(run, sites);
    typical.candidates(pokes, but);
    typical.look();
    return typical.choose();
  }

  private void candidates(List<Poke> pokes, int but) {
    Map<Long, Integer> next = new HashMap<>();
    for (int number = 1; number <= Math.min(LOOKED_AT, pokes.size()); number++) {
      int index = sites.at(pokes.get(number - 1).address());
      Site site = index < 0 ? null : sites.all().get(index);
      int store = site == null ? 0 : next.getOrDefault(site.address, 0);
      if (site != null && store < site.count()) {
        next.put(site.address, site.end(store) + 1);
        Candidate candidate = new Candidate(number, site, store);
        if (number != but) {
          all.add(candidate);
        }
        bySite.computeIfAbsent(site.address, a -> new TreeMap<>()).put(candidate.first, candidate);
      }
    }
  }

  private void look() {
    run.events().forEach(e -> {
      if (e.kind() == EventLog.Kind.DIVERTED && e.detail() == RetireRow.TRAP) {
        met(e.cpu(), e.cycle(), e.address());
      }
    });
    run.stale(s -> met(s.cpu(), s.cycle(), s.address()));
  }

  private void met(int cpu, long cycle, long address) {
    int index = sites.at(address);
    TreeMap<Long, Candidate> here = index < 0 ? null : bySite.get(sites.all().get(index).address);
    Map.Entry<Long, Candidate> before = here == null ? null : here.floorEntry(cycle);
    if (before != null && cycle <= before.getValue().last && cpu != before.getValue().cpu) {
      before.getValue().met = true;
    }
  }

  private int choose() {
    List<Candidate> met = all.stream().filter(c -> c.met).toList();
    List<Candidate> ordered = (met.isEmpty() ? all : met).stream()
        .sorted(Comparator.comparingLong((Candidate c) -> c.last - c.first)).toList();
    return ordered.isEmpty() ? 0 : ordered.get((ordered.size() - 1) / 2).number;
  }
}
