package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.guest.GuestConfig;
import dev.crosspatch.sim.guest.SitePath;
import dev.crosspatch.sim.guest.SiteSpec;
import dev.crosspatch.sim.scenario.Scenario;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// How large a scenario is.
///
/// @param cpus  number of CPUs
/// @param sites its sites
/// @param flips number of flips
record ShrunkSize(int cpus, List<SiteSpec> sites, long flips) {
  /// Up to this many CPUs, sites and flips all sizes are tried, from the smallest on.
  private static final int SMALL = 2;
  /// If there is no end of flips, more than these are not tried.
  private static final long MOST_FLIPS = 1 << 12;

  /// That of a scenario.
  static ShrunkSize of(Scenario scenario) {
    GuestConfig guest = scenario.guest();
    return new ShrunkSize(guest.work().cpus(), guest.sites().list(), guest.flips().total());
  }

  /// Sizes that are smaller, the smallest first: few CPUs, sites, flips.
  ///
  /// @param failing number of the site that must be among the sites, or -1
  List<ShrunkSize> small(int failing) {
    List<SiteSpec> kinds = kinds(failing);
    List<ShrunkSize> sizes = new ArrayList<>();
    for (int c = 1; c <= Math.min(SMALL, cpus); c++) {
      for (int f = 1; f <= (flips == 0 ? SMALL : Math.min(SMALL, flips)); f++) {
        for (int n = 1; n <= Math.min(SMALL, sites.size()); n++) {
          for (List<SiteSpec> few : few(kinds, n)) {
            sizes.add(new ShrunkSize(c, few, f));
          }
        }
      }
    }
    sizes.sort(Comparator.comparingLong((ShrunkSize s) -> Math.max(Math.max(s.cpus, s.sites.size()), s.flips))
        .thenComparingLong(s -> s.cpus + s.sites.size() + s.flips));
    sizes.remove(this);
    return sizes;
  }

  /// Sizes with fewer flips, or fewer CPUs, or some of the sites, each time the smallest first.
  List<ShrunkSize> less() {
    List<ShrunkSize> sizes = new ArrayList<>();
    fewer(flips == 0 ? Long.MAX_VALUE : flips).forEach(f -> sizes.add(new ShrunkSize(cpus, sites, f)));
    fewer(cpus).forEach(c -> sizes.add(new ShrunkSize(Math.toIntExact(c), sites, flips)));
    for (int part = sites.size() / 2; part > 0; part /= 2) {
      for (int from = 0; from < sites.size(); from += part) {
        List<SiteSpec> rest = new ArrayList<>(sites.subList(0, from));
        rest.addAll(sites.subList(Math.min(from + part, sites.size()), sites.size()));
        sizes.add(new ShrunkSize(cpus, rest, flips));
      }
    }
    return sizes;
  }

  /// 1, 2, 3, 4, 6, 8, 12, ... and one less.
  private static List<Long> fewer(long than) {
    List<Long> numbers = new ArrayList<>();
    for (long power = 1; power < Math.min(than, MOST_FLIPS); power *= 2) {
      numbers.add(power);
      numbers.add(power * 3 / 2);
    }
    numbers.add(than - 1);
    return numbers.stream().filter(n -> n > 0 && n < than).distinct().sorted().toList();
  }

  /// The sites that differ in more than their key, that of the failure first.
  private List<SiteSpec> kinds(int failing) {
    List<SiteSpec> kinds = new ArrayList<>();
    if (failing >= 0 && failing < sites.size()) {
      kinds.add(sites.get(failing));
    }
    for (SiteSpec site : sites) {
      if (kinds.stream().noneMatch(k -> k.equals(site.of(k.key())))) {
        kinds.add(site);
      }
    }
    return kinds;
  }

  /// Choices of `n` sites: all of one kind, or one of another behind them; all of one key, or the last of a second.
  private List<List<SiteSpec>> few(List<SiteSpec> kinds, int n) {
    List<List<SiteSpec>> choices = new ArrayList<>();
    for (SiteSpec last : kinds) {
      for (int key = 0; key <= (n > 1 && sites.stream().anyMatch(s -> s.key() > 0) ? 1 : 0); key++) {
        List<SiteSpec> choice = new ArrayList<>();
        for (int i = 1; i < n; i++) {
          choice.add(withKey(kinds.getFirst(), 0));
        }
        choice.add(withKey(last, key));
        choices.add(choice);
      }
    }
    return choices;
  }

  private static SiteSpec withKey(SiteSpec site, int key) {
    return site.of(key);
  }

  /// What makes a scenario this large.
  List<Setting> settings(Scenario of) {
    List<Integer> keys = sites.stream().map(SiteSpec::key).distinct().sorted().toList(); // none without a site
    List<Setting> settings = new ArrayList<>(List.of(new Setting("cpus", String.valueOf(cpus)),
        new Setting("keys", String.valueOf(keys.size())),
        new Setting("sites", sites.stream().map(s -> yaml(s, keys.indexOf(s.key()))).toList().toString()),
        new Setting("flips.total", String.valueOf(flips))));
    List<Integer> patching = of.guest().patching().cpus();
    if (patching.size() > 1 && patching.stream().anyMatch(cpu -> cpu >= cpus)) {
      settings.add(new Setting("patching-cpus", IntStream.range(0, Math.min(cpus, patching.size())).boxed().toList()
          .toString()));
    } else if (patching.size() == 1 && patching.getFirst() >= cpus) {
      settings.add(new Setting("patching-cpu", String.valueOf(cpus - 1)));
    }
    return settings;
  }

  private static String yaml(SiteSpec site, int key) {
    SiteSpec.Placement at = site.placement();
    String place = switch (at.boundary()) {
      case 1 -> "any";
      case 16, 32 -> "window" + at.boundary() + " " + at.offset();
      case 64 -> "line " + at.offset();
      default -> "page " + (-at.offset() & at.boundary() - 1);
    };
    String in = site.path() == SitePath.WORK ? "" : ", in: " + site.path().label();
    return "{key: " + key + ", length: " + site.length() + ", place: " + place + in + "}";
  }

  /// For people: `2 CPUs, 1 site, 3 flips`.
  @Override
  public String toString() {
    return number(cpus, "CPU") + ", " + number(sites.size(), "site") + ", " + number(flips, "flip");
  }

  private static String number(long n, String of) {
    return String.format("%,d %s%s", n, of, n == 1 ? "" : "s");
  }
}
