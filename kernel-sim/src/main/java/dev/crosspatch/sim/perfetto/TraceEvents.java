package dev.crosspatch.sim.perfetto;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.core.time.ClockRatio;
import dev.crosspatch.sim.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/// Writes events of the Trace Event Format (Nat Duca and Dan Sinclair, "Trace Event Format"), one after the other.
/// Times of the format are microseconds; they are written down to the nanosecond, which is all that readers keep.
/// Begin and end are events of their own ("B", "E"), so that rounding never lets two slices overlap, and whoever has
/// the time of one before that of the other writes it and forgets it.
///
/// Errors of writing are thrown as [UncheckedIOException].
final class TraceEvents implements AutoCloseable {
  /// How the file begins, by which it is known.
  static final String BEGINS = "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"format\":\"crosspatch perfetto ";
  private static final String FORMAT = "crosspatch perfetto 1";
  private static final Json.Body NOTHING = g -> {};

  private final @Nullable JsonGenerator generator;
  private final int mhz;
  private long count;

  private TraceEvents(@Nullable JsonGenerator generator, ClockRatio clocks) {
    this.generator = generator;
    mhz = clocks.coreMhz();
  }

  /// Begins a file.
  ///
  /// @param about what is known of the whole
  static TraceEvents to(OutputStream out, ClockRatio clocks, Json.Body about) throws IOException {
    JsonGenerator g = new JsonFactory().createGenerator(out);
    g.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    g.setRootValueSeparator(null);
    g.writeStartObject();
    g.writeStringField("displayTimeUnit", "ns");
    for (String reader : new String[] {"otherData", "metadata"}) { // chrome://tracing shows this, Perfetto that
      g.writeObjectFieldStart(reader);
      g.writeStringField("format", FORMAT);
      about.write(g);
      g.writeEndObject();
    }
    g.writeArrayFieldStart("traceEvents");
    return new TraceEvents(g, clocks);
  }

  /// One that only counts.
  static TraceEvents counting(ClockRatio clocks) {
    return new TraceEvents(null, clocks);
  }

  /// Events so far, without names.
  long count() {
    return count;
  }

  /// A slice begins.
  void begin(Track track, long cycle, String category, String name, Json.Body args) {
    event("B", track, cycle, category, name, args);
  }

  /// The slice that began last ends.
  void end(Track track, long cycle) {
    event("E", track, cycle, null, null, NOTHING);
  }

  /// Something happens.
  void instant(Track track, long cycle, String category, String name, Json.Body args) {
    event("i", track, cycle, category, name, g -> {
      g.writeStringField("s", "t");
      arguments(g, cycle, args);
    });
  }

  /// An arrow begins (`s`), goes on (`t`) or ends (`f`) at the slice or instant that was written last on that track.
  void arrow(String phase, Track track, long cycle, long id) {
    event(phase, track, cycle, "sync", "interrupt", g -> {
      g.writeNumberField("id", id);
      if (phase.equals("f")) {
        g.writeStringField("bp", "e");
      }
    });
  }

  /// A number has changed.
  void counter(Track track, long cycle, String name, long value) {
    event("C", track, cycle, "counter", name, g -> {
      g.writeObjectFieldStart("args");
      g.writeNumberField("count", value);
      g.writeEndObject();
    });
  }

  /// Names a process, or a thread and its place among others.
  void name(Track track, boolean process, String name) {
    String what = process ? "process" : "thread";
    metadata(track, what + "_name", g -> g.writeStringField("name", name));
    metadata(track, what + "_sort_index",
        g -> g.writeNumberField("sort_index", process ? track.process() : track.thread()));
  }

  private void metadata(Track track, String name, Json.Body args) {
    write(g -> {
      head(g, "M", track);
      g.writeStringField("name", name);
      g.writeObjectFieldStart("args");
      args.write(g);
      g.writeEndObject();
    });
  }

  private void event(String phase, Track track, long cycle, @Nullable String category, @Nullable String name,
      Json.Body rest) {
    count++;
    write(g -> {
      head(g, phase, track);
      g.writeFieldName("ts");
      g.writeNumber(microseconds(track.time(nanoseconds(cycle))));
      if (category != null && name != null) {
        g.writeStringField("cat", category);
        g.writeStringField("name", name);
      }
      if (phase.equals("B")) {
        arguments(g, cycle, rest);
      } else {
        rest.write(g);
      }
    });
  }

  private static void head(JsonGenerator g, String phase, Track track) throws IOException {
    g.writeStringField("ph", phase);
    g.writeNumberField("pid", track.process());
    g.writeNumberField("tid", track.thread());
  }

  private static void arguments(JsonGenerator g, long cycle, Json.Body args) throws IOException {
    g.writeObjectFieldStart("args");
    g.writeNumberField("cycle", cycle);
    args.write(g);
    g.writeEndObject();
  }

  private void write(Json.Body event) {
    JsonGenerator g = generator;
    if (g == null) {
      return;
    }
    try {
      g.writeRaw('\n');
      g.writeStartObject();
      event.write(g);
      g.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Rounded down: of two cycles the later one never comes first.
  private long nanoseconds(long cycle) {
    return cycle / mhz * 1000 + cycle % mhz * 1000 / mhz;
  }

  private static String microseconds(long nanoseconds) {
    long fraction = nanoseconds % 1000;
    String digits = Long.toString(1000 + fraction);
    return nanoseconds / 1000 + "." + digits.substring(1);
  }

  /// Ends the file.
  @Override
  public void close() {
    if (generator != null) {
      try {
        generator.writeEndArray();
        generator.writeEndObject();
        generator.writeRaw('\n');
        generator.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
