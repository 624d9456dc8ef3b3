package dev.crosspatch.sim.guest;

import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.fields.Yaml;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.sim.mechanism.Variant.Source;
import dev.crosspatch.sim.mechanism.Variant;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The guest library of an ISA: all of a guest kernel but its mechanism and its workload. Resource
/// `dev/crosspatch/kernel/ISA/library.yaml` says what it is made of, `*.s` beside it is its text; whoever brings an ISA
/// brings them.
///
/// @param before  sources before the mechanism's
/// @param behind  sources behind it, before the workload
/// @param parts   sources only for mechanisms that say that they use them, behind all others, by the part's name
/// @param answers function that answers function-call interrupts
/// @param spans   functions whose calls are measured
/// @param syncs   instructions that a sync may run; empty if there is no choice
/// @param sync    the usual one, empty if there is no choice
/// @param steps   names of steps that the library's own functions can leave out
/// @param offers  those of parts that a scenario brings, with the part: any mechanism has them then
/// @param tick    what a timer tick takes
public record GuestLibrary(
    List<Source> before, List<Source> behind, Map<String, Source> parts, String answers,
    Map<Span, List<String>> spans, List<String> syncs, String sync, List<String> steps,
    Map<String, String> offers, Tick tick) {
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
    parts = Map.copyOf(parts);
    spans = Map.copyOf(spans);
    syncs = List.copyOf(syncs);
    steps = List.copyOf(steps);
    offers = Map.copyOf(offers);
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
    return new GuestLibrary(sources(isa, at.list("before")), sources(isa, at.list("behind")),
        parts(isa, at.map("parts")), at.text("answers", null), Variant.spans(at.map("spans")), at.list("syncs"),
        at.text("sync", ""),
        at.list("steps"), offers(at.map("offers")), tick(at.map("tick")));
  }

  private static Tick tick(Fields at) {
    Map<CostClass, Integer> costs = new EnumMap<>(CostClass.class);
    Fields counts = at.map("costs");
    for (String key : counts.keys()) {
      costs.put(CostClass.valueOf(key.toUpperCase(Locale.ROOT)), (int) counts.number(key, 0, 0, 1000));
    }
    return new Tick(at.number("most", 0, 1, Long.MAX_VALUE), costs);
  }

  private static Map<String, String> offers(Fields at) {
    Map<String, String> offers = new HashMap<>();
    for (String step : at.keys()) {
      offers.put(step, at.text(step, null));
    }
    return offers;
  }

  private static Map<String, Source> parts(String isa, Fields at) {
    Map<String, Source> parts = new HashMap<>();
    for (String name : at.keys()) {
      parts.put(name, sources(isa, List.of(at.text(name, null))).getFirst());
    }
    return parts;
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
