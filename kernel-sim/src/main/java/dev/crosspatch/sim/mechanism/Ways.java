package dev.crosspatch.sim.mechanism;

import dev.crosspatch.sim.fields.Fields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The protocols of a mechanism and the steps that a scenario can leave out: what the manifest says, what the parts
/// bring that the mechanism uses, and what the library of each ISA has for everybody.
final class Ways {
  private static final Pattern WORD = Pattern.compile("[a-z][a-z0-9-]{0,39}");

  private final Map<String, Variant> variants;
  /// Those that parts bring, by name.
  private final Map<String, Protocol> brought = new LinkedHashMap<>();
  private final List<Protocol> protocols = new ArrayList<>();

  /// @param variants the mechanism on each ISA
  Ways(Map<String, Variant> variants) {
    this.variants = variants;
    for (Variant variant : variants.values()) {
      variant.parts().forEach(part -> part.protocols().forEach(p -> brought.put(p.name(), p)));
    }
  }

  /// Reads the key `protocols` of a manifest; without it there are those that parts bring.
  List<Protocol> protocols(Fields manifest) {
    Fields at = manifest.map("protocols");
    at.keys().forEach(name -> protocols.add(protocol(at, name)));
    if (!manifest.has("protocols")) {
      protocols.addAll(brought.values());
    }
    if (protocols.isEmpty()) {
      throw manifest.bad("protocols", "needs at least one way to patch");
    }
    return protocols;
  }

  private Protocol protocol(Fields at, String name) {
    word(at, name);
    Fields one = at.map(name);
    Protocol same = brought.get(name);
    String isa = one.text("isa", same == null ? null : same.isa());
    if (!variants.containsKey(isa)) {
      throw one.bad("isa", "'" + isa + "' is none of 'isas': " + String.join(", ", variants.keySet()));
    }
    List<String> likes = brought.values().stream().filter(p -> p.isa().equals(isa)).map(Protocol::name).toList();
    String like = one.has("like") ? like(one, isa, likes) : same == null ? "" : name;
    Protocol protocol = new Protocol(name, isa, one.text("does", same == null ? "" : same.does()).strip(), like);
    one.finish();
    return protocol;
  }

  private static String like(Fields one, String isa, List<String> likes) {
    String said = one.text("like", null);
    for (Part part : GuestLibrary.of(isa).parts().values()) {
      if (!likes.contains(said) && part.protocols().stream().anyMatch(p -> p.name().equals(said))) {
        throw one.bad("like", "'" + said + "' is a protocol of part " + part.name() + ": add that to 'uses' of " + isa);
      }
    }
    if (likes.isEmpty()) {
      throw one.bad("like", "no part that it uses on " + isa + " brings a protocol; remove it");
    }
    return one.choice("like", likes, null);
  }

  /// Reads the key `steps` of a manifest. A step that it says itself takes the place of those of its name that it would
  /// have otherwise.
  List<Step> steps(Fields manifest) {
    List<Step> inherited = new ArrayList<>();
    variants.forEach((isa, variant) -> inherited(isa, variant, inherited));
    List<Step> own = steps(manifest.map("steps"), protocols.stream().map(Protocol::name).toList(),
        inherited.stream().map(Step::name).toList());
    List<String> said = own.stream().map(Step::name).toList();
    inherited.removeIf(step -> said.contains(step.name()));
    inherited.addAll(own);
    return inherited;
  }

  private void inherited(String isa, Variant variant, List<Step> into) {
    for (Part part : variant.parts()) {
      part.steps().forEach(step -> add(step, protocols.stream()
          .filter(p -> part.isForEveryProtocol() ? p.isa().equals(isa) : step.protocols().contains(p.like())), into));
    }
    GuestLibrary.of(isa).steps()
        .forEach(step -> add(step, protocols.stream().filter(p -> p.isa().equals(isa)), into));
  }

  private static void add(Step step, Stream<Protocol> of, List<Step> into) {
    Set<String> names = new LinkedHashSet<>(of.map(Protocol::name).toList());
    if (!names.isEmpty()) {
      into.add(new Step(step.name(), names, step.fault(), step.what(), step.excludes()));
    }
  }

  /// Reads a mapping of steps by name.
  ///
  /// @param protocols names of all protocols there are
  /// @param besides   names of steps that are not of this mapping
  static List<Step> steps(Fields at, List<String> protocols, List<String> besides) {
    List<String> names = new ArrayList<>(at.keys());
    names.addAll(besides);
    List<Step> steps = new ArrayList<>();
    for (String name : at.keys()) {
      word(at, name);
      Fields one = at.map(name);
      Set<String> of = new LinkedHashSet<>(one.choices("of", protocols));
      if (one.has("of") && of.isEmpty()) {
        throw one.bad("of", "an empty list; without the key it is all protocols");
      }
      boolean fault = one.has("fault");
      if (fault == one.has("left-out")) {
        throw at.bad(name, "needs either 'left-out', what is left out, or 'fault', what is done wrongly");
      }
      String what = one.text(fault ? "fault" : "left-out", null);
      Set<String> excludes = new LinkedHashSet<>(one.choices("excludes", names));
      if (excludes.contains(name)) {
        throw one.bad("excludes", "'" + name + "' is the step itself");
      }
      one.finish();
      steps.add(new Step(name, of.isEmpty() ? Set.copyOf(protocols) : of, fault, what.strip(), excludes));
    }
    return steps;
  }

  private static void word(Fields at, String name) {
    ManifestReader.named(at, name, name, WORD);
  }
}
