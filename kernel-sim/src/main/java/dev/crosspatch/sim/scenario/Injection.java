package dev.crosspatch.sim.scenario;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.guest.GuestConfig;
import dev.crosspatch.sim.mechanism.GuestLibrary;
import dev.crosspatch.sim.mechanism.Span;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Interrupts that come in, by themselves, while the kernel patches: before every N-th instruction that some CPUs run
/// within a stretch of patching, each time the stretch begins from one instruction further on. After N stretches there
/// was one before each of its instructions.
///
/// @param interrupt its name: one of [GuestLibrary#interrupts()]
/// @param number    its number
/// @param into      the stretch: from the call to the return of its function on the patching CPU
/// @param cpus      whom it interrupts, ascending
/// @param every     N
public record Injection(String interrupt, int number, Span into, List<Integer> cpus, int every) {
  /// The interrupt for which a kernel needs a handler of its own.
  public static final String NMI = "nmi";

  /// The interrupt by which tasks take turns.
  private static final String TICK = "tick";

  static final String KEY = "inject";
  private static final int EVERY_MAX = 1_000_000;

  /// Copies the list.
  public Injection {
    cpus = List.copyOf(cpus);
  }

  /// Which interrupt a scenario injects, or nothing.
  static String interrupt(Fields map, GuestLibrary library) {
    return map.has(KEY) ? map.map(KEY).choice("interrupt", names(library), null) : "";
  }

  /// Whether a scenario injects the timer's ticks.
  static boolean hasTicks(Fields map, GuestLibrary library) {
    return interrupt(map, library).equals(TICK);
  }

  /// Whether it injects NMIs.
  public boolean isNmi() {
    return interrupt.equals(NMI);
  }

  private static List<String> names(GuestLibrary library) {
    return library.interrupts().keySet().stream().sorted(Comparator.naturalOrder()).toList();
  }

  /// Reads `inject`, if it is there.
  static Optional<Injection> read(Fields map, GuestConfig guest, RunLimits limits) {
    if (!map.has(KEY)) {
      return Optional.empty();
    }
    Fields at = map.map(KEY);
    GuestLibrary library = guest.patching().library();
    String name = at.choice("interrupt", names(library), null);
    Injection injection = new Injection(name, library.interrupts().getOrDefault(name, 0),
        at.choice("into", Span.class, Span.FLIP), cpus(at, guest), (int) at.number("every", 1, 1, EVERY_MAX));
    at.finish();
    int apart = Math.max(limits.slack(), limits.ahead());
    if (apart != 0) {
      throw map.bad(KEY, "needs a 'slack' and 'ahead' of 0: with " + apart
          + " CPUs run ahead of the patching one, and what they run cannot be told to be within a stretch of it");
    }
    if (guest.spans().getOrDefault(injection.into, List.of()).isEmpty()) {
      throw at.bad("into",
          guest.patching().mechanism().name() + " has no function that is a " + injection.into.label());
    }
    return Optional.of(injection);
  }

  private static List<Integer> cpus(Fields at, GuestConfig guest) {
    int cpus = guest.work().cpus();
    List<Integer> patching = guest.patching().cpus().stream().sorted().toList();
    String on = at.text("on", "patching");
    List<Integer> all = IntStream.range(0, cpus).boxed().toList();
    return switch (on) {
      case "patching" -> patching;
      case "all" -> all;
      case "others" -> {
        if (cpus == patching.size()) {
          throw at.bad("on", "every CPU patches, there are no others");
        }
        yield all.stream().filter(cpu -> !patching.contains(cpu)).toList();
      }
      default -> {
        if (!on.matches("\\d{1,9}")) {
          throw at.bad("on", "'" + on + "' is none of patching, others, all, and no number of a CPU");
        }
        yield List.of((int) at.number("on", 0, 0, cpus - 1));
      }
    };
  }

  /// Writes it by the keys of a scenario, as fields of an object.
  public void write(JsonGenerator g) throws IOException {
    g.writeStringField("interrupt", interrupt);
    g.writeStringField("into", into.label());
    g.writeArrayFieldStart("on");
    for (int cpu : cpus) {
      g.writeNumber(cpu);
    }
    g.writeEndArray();
    g.writeNumberField("every", every);
  }
}
