package dev.crosspatch.sim.scenario;

import dev.crosspatch.sim.fields.BadField;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.guest.Events;
import dev.crosspatch.sim.guest.GuestConfig;
import dev.crosspatch.sim.guest.Observation;
import dev.crosspatch.sim.guest.Observers;
import java.util.ArrayList;
import java.util.List;

/// Reads what a scenario says of how text events get out of the kernel.
final class ObservationReader {
  private static final String GO_ON = "go-on";

  private ObservationReader() {}

  /// @throws BadField if it says something wrong
  static Observation read(Fields map) {
    return new Observation(events(map), observers(map.map("observer")));
  }

  /// Who is to copy mappings has a kernel that announces some.
  static void check(Fields map, GuestConfig guest) {
    if (map.has("observer") && !guest.announcesMappings()) {
      throw map.bad("observer", "this kernel announces no mappings: its mechanism does not use part 'mappings'");
    }
  }

  private static Observers observers(Fields at) {
    List<String> said = at.series("latency");
    List<Long> latencies = new ArrayList<>();
    for (int i = 0; i < said.size(); i++) {
      latencies.add(latency(at, i, said.get(i)));
    }
    if (latencies.isEmpty() && at.has("latency")) {
      throw at.bad("latency", "an empty list; without the key there is one observer");
    }
    if (latencies.isEmpty()) {
      latencies.add(Observers.USUAL_LATENCY);
    }
    if (latencies.size() > Observers.MOST) {
      throw at.bad("latency", latencies.size() + " observers, more than " + Observers.MOST);
    }
    long patience = at.number("timeout", Observers.USUAL_PATIENCE, 1, Long.MAX_VALUE);
    boolean panics = at.choice("then", List.of(GO_ON, "panic"), GO_ON).equals("panic");
    at.finish();
    return new Observers(latencies, patience, panics);
  }

  private static long latency(Fields at, int number, String said) {
    if (said.equals("never")) {
      return Observers.NEVER;
    }
    String digits = said.replace("_", "");
    if (!digits.matches("0|[1-9][0-9]{0,17}")) {
      throw at.badItem("latency", number, "'" + said + "' is neither a number of ticks nor never");
    }
    return Long.parseLong(digits);
  }

  private static Events events(Fields map) {
    Fields at = map.map("events");
    int buffer = (int) at.number("buffer-bytes", 0, 0, Events.MOST);
    if (buffer != 0 && buffer < Events.LEAST) {
      throw at.bad("buffer-bytes", buffer + " is neither 0, without a limit, nor within " + Events.LEAST + ".."
          + Events.MOST);
    }
    for (String key : at.keys()) {
      if (buffer == 0 && key.startsWith("drain-")) {
        throw at.bad(key, "nothing is drained without a buffer: give 'buffer-bytes' a size");
      }
    }
    int drain = (int) at.number("drain-bytes", buffer, 0, Events.MOST);
    long every = at.number("drain-every", Events.USUAL_INTERVAL, 1, Long.MAX_VALUE);
    at.finish();
    return new Events(buffer, drain, every);
  }
}
