package dev.crosspatch.sim.scenario;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.sim.fields.BadField;
import dev.crosspatch.sim.fields.Fields;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How a run must end: the `expect` of a scenario.
///
/// @param verdict the verdict
/// @param kinds   of a fail: the kinds one of which its first failure must have; empty: any
/// @param cpu     of a fail: the CPU of its first failure; -1: any
/// @param site    of a fail: the site or function of its first failure; empty: any
/// @param guest   how the guest must end, the kind of a bad end or `good`; empty: any
/// @param windows those that other CPUs must have met, or a pass is inconclusive; null: all that there were
public record Expectation(Verdict verdict, Set<FailureKind> kinds, int cpu, String site, String guest,
    @Nullable List<Window> windows) {
  private static final String GOOD = "good";
  /// Kinds of failures that happen to no CPU in particular, and to no instruction.
  private static final Set<FailureKind> NO_CPU = Set.of(FailureKind.LIMIT, FailureKind.DEADLOCK, FailureKind.EXIT);
  private static final Set<FailureKind> NO_SITE = Set.of(FailureKind.LIMIT, FailureKind.DEADLOCK, FailureKind.EXIT,
      FailureKind.BAD_ACCESS, FailureKind.LOST_EVENTS, FailureKind.UNCOPIED);

  /// That the run passes.
  public static final Expectation PASS = of(Verdict.PASS);

  /// Copies the set.
  public Expectation {
    kinds = Set.copyOf(kinds);
    windows = windows == null ? null : List.copyOf(windows);
  }

  /// That the run ends with a verdict, for whatever reason.
  public static Expectation of(Verdict verdict) {
    return new Expectation(verdict, Set.of(), -1, "", "", null);
  }

  /// Reads key `expect`: a verdict, or a mapping with more. Nested mappings of a base are not merged: what is expected
  /// is stated whole.
  ///
  /// @throws BadField if it is none
  public static Expectation read(Fields map) {
    Fields stated = map.whole("expect");
    if (stated == null) {
      return of(map.choice("expect", Verdict.class, Verdict.PASS));
    }
    Set<FailureKind> kinds = FailureKind.read(stated, "kind");
    int cpu = (int) stated.number("cpu", -1, 0, 63);
    String site = stated.text("site", "");
    boolean why = !kinds.isEmpty() || cpu >= 0 || !site.isEmpty();
    Verdict verdict = stated.choice("verdict", Verdict.class, why ? Verdict.FAIL : Verdict.PASS);
    Expectation expectation = new Expectation(verdict, kinds, cpu, site, guest(stated), windows(stated));
    expectation.check(stated);
    stated.finish();
    if (!stated.has("verdict") && !why && expectation.windows() == null) {
      throw stated.bad("verdict", "missing; it is pass, fail or inconclusive");
    }
    return expectation;
  }

  /// What can never be met is an error.
  private void check(Fields stated) {
    if (verdict != Verdict.FAIL && (!kinds.isEmpty() || cpu >= 0 || !site.isEmpty())) {
      throw stated.bad("verdict", "kind, cpu and site are those of a failure: they need 'verdict: fail'");
    }
    if (verdict != Verdict.FAIL && !guest.isEmpty() && !guest.equals(GOOD)) {
      throw stated.bad("guest", "a guest that ends with '" + guest + "' fails: that needs 'verdict: fail'");
    }
    if (verdict == Verdict.FAIL && windows != null) {
      throw stated.bad("windows", "what fails fails whether it met a window or not");
    }
    for (String key : List.of("site", "guest")) {
      if (stated.has(key) && stated.text(key, "").isEmpty()) {
        throw stated.bad(key, "empty; without the key any fits");
      }
    }
    checkPlace(stated, "cpu", cpu >= 0, NO_CPU);
    checkPlace(stated, "site", !site.isEmpty(), NO_SITE);
    if (!guest.isEmpty() && !kinds.isEmpty()
        && kinds.stream().allMatch(k -> k.group() == FailureKind.Group.GUEST && !k.label().equals(guest))) {
      throw stated.bad("guest", "'" + guest + "', but " + label(kinds) + " is how the guest ends otherwise");
    }
  }

  private void checkPlace(Fields stated, String key, boolean given, Set<FailureKind> without) {
    if (given && !kinds.isEmpty() && without.containsAll(kinds)) {
      throw stated.bad(key, "a failure of kind " + label(kinds) + " has none");
    }
  }

  private static String label(Set<FailureKind> kinds) {
    return String.join(" or ", kinds.stream().sorted().map(FailureKind::label).toList());
  }

  private static @Nullable List<Window> windows(Fields map) {
    if (!map.has("windows")) {
      return null;
    }
    List<Window> windows = new ArrayList<>();
    List<String> names = map.texts("windows");
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      int number = i;
      Optional<Window> window = Window.named(name);
      windows.add(window.orElseThrow(() -> map.badItem("windows", number, "'" + name
          + "' is no window: trap, tail, head, text, several of them as in tail+head, trap-synced or tail-synced")));
    }
    return windows;
  }

  private static String guest(Fields map) {
    String text = map.text("guest", "");
    List<String> known = new ArrayList<>(List.of("", GOOD));
    for (FailureKind kind : FailureKind.values()) {
      if (kind.group() == FailureKind.Group.GUEST) {
        known.add(kind.label());
      }
    }
    String label = text.replace('_', '-');
    if (!known.contains(label)) {
      throw map.bad("guest", "'" + text + "' is none of " + String.join(", ", known.subList(1, known.size())));
    }
    return label;
  }

  /// Whether a run ended so.
  ///
  /// @param is     its verdict
  /// @param kind   of its first failure, null if there is none
  /// @param where  CPU of its first failure, -1 if none
  /// @param symbol place of its first failure, `name+0xoffset`
  /// @param badEnd the kind of the guest's bad end, null if it ended well
  public boolean met(Verdict is, @Nullable FailureKind kind, int where, String symbol, @Nullable FailureKind badEnd) {
    String end = badEnd == null ? GOOD : badEnd.label();
    return is == verdict
        && (kinds.isEmpty() || (kind != null && kinds.contains(kind)))
        && (cpu < 0 || cpu == where)
        && (site.isEmpty() || symbol.replaceFirst("\\+0x[0-9a-f]+$", "").equals(site))
        && (guest.isEmpty() || guest.equals(end));
  }

  /// Writes what [#read] reads, as fields of the object of `expect`.
  public void write(JsonGenerator g) throws IOException {
    g.writeStringField("verdict", verdict.name().toLowerCase(Locale.ROOT));
    if (!kinds.isEmpty()) {
      g.writeArrayFieldStart("kind");
      for (String label : kinds.stream().sorted().map(FailureKind::label).toList()) {
        g.writeString(label);
      }
      g.writeEndArray();
    }
    if (cpu >= 0) {
      g.writeNumberField("cpu", cpu);
    }
    if (!site.isEmpty()) {
      g.writeStringField("site", site);
    }
    if (!guest.isEmpty()) {
      g.writeStringField("guest", guest);
    }
    if (windows != null) {
      g.writeArrayFieldStart("windows");
      for (Window window : windows) {
        g.writeString(window.name());
      }
      g.writeEndArray();
    }
  }

  /// For people: `FAIL: torn or old-after-event, on CPU 3, at site_6, guest good`.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(verdict.name());
    if (!kinds.isEmpty()) {
      text.append(": ").append(label(kinds));
    }
    if (cpu >= 0) {
      text.append(", on CPU ").append(cpu);
    }
    if (!site.isEmpty()) {
      text.append(", at ").append(site);
    }
    if (!guest.isEmpty()) {
      text.append(", guest ").append(guest);
    }
    if (windows != null) {
      text.append(", windows ").append(windows);
    }
    return text.toString();
  }
}
