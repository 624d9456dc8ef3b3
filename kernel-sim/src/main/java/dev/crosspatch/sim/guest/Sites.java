package dev.crosspatch.sim.guest;

import java.util.ArrayList;
import java.util.List;

/// The sites of a guest kernel and their keys.
///
/// @param list the sites, in the order of their addresses; each runs once per work iteration
/// @param keys number of keys, 1..4096
public record Sites(List<SiteSpec> list, int keys) {
  /// Most keys.
  public static final int KEYS_MAX = 4096;

  /// Checks ranges.
  ///
  /// @throws IllegalArgumentException `field: what is wrong`
  public Sites {
    Check.range("keys", keys, 1, KEYS_MAX);
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
  public record Group(int key, int count, int length, SiteSpec.Placement placement) {}

  /// All of them in the fewest groups that a scenario could say them in, from the first on.
  public List<Group> groups() {
    List<Group> groups = new ArrayList<>();
    for (int from = 0; from < list.size(); from += groups.getLast().count()) {
      SiteSpec first = list.get(from);
      int same = alike(from, false);
      int dealt = first.key() == 0 ? alike(from, true) : 0;
      groups.add(new Group(dealt > same ? -1 : first.key(), Math.max(dealt, same), first.length(), first.placement()));
    }
    return groups;
  }

  /// How many from `from` on differ in nothing, but for the key if they are dealt to all in turn.
  private int alike(int from, boolean dealt) {
    SiteSpec first = list.get(from);
    int i = 0;
    while (from + i < list.size() && list.get(from + i).equals(
        new SiteSpec(dealt ? i % keys : first.key(), first.length(), first.placement()))) {
      i++;
    }
    return i;
  }

  /// How many there are.
  public int count() {
    return list.size();
  }

  /// How many sites key `key` has.
  public int of(int key) {
    return (int) list.stream().filter(s -> s.key() == key).count();
  }
}
