package dev.crosspatch.sim.fault;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.fault.Fault.Twin;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.fields.Yaml;
import dev.crosspatch.sim.scenario.FailureKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// Classes of bugs, by their numbers. Those that are known are a resource, `dev/crosspatch/fault/catalogue.yaml`.
///
/// @param faults the classes, in order
public record Catalogue(List<Fault> faults) {
  private static final String RESOURCE = "/dev/crosspatch/fault/catalogue.yaml";
  private static final int MOST = 1000;

  /// Copies the list.
  public Catalogue {
    faults = List.copyOf(faults);
  }

  /// The one that ships.
  public static Catalogue shipped() {
    try (InputStream in = Objects.requireNonNull(Catalogue.class.getResourceAsStream(RESOURCE), RESOURCE)) {
      return parse("catalogue.yaml", new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Reads one.
  ///
  /// @param file what it is called in messages
  static Catalogue parse(String file, String text) {
    Fields at = Yaml.parse(file, text, null, "a catalogue is a mapping");
    List<Fault> faults = new ArrayList<>();
    for (Fields one : at.maps("faults")) {
      Fault fault = fault(one);
      if (!faults.isEmpty() && fault.number() <= faults.getLast().number()) {
        throw one.bad("number", fault.number() + " stands behind " + faults.getLast().number());
      }
      faults.add(fault);
    }
    at.finish();
    return new Catalogue(faults);
  }

  private static Fault fault(Fields at) {
    if (!at.has("number")) {
      throw at.bad("number", "missing");
    }
    if (at.has("twins") == at.has("why-not")) {
      throw at.bad("twins", "needs either 'twins', scenarios that have it, or 'why-not', why none can");
    }
    Fault fault = new Fault((int) at.number("number", -1, 1, MOST), text(at, "class"), text(at, "seen"),
        at.maps("twins").stream().map(Catalogue::twin).toList(), at.has("why-not") ? text(at, "why-not") : "");
    at.finish();
    return fault;
  }

  private static Twin twin(Fields at) {
    if (!at.has("finder")) {
      throw at.bad("finder", "missing; it is a kind of failure, or several");
    }
    Twin twin = new Twin(text(at, "scenario"), text(at, "injected"), text(at, "symptom"),
        FailureKind.read(at, "finder"), text(at, "right"));
    at.finish();
    return twin;
  }

  private static String text(Fields at, String key) {
    return at.text(key, null).strip();
  }

  /// Some of it.
  ///
  /// @param numbers of the classes; all if there are none
  /// @throws BadInput if there is no class of a number
  public Catalogue only(List<Long> numbers) {
    for (long number : numbers) {
      if (faults.stream().noneMatch(f -> f.number() == number)) {
        throw new BadInput("there is no class " + number + " in the catalogue, but " + faults.getFirst().number()
            + " to " + faults.getLast().number());
      }
    }
    return numbers.isEmpty() ? this
        : new Catalogue(faults.stream().filter(f -> numbers.contains((long) f.number())).toList());
  }

  /// All scenarios that it names, each once.
  public List<String> scenarios() {
    return twins().flatMap(t -> Stream.of(t.scenario(), t.right())).distinct().toList();
  }

  Stream<Twin> twins() {
    return faults.stream().flatMap(f -> f.twins().stream());
  }
}
