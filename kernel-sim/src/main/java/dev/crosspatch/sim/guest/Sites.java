package dev.crosspatch.sim.guest;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// The sites of a guest kernel and their keys.
///
/// @param list the sites; those of one path stand in this order, path by path; each of the work runs once per iteration
/// @param keys number of keys, 1..65,536
public record Sites(List<SiteSpec> list, int keys) {
  /// Most sites, and most keys: Linux traces some 50,000 functions at once.
  public static final int MOST = 65_536;

  /// Checks ranges.
  ///
  /// @throws IllegalArgumentException `field: what is wrong`
  public Sites {
    Check.range("keys", keys, 1, MOST);
    list = List.copyOf(list);
    for (int i = 0; i < list.size(); i++) {
      Check.range("sites[" + i + "].key", list.get(i).key(), 0, keys - 1);
    }
  }

  /// Sites that a scenario says together.
  ///
  /// @param key       of all of them; -1: they are dealt to all keys in turn
  /// @param count     how many
  /// @param length    bytes of each
  /// @param placement of each
  /// @param path      of each
  public record Group(int key, int count, int length, SiteSpec.Placement placement, SitePath path) {}

  /// All of them in the fewest groups that a scenario could say them in, from the first on.
  public List<Group> groups() {
    List<Group> groups = new ArrayList<>();
    for (int from = 0; from < list.size(); from += groups.getLast().count()) {
      SiteSpec first = list.get(from);
      int same = alike(from, false);
      int dealt = first.key() == 0 ? alike(from, true) : 0;
      groups.add(new Group(dealt > same ? -1 : first.key(), Math.max(dealt, same), first.length(), first.placement(),
          first.path()));
    }
    return groups;
  }

  /// How many from `from` on differ in nothing, but for the key if they are dealt to all in turn.
  private int alike(int from, boolean dealt) {
    SiteSpec first = list.get(from);
    int i = 0;
    while (from + i < list.size() && list.get(from + i).equals(first.of(dealt ? i % keys : first.key()))) {
      i++;
    }
    return i;
  }

  /// How many there are.
  public int count() {
    return list.size();
  }

  /// Numbers of the sites of a path, in ascending order.
  public List<Integer> on(SitePath path) {
    return IntStream.range(0, list.size()).filter(i -> list.get(i).path() == path).boxed().toList();
  }

  /// What one pass through the sites of a path adds up to: the sum of (site number + 1).
  public long checksum(SitePath path) {
    return on(path).stream().mapToLong(i -> i + 1).sum();
  }

  /// How many sites each key has, by its number.
  public int[] byKey() {
    int[] counts = new int[keys];
    list.forEach(site -> counts[site.key()]++);
    return counts;
  }
}
