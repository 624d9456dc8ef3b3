package dev.crosspatch.sim.guest;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/// How what a guest kernel tells of its text gets out of it.
///
/// @param events    the buffers of text events
/// @param observers who copies new text
public record Observation(Events events, Observers observers) {
  /// Nothing is lost.
  public static final Observation USUAL = new Observation(Events.UNLIMITED, Observers.USUAL);

  /// Writes it by the keys of a scenario (`_` for `-`), as fields of an object.
  ///
  /// @param announces whether there are mappings that observers can copy
  void write(JsonGenerator g, boolean announces) throws IOException {
    g.writeObjectFieldStart("events");
    g.writeNumberField("buffer_bytes", events.bufferBytes());
    if (events.limited()) {
      g.writeNumberField("drain_bytes", events.drainBytes());
      g.writeNumberField("drain_every", events.drainEvery());
    }
    g.writeEndObject();
    if (announces) {
      writeObservers(g);
    }
  }

  private void writeObservers(JsonGenerator g) throws IOException {
    g.writeObjectFieldStart("observer");
    g.writeArrayFieldStart("latency");
    for (long latency : observers.latencies()) {
      if (latency == Observers.NEVER) {
        g.writeString("never");
      } else {
        g.writeNumber(latency);
      }
    }
    g.writeEndArray();
    g.writeNumberField("timeout", observers.patience());
    g.writeStringField("then", observers.panics() ? "panic" : "go-on");
    g.writeEndObject();
  }
}
