package dev.crosspatch.sim.window;

import dev.crosspatch.tracer.text.Poke;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A poke to look at: of the first [#LOOKED_AT] of the log those that another CPU met, which ran the site between the
/// patch's first store and its last; of these, or of all if nobody met one, the one of median duration. Of two in the
/// middle it is the shorter, and of several that took as long the one in the middle.
///
/// @param number in the log, from 1
/// @param isMet  whether it is one that another CPU met; if not, nobody met any
public record TypicalPoke(int number, boolean isMet) {
  /// Pokes looked at.
  public static final int LOOKED_AT = 1000;

  /// A poke and its patch.
  private record Candidate(int number, long duration, boolean isMet) {}

  /// Chooses one; empty if there is no poke of a site.
  ///
  /// @param sites of the run, when [Windows] has heard all that was run
  /// @param pokes of the run
  /// @param but   number of a poke that is not meant; 0 if all are
  public static Optional<TypicalPoke> of(Sites sites, List<Poke> pokes, int but) {
    List<Candidate> all = candidates(sites, pokes, but);
    List<Candidate> met = all.stream().filter(Candidate::isMet).toList();
    List<Candidate> ordered = (met.isEmpty() ? all : met).stream()
        .sorted(Comparator.comparingLong(Candidate::duration)).toList();
    return ordered.isEmpty() ? Optional.empty()
        : Optional.of(new TypicalPoke(ordered.get((ordered.size() - 1) / 2).number(), !met.isEmpty()));
  }

  private static List<Candidate> candidates(Sites sites, List<Poke> pokes, int but) {
    List<Candidate> all = new ArrayList<>();
    Map<Long, Integer> next = new HashMap<>();
    for (int number = 1; number <= Math.min(LOOKED_AT, pokes.size()); number++) {
      int index = sites.at(pokes.get(number - 1).address());
      Site site = index < 0 ? null : sites.all().get(index);
      int store = site == null ? 0 : next.getOrDefault(site.address, 0);
      if (site != null && store < site.count()) {
        next.put(site.address, site.end(store) + 1);
        if (number != but) {
          all.add(new Candidate(number, site.cycle(site.end(store)) - site.cycle(store), site.isMet(store)));
        }
      }
    }
    return all;
  }
}
