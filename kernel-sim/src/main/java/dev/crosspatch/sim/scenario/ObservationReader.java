package dev.crosspatch.sim.scenario;

import dev.crosspatch.sim.fields.BadField;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.guest.Events;
import dev.crosspatch.sim.guest.Observation;

/// Reads what a scenario says of how text events get out of the kernel.
final class ObservationReader {
  private ObservationReader() {}

  /// @throws BadField if it says something wrong
  static Observation read(Fields map) {
    return new Observation(events(map));
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
