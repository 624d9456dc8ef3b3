package dev.crosspatch.core.machine;

import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.time.Grade;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Everything that shapes a run besides the image. Same image and same configuration give the same run, bit by bit.
///
/// @param isa      instruction set
/// @param cpus     cores, 1..64
/// @param preset   timing table, one of [Isa#presets()]
/// @param staleness how long a core may keep stale code
/// @param storesReachUnification stores are visible to refills of instruction caches without maintenance (x86;
///                 CTR_EL0.IDC)
/// @param cachesSnoop instruction caches follow stores without maintenance (x86; CTR_EL0.DIC)
/// @param fetch    bytes that a core fetches at once, one of [#fetchWidths]: what it fetches at once is of one version
/// @param time     how closely time is told
/// @param timing   figures that take the place of rows of the preset's timing table, by name of the row
/// @param ramBytes size of RAM, a multiple of 2 MiB
/// @param seed     of every random choice
public record MachineConfig(
    Isa isa, int cpus, String preset, Staleness staleness, boolean storesReachUnification, boolean cachesSnoop,
    int fetch, Grade time, Map<String, String> timing, int ramBytes, long seed) {

  /// How stale code may get.
  public enum Staleness {
    /// As a usual core behaves: a short pipeline window.
    TYPICAL,
    /// As stale as the manual allows.
    ADVERSARIAL
  }

  /// Lines are fetched whole, and time is additive.
  public MachineConfig(Isa isa, int cpus, String preset, Staleness staleness, boolean storesReachUnification,
      boolean cachesSnoop, int ramBytes, long seed) {
    this(isa, cpus, preset, staleness, storesReachUnification, cachesSnoop, PhysicalMemory.LINE, Grade.ADDITIVE,
        Map.of(), ramBytes, seed);
  }

  /// What cores of an ISA may fetch at once, in bytes: a line, a half or a quarter of it, or as little as instructions
  /// are aligned to.
  public static List<Integer> fetchWidths(Isa isa) {
    return List.of(PhysicalMemory.LINE, PhysicalMemory.LINE / 2, PhysicalMemory.LINE / 4, isa.alignment());
  }

  /// The same with another seed.
  public MachineConfig withSeed(long other) {
    return new MachineConfig(isa, cpus, preset, staleness, storesReachUnification, cachesSnoop, fetch, time, timing,
        ramBytes, other);
  }

  /// The same with time told otherwise.
  public MachineConfig withTime(Grade other) {
    return new MachineConfig(isa, cpus, preset, staleness, storesReachUnification, cachesSnoop, fetch, other, timing,
        ramBytes, seed);
  }

  /// The same with figures in place of rows of its timing table.
  public MachineConfig withTiming(Map<String, String> rows) {
    return new MachineConfig(isa, cpus, preset, staleness, storesReachUnification, cachesSnoop, fetch, time, rows,
        ramBytes, seed);
  }

  /// Checks ranges.
  public MachineConfig {
    timing = Collections.unmodifiableSortedMap(new TreeMap<>(timing));
    if (cpus < 1 || cpus > 64) {
      throw new IllegalArgumentException("cpus: " + cpus + " is not within 1..64");
    }
    if (!isa.presets().contains(preset)) {
      throw new IllegalArgumentException("preset: '" + preset + "' is none of " + String.join(", ", isa.presets()));
    }
    if (!fetchWidths(isa).contains(fetch)) {
      throw new IllegalArgumentException("fetch: " + fetch + " is none of " + fetchWidths(isa));
    }
    if (ramBytes <= 0 || ramBytes % (2 << 20) != 0) {
      throw new IllegalArgumentException("ram: " + ramBytes + " bytes is not a positive multiple of 2 MiB");
    }
  }
}
