package dev.crosspatch.tracer.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Every mapping of a run ([MappingEvent]). The file form is `mappings.jsonl`, a line per event, in the order in which
/// they happened:
///
/// ```
/// {"time":5,"event":"announce","mapping":1,"cpu":0,"address":"0xffffffff82000000","length":3,"name":"image",
///  "mechanism":"jit"}
/// {"time":8,"event":"copy","mapping":1,"observer":0,"bytes":"90c3cc"}
/// {"time":9,"event":"timeout","mapping":1,"cpu":0,"observer":1}
/// {"time":9,"event":"withdraw","mapping":1,"cpu":0}
/// ```
///
/// each on one line.
public final class MappingLog {
  private static final JsonFactory JSON = new JsonFactory();

  private final Map<Long, Mapping> mappings = new LinkedHashMap<>();
  private final List<MappingEvent.TimedOut> timeouts = new ArrayList<>();

  /// Adds what happened behind all that was added before.
  ///
  /// @throws IllegalArgumentException if it happens to a mapping that was not announced, or was announced or given up
  ///     before
  public void add(MappingEvent event) {
    Mapping mapping = mappings.get(event.mapping());
    if (event instanceof MappingEvent.Announced announced) {
      check(mapping == null, event, "is announced twice");
      mappings.put(event.mapping(), new Mapping(announced));
      return;
    }
    if (mapping == null) {
      throw new IllegalArgumentException("mapping " + event.mapping() + " was not announced");
    }
    switch (event) {
      case MappingEvent.Announced _ -> throw new IllegalStateException();
      case MappingEvent.Copied copied -> {
        check(copied.bytes().length == mapping.announced().length(), event, "has "
            + mapping.announced().length() + " bytes, not " + copied.bytes().length);
        mapping.add(copied);
      }
      case MappingEvent.Withdrawn withdrawn -> {
        check(mapping.end() == null, event, "is withdrawn twice");
        mapping.add(withdrawn);
      }
      case MappingEvent.TimedOut timeout -> timeouts.add(timeout);
    }
  }

  private static void check(boolean ok, MappingEvent event, String what) {
    if (!ok) {
      throw new IllegalArgumentException("mapping " + event.mapping() + " " + what);
    }
  }

  /// All mappings, in the order in which they were announced.
  public Collection<Mapping> mappings() {
    return Collections.unmodifiableCollection(mappings.values());
  }

  /// Observers that the kernel waits for no more.
  public List<MappingEvent.TimedOut> timeouts() {
    return Collections.unmodifiableList(timeouts);
  }

  /// Adds to `log` what mappings do to the text: it appears when it is announced, as it was copied, and goes away when
  /// it is withdrawn. Pokes that change it are taken back in the copy, by their old bytes: all of them, since a copy
  /// may be made in the middle of one, and hold its breakpoint. A mapping that nobody copied is not there.
  public void into(PokeLog log) {
    List<Poke> pokes = List.copyOf(log.pokes());
    for (Mapping mapping : mappings.values()) {
      mapping.copy().ifPresent(copy -> add(mapping, copy, pokes, log));
    }
  }

  private static void add(Mapping mapping, MappingEvent.Copied copy, List<Poke> pokes, PokeLog log) {
    MappingEvent.Announced begin = mapping.announced();
    List<Poke> within = pokes.stream().filter(p -> p.address() >= begin.address()
        && p.address() + p.size() <= begin.address() + begin.length() && p.time() >= begin.time()
        && p.time() <= mapping.withdrawn()).toList();
    byte[] text = copy.bytes().clone();
    within.reversed().forEach(poke -> put(text, poke.before(), poke.address() - begin.address()));
    byte[] none = {};
    log.add(new Poke(begin.time(), begin.cpu(), begin.address(), none, text, begin.mechanism(), begin.name()));
    MappingEvent.Withdrawn end = mapping.end();
    if (end != null) {
      byte[] last = text.clone();
      within.forEach(poke -> put(last, poke.after(), poke.address() - begin.address()));
      log.add(new Poke(end.time(), end.cpu(), begin.address(), last, none, begin.mechanism(), begin.name()));
    }
  }

  private static void put(byte[] text, byte[] bytes, long at) {
    System.arraycopy(bytes, 0, text, (int) at, bytes.length);
  }

  /// Reads a `mappings.jsonl` file. Empty lines are skipped.
  ///
  /// @throws IllegalArgumentException if a line is wrong: file, line, what, e.g. `mappings.jsonl:12: 'time' is missing`
  /// @throws IOException              if the file cannot be read
  public static MappingLog read(Path file) throws IOException {
    MappingLog log = new MappingLog();
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      int number = 1;
      for (String line = lines.readLine(); line != null; line = lines.readLine(), number++) {
        if (!line.isBlank()) {
          add(log, line, file.getFileName() + ":" + number + ": ");
        }
      }
    }
    return log;
  }

  private static void add(MappingLog log, String line, String where) {
    try {
      log.add(MappingParser.parse(JSON.createParser(line)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + e.getMessage(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(where + "not a line of JSON", e);
    }
  }

  /// An event as it stands in the file, with the end of its line.
  public static byte[] line(MappingEvent event) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("time", event.time());
      json.writeStringField("event", MappingParser.name(event));
      json.writeNumberField("mapping", event.mapping());
      fields(json, event);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return (text.toString() + '\n').getBytes(StandardCharsets.UTF_8);
  }

  private static void fields(JsonGenerator json, MappingEvent event) throws IOException {
    switch (event) {
      case MappingEvent.Announced a -> {
        json.writeNumberField("cpu", a.cpu());
        json.writeStringField("address", "0x" + Long.toHexString(a.address()));
        json.writeNumberField("length", a.length());
        json.writeStringField("name", a.name());
        json.writeStringField("mechanism", a.mechanism());
      }
      case MappingEvent.Copied c -> {
        json.writeNumberField("observer", c.observer());
        json.writeStringField("bytes", HexFormat.of().formatHex(c.bytes()));
      }
      case MappingEvent.Withdrawn w -> json.writeNumberField("cpu", w.cpu());
      case MappingEvent.TimedOut t -> {
        json.writeNumberField("cpu", t.cpu());
        json.writeNumberField("observer", t.observer());
      }
    }
  }
}
