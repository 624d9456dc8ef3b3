package dev.crosspatch.sim.mechanism;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.fields.Yaml;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A patching mechanism: what its folder says, `manifest.yaml` and assembly sources.
/// `docs/mechanisms.md` documents both.
///
/// @param name        what patches, as the poke log names it, e.g. `jump_label`
/// @param description what it is, for people
/// @param manifest    path of the manifest, as messages name it
/// @param text        the manifest's text
/// @param protocols   its ways to patch, in the manifest's order
/// @param steps       what can be left out; two of one name are of different protocols
/// @param reports     the sorts of text events that it sends
/// @param variants    what it is on each ISA, by the ISA's name
public record Mechanism(
    String name, String description, String manifest, String text, List<Protocol> protocols, List<Step> steps,
    Set<Report> reports, Map<String, Variant> variants) {

  /// Copies what can change.
  public Mechanism {
    protocols = List.copyOf(protocols);
    steps = List.copyOf(steps);
    reports = Set.copyOf(reports);
    variants = Collections.unmodifiableMap(new LinkedHashMap<>(variants));
  }

  /// The protocol called `name`, or null.
  public @Nullable Protocol findProtocol(String name) {
    return protocols.stream().filter(p -> p.name().equals(name)).findFirst().orElse(null);
  }

  /// The protocol called `name`.
  ///
  /// @throws IllegalArgumentException if there is none
  public Protocol protocol(String name) {
    Protocol protocol = findProtocol(name);
    if (protocol == null) {
      throw new IllegalArgumentException("protocol: '" + name + "' is none of " + protocolNames());
    }
    return protocol;
  }

  /// All protocols, for people.
  public String protocolNames() {
    return String.join(", ", protocols.stream().map(Protocol::name).toList());
  }

  /// The steps of `protocol`.
  public List<Step> steps(Protocol protocol) {
    return steps.stream().filter(s -> s.protocols().contains(protocol.name())).toList();
  }

  /// Whether `protocol` has a step called `step`.
  public boolean hasStep(Protocol protocol, String step) {
    return steps(protocol).stream().anyMatch(s -> s.name().equals(step));
  }

  /// What it is on an ISA that one of its protocols names.
  public Variant on(String isa) {
    Variant variant = variants.get(isa);
    if (variant == null) {
      throw new IllegalArgumentException("mechanism " + name + " is not there on " + isa);
    }
    return variant;
  }

  /// An error about an item of the list under `key` of what the manifest says of an ISA, found when all of the kernel
  /// is there.
  public BadInput bad(String isa, String key, String item, String what) {
    Fields at = of(isa);
    return at.badItem(key, at.list(key).indexOf(item), what);
  }

  /// The same about a function whose calls are measured.
  public BadInput badSpan(String isa, String function, String what) {
    Fields spans = of(isa).map("spans");
    for (String key : spans.keys()) {
      int index = spans.list(key).indexOf(function);
      if (index >= 0) {
        return spans.badItem(key, index, what);
      }
    }
    throw new IllegalArgumentException(manifest + " names no function " + function);
  }

  private Fields of(String isa) {
    return Yaml.parse(manifest, text, null, "").map("isas").map(isa);
  }

  @Override
  public String toString() {
    return name;
  }
}
