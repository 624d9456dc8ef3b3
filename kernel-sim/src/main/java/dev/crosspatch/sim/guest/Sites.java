package dev.crosspatch.sim.guest;

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

  /// How many there are.
  public int count() {
    return list.size();
  }

  /// How many sites key `key` has.
  public int of(int key) {
    return (int) list.stream().filter(s -> s.key() == key).count();
  }
}
