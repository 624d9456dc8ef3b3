package dev.crosspatch.sim.guest;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/// How what a guest kernel tells of its text gets out of it.
///
/// @param events the buffers of text events
public record Observation(Events events) {
  /// Nothing is lost.
  public static final Observation USUAL = new Observation(Events.UNLIMITED);

  /// Writes it by the keys of a scenario (`_` for `-`), as fields of an object.
  void write(JsonGenerator g) throws IOException {
    g.writeObjectFieldStart("events");
    g.writeNumberField("buffer_bytes", events.bufferBytes());
    if (events.limited()) {
      g.writeNumberField("drain_bytes", events.drainBytes());
      g.writeNumberField("drain_every", events.drainEvery());
    }
    g.writeEndObject();
  }
}
