package dev.crosspatch.sim.guest;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.sim.mechanism.GuestLibrary;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Part;
import dev.crosspatch.sim.mechanism.Protocol;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.sim.mechanism.Step;
import dev.crosspatch.sim.mechanism.Variant;
import java.io.IOException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What a guest kernel shall do. Goes into the kernel's text and parameters; the machine around it has a configuration
/// of its own.
///
/// @param patching how it patches
/// @param work     what its CPUs do besides
/// @param sites    what it patches
/// @param flips    when
/// @param observation how what it tells of its text gets out of it
public record GuestConfig(Patching patching, Work work, Sites sites, Flips flips, Observation observation) {
  /// Part of the guest library that CPUs with more than one task need.
  private static final String TASKS = "tasks";
  /// Part that several patching CPUs need.
  private static final String TEXT_MUTEX = "text-mutex";
  /// Part by which a CPU is parked.
  private static final String HOTPLUG = "hotplug";
  /// Part by which CPUs answer late.
  private static final String STRETCHES = "stretches";
  /// Part that has the room for text that appears mapped far from the kernel.
  private static final String MODULE_AREA = "module-area";
  /// Part of the guest library that announces mappings.
  private static final String MAPPINGS = "mappings";

  /// Checks what the parts have to do with each other.
  ///
  /// @throws IllegalArgumentException `field: what is wrong`
  public GuestConfig {
    for (int cpu : patching.cpus()) {
      Check.range("patchingCpu", cpu, 0, work.cpus() - 1);
      Check.that(!work.hotplug().isThere() || work.hotplug().cpu() != cpu, "hotplug",
          "CPU " + cpu + " patches, so it cannot be parked");
    }
    if (flips.order().isEmpty()) {
      flips = new Flips(IntStream.range(0, sites.keys()).boxed().toList(), flips.total(), flips.interval());
    }
    for (int key : flips.order()) {
      Check.range("flipOrder", key, 0, sites.keys() - 1);
    }
    for (int i = 0; i < sites.count(); i++) {
      checkSite("sites[" + i + "]", sites.list().get(i), patching);
    }
  }

  private static void checkSite(String where, SiteSpec site, Patching patching) {
    Variant variant = patching.variant();
    Check.that(variant.lengths().contains(site.length()), where + ".length", site.length() + " is not "
        + variant.shownLengths() + ", the lengths of " + patching.protocol().isa());
    Check.that(site.placement().offset() % variant.align() == 0, where + ".placement",
        "offset " + site.placement().offset() + " is no multiple of " + variant.align());
  }

  /// The parts of the guest library that its kernel is built with: those that the mechanism uses, and what the work
  /// needs.
  public Set<Part> parts() {
    Set<Part> parts = new LinkedHashSet<>(patching.variant().parts());
    if (work.tasks() > 1) {
      parts.addAll(patching.library().with(TASKS));
    }
    if (patching.cpus().size() > 1) {
      parts.addAll(patching.library().with(TEXT_MUTEX));
    }
    if (work.hotplug().isThere()) {
      parts.addAll(patching.library().with(HOTPLUG));
    }
    if (work.irqsOff().isThere() || work.idle().isThere()) {
      parts.addAll(patching.library().with(STRETCHES));
    }
    return parts;
  }

  /// By span, the functions of its kernel whose calls are measured: the library's, those of its parts, the mechanism's.
  public Map<Span, List<String>> spans() {
    Map<Span, List<String>> spans = new EnumMap<>(Span.class);
    spans.put(Span.FLIP, List.of(Variant.FLIP));
    merge(patching.library().spans(), spans);
    parts().forEach(part -> merge(part.spans(), spans));
    merge(patching.variant().spans(), spans);
    return spans;
  }

  private static void merge(Map<Span, List<String>> from, Map<Span, List<String>> into) {
    from.forEach((span, functions) -> into.merge(span, functions,
        (a, b) -> Stream.concat(a.stream(), b.stream()).distinct().toList()));
  }

  /// What can be left out of its kernel: steps of the protocol, and of the parts that it is built with.
  public List<Step> steps() {
    Map<String, Step> steps = new LinkedHashMap<>();
    patching.mechanism().steps(patching.protocol()).forEach(s -> steps.put(s.name(), s));
    parts().stream().filter(Part::isForEveryProtocol)
        .forEach(part -> part.steps().forEach(s -> steps.putIfAbsent(s.name(), s)));
    return List.copyOf(steps.values());
  }

  /// Whether its kernel may announce mappings.
  public boolean announcesMappings() {
    return has(MAPPINGS);
  }

  /// Whether its kernel maps the room for text that appears far from the rest.
  boolean hasModuleArea() {
    return has(MODULE_AREA);
  }

  private boolean has(String part) {
    return parts().stream().anyMatch(p -> p.name().equals(part));
  }

  /// Pokes that `flips` flips make if every site of a key changes.
  public long pokes() {
    long pokes = 0;
    int[] sitesOf = sites.byKey();
    for (long i = 0; i < flips.total(); i++) {
      pokes += sitesOf[flips.order().get((int) (i % flips.order().size()))];
    }
    return pokes;
  }

  /// Writes it by the keys of a scenario (`_` for `-`), as fields of an object, with all defaults; the mechanism by the
  /// name that its manifest has.
  public void write(JsonGenerator g) throws IOException {
    g.writeStringField("mechanism", patching.mechanism().name());
    g.writeStringField("protocol", patching.protocol().name());
    g.writeArrayFieldStart("leave_out");
    for (String step : patching.leftOut()) {
      g.writeString(step);
    }
    g.writeEndArray();
    g.writeNumberField("patching_cpu", patching.cpu());
    if (patching.cpus().size() > 1) {
      g.writeArrayFieldStart("patching_cpus");
      for (int cpu : patching.cpus()) {
        g.writeNumber(cpu);
      }
      g.writeEndArray();
    }
    g.writeNumberField("batch", patching.batchLimit());
    g.writeStringField("alias", patching.alias().name().toLowerCase(Locale.ROOT));
    if (!patching.sync().isEmpty()) {
      g.writeStringField("sync", patching.sync());
    }
    g.writeNumberField("tick", work.tickInterval());
    g.writeNumberField("tasks", work.tasks());
    if (work.hotplug().isThere()) {
      g.writeObjectFieldStart("hotplug");
      g.writeNumberField("cpu", work.hotplug().cpu());
      g.writeNumberField("every", work.hotplug().every());
      g.writeEndObject();
    }
    write(g, "irqs_off", work.irqsOff());
    write(g, "idle", work.idle());
    writeIterations(g);
    g.writeNumberField("keys", sites.keys());
    writeSites(g);
    g.writeObjectFieldStart("flips");
    g.writeNumberField("total", flips.total());
    g.writeNumberField("interval", flips.interval());
    g.writeEndObject();
    observation.write(g, announcesMappings());
  }

  private static void write(JsonGenerator g, String name, Stretch stretch) throws IOException {
    if (stretch.isThere()) {
      g.writeObjectFieldStart(name);
      g.writeNumberField("length", stretch.length());
      g.writeNumberField("every", stretch.every());
      g.writeEndObject();
    }
  }

  private void writeIterations(JsonGenerator g) throws IOException {
    List<Long> different = work.iterations().stream().distinct().toList();
    if (different.size() == 1) {
      g.writeFieldName("iterations");
      writeIterations(g, different.getFirst());
      return;
    }
    g.writeArrayFieldStart("iterations");
    for (long n : work.iterations()) {
      writeIterations(g, n);
    }
    g.writeEndArray();
  }

  private static void writeIterations(JsonGenerator g, long n) throws IOException {
    if (n == Work.ENDLESS) {
      g.writeString("endless");
    } else {
      g.writeNumber(n);
    }
  }

  private void writeSites(JsonGenerator g) throws IOException {
    g.writeArrayFieldStart("sites");
    for (Sites.Group group : sites.groups()) {
      g.writeStartObject();
      if (group.key() >= 0) {
        g.writeNumberField("key", group.key());
      }
      g.writeNumberField("count", group.count());
      g.writeNumberField("length", group.length());
      g.writeStringField("place", group.placement().label());
      if (group.path() != SitePath.WORK) {
        g.writeStringField("in", group.path().label());
      }
      g.writeEndObject();
    }
    g.writeEndArray();
  }

  /// A builder with the defaults of a protocol of `mechanism`: 4 CPUs that work 1000 iterations each, CPU 0 patching,
  /// one key, 16 sites of the usual length, every fourth of the last of its lengths, flipped 20 times, 20000 ticks
  /// apart, batches of up to 256, written as Linux does, the usual sync, no tick, no event ever lost.
  public static Builder builder(Mechanism mechanism, Protocol protocol) {
    return new Builder(mechanism, protocol);
  }

  /// Collects the components; each method sets the one of its name.
  public static final class Builder {
    private final Mechanism mechanism;
    private final Protocol protocol;
    private int cpus = 4;
    private List<Integer> patchingCpus = List.of(0);
    private List<Long> iterations = List.of(1000L);
    private List<SiteSpec> sites;
    private int keys = 1;
    private List<Integer> flipOrder = List.of();
    private long flips = 20;
    private long flipInterval = 20_000;
    private int batchLimit = Patching.BATCH_MAX;
    private Alias alias = Alias.POKING;
    private String sync;
    private Set<String> leftOut = Set.of();
    private long tickInterval;
    private int tasks = 1;
    private Hotplug hotplug = Hotplug.NONE;
    private Stretch irqsOff = Stretch.NONE;
    private Stretch idle = Stretch.NONE;
    private Observation observation = Observation.USUAL;
    private boolean nmis;

    private Builder(Mechanism mechanism, Protocol protocol) {
      this.mechanism = mechanism;
      this.protocol = protocol;
      sync = GuestLibrary.of(protocol.isa()).sync();
      sites = usualSites(16);
    }

    private List<SiteSpec> usualSites(int count) {
      List<Integer> lengths = mechanism.on(protocol.isa()).lengths();
      return IntStream.range(0, count)
          .mapToObj(i -> new SiteSpec(0, i % 4 == 3 ? lengths.getLast() : lengths.getFirst(), SiteSpec.Placement.ANY))
          .toList();
    }

    /// Number of CPUs.
    public Builder cpus(int value) {
      cpus = value;
      return this;
    }

    /// The patching CPU.
    public Builder patchingCpu(int value) {
      return patchingCpus(List.of(value));
    }

    /// Several patching CPUs.
    public Builder patchingCpus(List<Integer> value) {
      patchingCpus = value;
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
      return sites(usualSites(count));
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
    public Builder sync(String value) {
      sync = value;
      return this;
    }

    /// Steps left out or moved.
    public Builder leftOut(Set<String> value) {
      leftOut = value;
      return this;
    }

    /// Timer period.
    public Builder tickInterval(long value) {
      tickInterval = value;
      return this;
    }

    /// Tasks of each CPU.
    public Builder tasks(int value) {
      tasks = value;
      return this;
    }

    /// The CPU that is parked now and then.
    public Builder hotplug(Hotplug value) {
      hotplug = value;
      return this;
    }

    /// Stretches with interrupts off.
    public Builder irqsOff(Stretch value) {
      irqsOff = value;
      return this;
    }

    /// Stretches without work.
    public Builder idle(Stretch value) {
      idle = value;
      return this;
    }

    /// How text events get out of it.
    public Builder observation(Observation value) {
      observation = value;
      return this;
    }

    /// Whether NMIs can be taken.
    public Builder nmis(boolean value) {
      nmis = value;
      return this;
    }

    /// The checked configuration.
    public GuestConfig build() {
      return new GuestConfig(new Patching(mechanism, protocol, leftOut, patchingCpus, batchLimit, alias, sync),
          new Work(cpus, iterations, tickInterval, tasks, nmis, hotplug, irqsOff, idle), new Sites(sites, keys),
          new Flips(flipOrder, flips, flipInterval), observation);
    }
  }
}
