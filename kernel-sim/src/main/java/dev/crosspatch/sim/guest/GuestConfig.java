package dev.crosspatch.sim.guest;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// What a guest kernel shall do. Goes into the kernel's text and parameters; the machine around it has a configuration
/// of its own.
///
/// @param cpus         CPUs, 1..64; the machine must have as many
/// @param patchingCpu  the CPU that flips keys, besides its work
/// @param iterations   runs of the work loop, per CPU: a number, 0 for a CPU that idles, or [#ENDLESS] for work that
///                     goes on until the flips are done. A list of one entry holds for all CPUs
/// @param sites        the sites, in the order of their addresses; each runs once per work iteration
/// @param keys         number of keys, 1..4096
/// @param flipOrder    keys in the order they are flipped, over and over; empty for 0, 1, ... keys - 1
/// @param flips        flips in all; 0 to go on until the work of all CPUs is done or, if that is endless, until the
///                     machine stops
/// @param flipInterval ticks of the trace clock (TSC, generic timer) from the begin of a flip to the begin of the next,
///                     0 for no pause
/// @param batchLimit   most sites per batch, 1..256; 1 patches sites one by one
/// @param protocol     how to patch
/// @param alias        mapping that text is written through
/// @param sync         serializing instruction of x86-64 syncs
/// @param faults       steps left out or moved
/// @param tickInterval period of each CPU's timer tick in units of its timer (local APIC bus clock, generic timer), 0
///                     for none
public record GuestConfig(
    int cpus,
    int patchingCpu,
    List<Long> iterations,
    List<SiteSpec> sites,
    int keys,
    List<Integer> flipOrder,
    long flips,
    long flipInterval,
    int batchLimit,
    Protocol protocol,
    Alias alias,
    SyncKind sync,
    Set<Step> faults,
    long tickInterval) {

  /// Iterations of a CPU that works until the flips are done.
  public static final long ENDLESS = -1;

  /// Records a site vector holds: one page, as in Linux.
  public static final int BATCH_MAX = 256;

  /// Most keys.
  public static final int KEYS_MAX = 4096;

  /// Most CPUs.
  public static final int CPUS_MAX = 64;

  /// Checks every range and relation.
  ///
  /// @throws IllegalArgumentException `field: what is wrong`
  public GuestConfig {
    range("cpus", cpus, 1, CPUS_MAX);
    range("patchingCpu", patchingCpu, 0, cpus - 1);
    range("keys", keys, 1, KEYS_MAX);
    range("flips", flips, 0, Long.MAX_VALUE);
    range("flipInterval", flipInterval, 0, Long.MAX_VALUE);
    range("batchLimit", batchLimit, 1, BATCH_MAX);
    range("tickInterval", tickInterval, 0, 0xffff_ffffL);
    iterations = perCpu(iterations, cpus);
    sites = List.copyOf(sites);
    flipOrder = flipOrder.isEmpty() ? IntStream.range(0, keys).boxed().toList() : List.copyOf(flipOrder);
    for (int key : flipOrder) {
      range("flipOrder", key, 0, keys - 1);
    }
    for (int i = 0; i < sites.size(); i++) {
      checkSite(i, sites.get(i), keys, protocol);
    }
    faults = Collections.unmodifiableSet(faults.isEmpty() ? EnumSet.noneOf(Step.class) : EnumSet.copyOf(faults));
    for (Step step : faults) {
      check(step.appliesTo(protocol), "faults", "protocol " + protocol + " has no step " + step);
    }
  }

  private static List<Long> perCpu(List<Long> iterations, int cpus) {
    check(iterations.size() == 1 || iterations.size() == cpus, "iterations",
        iterations.size() + " entries are neither 1 nor one for each of " + cpus + " CPUs");
    for (long n : iterations) {
      range("iterations", n, ENDLESS, Long.MAX_VALUE);
    }
    return iterations.size() == cpus ? List.copyOf(iterations) : Collections.nCopies(cpus, iterations.get(0));
  }

  private static void checkSite(int index, SiteSpec site, int keys, Protocol protocol) {
    String where = "sites[" + index + "]";
    range(where + ".key", site.key(), 0, keys - 1);
    boolean x86 = protocol.isa().equals("x86-64");
    boolean fits = x86 ? site.length() == 2 || site.length() == 5 : site.length() == 4;
    check(fits, where + ".length",
        site.length() + " is not " + (x86 ? "2 or 5" : "4") + ", the lengths of " + protocol.isa());
    check(x86 || site.placement().offset() % 4 == 0, where + ".placement",
        "offset " + site.placement().offset() + " is no multiple of 4");
  }

  private static void range(String field, long value, long min, long max) {
    check(value >= min && value <= max, field, value + " is not within " + min + ".." + max);
  }

  private static void check(boolean ok, String field, String what) {
    if (!ok) {
      throw new IllegalArgumentException(field + ": " + what);
    }
  }

  /// How many sites key `key` has.
  public int sitesOf(int key) {
    return (int) sites.stream().filter(s -> s.key() == key).count();
  }

  /// Pokes that `flips` flips make.
  public long pokes() {
    long pokes = 0;
    for (long i = 0; i < flips; i++) {
      pokes += sitesOf(flipOrder.get((int) (i % flipOrder.size())));
    }
    return pokes;
  }

  /// A builder with the defaults of `protocol`: 4 CPUs that work 1000 iterations each, CPU 0 patching, one key, 16
  /// sites of the ISA's usual length (x86-64: NOP5, every fourth NOP2), flipped 20 times, 20000 ticks apart, batches of
  /// up to 256, written as Linux does, IRET sync, no tick.
  public static Builder builder(Protocol protocol) {
    return new Builder(protocol);
  }

  /// Collects the components; each method sets the one of its name.
  public static final class Builder {
    private final Protocol protocol;
    private int cpus = 4;
    private int patchingCpu;
    private List<Long> iterations = List.of(1000L);
    private List<SiteSpec> sites;
    private int keys = 1;
    private List<Integer> flipOrder = List.of();
    private long flips = 20;
    private long flipInterval = 20_000;
    private int batchLimit = BATCH_MAX;
    private Alias alias = Alias.POKING;
    private SyncKind sync = SyncKind.IRET;
    private Set<Step> faults = Set.of();
    private long tickInterval;

    private Builder(Protocol protocol) {
      this.protocol = protocol;
      this.sites = usualSites(protocol, 16);
    }

    private static List<SiteSpec> usualSites(Protocol protocol, int count) {
      boolean x86 = protocol.isa().equals("x86-64");
      return IntStream.range(0, count)
          .mapToObj(i -> new SiteSpec(0, x86 ? i % 4 == 3 ? 2 : 5 : 4, SiteSpec.Placement.ANY)).toList();
    }

    /// Number of CPUs.
    public Builder cpus(int value) {
      cpus = value;
      return this;
    }

    /// The patching CPU.
    public Builder patchingCpu(int value) {
      patchingCpu = value;
      return this;
    }

    /// The same iterations for all CPUs, or one number for each.
    public Builder iterations(Long... values) {
      iterations = List.of(values);
      return this;
    }

    /// The sites.
    public Builder sites(List<SiteSpec> value) {
      sites = value;
      return this;
    }

    /// `count` sites of the ISA's usual lengths, all of key 0, anywhere.
    public Builder sites(int count) {
      return sites(usualSites(protocol, count));
    }

    /// Number of keys.
    public Builder keys(int value) {
      keys = value;
      return this;
    }

    /// The order of flips.
    public Builder flipOrder(List<Integer> value) {
      flipOrder = value;
      return this;
    }

    /// Flips in all.
    public Builder flips(long value) {
      flips = value;
      return this;
    }

    /// Ticks between flips.
    public Builder flipInterval(long value) {
      flipInterval = value;
      return this;
    }

    /// Most sites per batch.
    public Builder batchLimit(int value) {
      batchLimit = value;
      return this;
    }

    /// Mapping that text is written through.
    public Builder alias(Alias value) {
      alias = value;
      return this;
    }

    /// Serializing instruction.
    public Builder sync(SyncKind value) {
      sync = value;
      return this;
    }

    /// Steps left out or moved.
    public Builder faults(Set<Step> value) {
      faults = value;
      return this;
    }

    /// Timer period.
    public Builder tickInterval(long value) {
      tickInterval = value;
      return this;
    }

    /// The checked configuration.
    public GuestConfig build() {
      return new GuestConfig(cpus, patchingCpu, iterations, sites, keys, flipOrder, flips, flipInterval, batchLimit,
          protocol, alias,
          sync, faults, tickInterval);
    }
  }
}
