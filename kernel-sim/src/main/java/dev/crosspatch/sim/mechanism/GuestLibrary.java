package dev.crosspatch.sim.mechanism;

import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.fields.Yaml;
import dev.crosspatch.sim.mechanism.Variant.Source;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The guest library of an ISA: all of a guest kernel but its mechanism and its workload. Resource
/// `dev/crosspatch/kernel/ISA/library.yaml` says what it is made of, `*.s` beside it is its text; whoever brings an ISA
/// brings them.
///
/// @param before  sources before the mechanism's
/// @param behind  sources behind it, before the workload
/// @param parts   what only mechanisms have that use it, by name; their sources stand before the mechanism's
/// @param answers function that answers function-call interrupts
/// @param spans   functions whose calls are measured
/// @param syncs   instructions that a sync may run; empty if there is no choice
/// @param sync    the usual one, empty if there is no choice
/// @param steps   what its own functions can leave out: steps of every protocol of this ISA
/// @param interrupts numbers of those that can be injected, by their names
/// @param tick    what a timer tick takes
public record GuestLibrary(
    List<Source> before, List<Source> behind, Map<String, Part> parts, String answers,
    Map<Span, List<String>> spans, List<String> syncs, String sync, List<Step> steps,
    Map<String, Integer> interrupts, Tick tick) {
  private static final String ROOT = "/dev/crosspatch/kernel/";
  private static final String MANIFEST = "library.yaml";
  private static final Map<String, GuestLibrary> READ = new ConcurrentHashMap<>();

  /// What the handler of a timer tick takes.
  ///
  /// @param most  longest period of the timer, in its units
  /// @param costs how many instructions of each class it runs, beside ordinary ones
  public record Tick(long most, Map<CostClass, Integer> costs) {
    /// Copies the map.
    public Tick {
      costs = Map.copyOf(costs);
    }
  }

  /// Copies the lists.
  public GuestLibrary {
    before = List.copyOf(before);
    behind = List.copyOf(behind);
    parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    spans = Map.copyOf(spans);
    syncs = List.copyOf(syncs);
    steps = List.copyOf(steps);
    interrupts = Map.copyOf(interrupts);
  }

  /// The library for an ISA.
  ///
  /// @throws IllegalArgumentException if there is none
  public static GuestLibrary of(String isa) {
    return READ.computeIfAbsent(isa, GuestLibrary::read);
  }

  private static GuestLibrary read(String isa) {
    String file = isa + "/" + MANIFEST;
    if (GuestLibrary.class.getResource(ROOT + file) == null) {
      throw new IllegalArgumentException("there is no guest kernel for ISA '" + isa + "': no resource " + ROOT + file);
    }
    Fields at = Yaml.parse(file, resource(file), null, "a library is a mapping");
    Map<String, Part> parts = parts(isa, at.map("parts"));
    List<String> named = parts.values().stream().flatMap(p -> p.steps().stream()).map(Step::name).toList();
    return new GuestLibrary(sources(isa, at.list("before")), sources(isa, at.list("behind")),
        parts, at.text("answers", null), Variant.spans(at.map("spans")), at.list("syncs"),
        at.text("sync", ""), Ways.steps(at.map("steps"), List.of(), named), interrupts(at.map("interrupts")),
        tick(at.map("tick")));
  }

  /// A part and all that it needs, which stands before it.
  ///
  /// @throws IllegalArgumentException if a part needs one that there is not, or itself
  public Set<Part> with(String name) {
    Set<Part> found = new LinkedHashSet<>();
    collect(name, new ArrayList<>(), found);
    return found;
  }

  /// The part that a scenario can bring, whatever the mechanism, and that has this step; null if none has.
  public @Nullable Part bringing(String step) {
    return parts.values().stream().filter(Part::isForEveryProtocol)
        .filter(p -> p.steps().stream().anyMatch(s -> s.name().equals(step))).findFirst().orElse(null);
  }

  private void collect(String name, List<String> on, Set<Part> found) {
    Part part = parts.get(name);
    if (part == null || on.contains(name)) {
      throw new IllegalArgumentException("parts: " + String.join(" needs ", on) + " needs " + name);
    }
    on.add(name);
    part.needs().forEach(need -> collect(need, on, found));
    on.removeLast();
    found.add(part);
  }

  private static Map<String, Integer> interrupts(Fields at) {
    Map<String, Integer> interrupts = new LinkedHashMap<>();
    for (String name : at.keys()) {
      interrupts.put(name, (int) at.number(name, 0, 0, 1023));
    }
    return interrupts;
  }

  private static Tick tick(Fields at) {
    Map<CostClass, Integer> costs = new EnumMap<>(CostClass.class);
    Fields counts = at.map("costs");
    for (String key : counts.keys()) {
      costs.put(CostClass.valueOf(key.toUpperCase(Locale.ROOT)), (int) counts.number(key, 0, 0, 1000));
    }
    return new Tick(at.number("most", 0, 1, Long.MAX_VALUE), costs);
  }

  private static Map<String, Part> parts(String isa, Fields at) {
    Map<String, Part> parts = new LinkedHashMap<>();
    for (String name : at.keys()) {
      parts.put(name, part(isa, name, at.map(name)));
    }
    return parts;
  }

  private static Part part(String isa, String name, Fields at) {
    List<Protocol> protocols = new ArrayList<>();
    Fields ways = at.map("protocols");
    for (String protocol : ways.keys()) {
      protocols.add(new Protocol(protocol, isa, ways.map(protocol).text("does", "").strip(), protocol));
    }
    Source source = sources(isa, List.of(at.text("source", null))).getFirst();
    Part part = new Part(name, source, at.list("needs"), Variant.spans(at.map("spans")), protocols,
        Ways.steps(at.map("steps"), ways.keys(), List.of()));
    at.finish();
    return part;
  }

  private static List<Source> sources(String isa, List<String> files) {
    return files.stream().map(f -> new Source("kernel/" + isa + "/" + f, resource(isa + "/" + f))).toList();
  }

  private static String resource(String file) {
    try (InputStream in = GuestLibrary.class.getResourceAsStream(ROOT + file)) {
      if (in == null) {
        throw new IllegalArgumentException("no resource " + ROOT + file);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
