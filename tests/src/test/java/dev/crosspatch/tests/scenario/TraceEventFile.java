package dev.crosspatch.tests.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A file in the Trace Event Format, read as Perfetto's importer reads it (google/perfetto,
/// `src/trace_processor/importers/json/json_trace_tokenizer.cc` and `json_trace_parser.cc`, and `slice_tracker.cc` and
/// `flow_tracker.cc` in `importers/common`), and held against what these and the format's document ask for:
///
/// * an object with `traceEvents`; every event an object with `ph`, `pid`, `tid` and, but for metadata, `ts` in
///   microseconds, of which whole nanoseconds are kept; a thread 0 would be taken for its process;
/// * slices of a thread nest: "E" ends the last "B" that is open, not before it began, and at most 512 of them
///   lie on each other, instants of one time among them;
/// * arrows bind to the slice or instant of their thread that came last: "s", "t", "f" with one id, in order of time.
final class TraceEventFile {
  private static final int DEEPEST = 512;
  private static final List<String> HANDLERS = List.of("interrupt", "trap", "fault");

  /// By `pid/tid`, the names of threads.
  final Map<String, String> threads = new TreeMap<>();
  /// By `thread name/category`, how many slices and instants there are.
  final Map<String, Long> counts = new TreeMap<>();
  /// By `thread name/name of the slice`, how long slices were, in microseconds.
  final Map<String, List<Double>> durations = new TreeMap<>();
  /// By `thread name/category`, how long handlers were that lie on no other handler, in microseconds.
  final Map<String, List<Double>> handlers = new TreeMap<>();
  /// By name of a counter, its last value.
  final Map<String, Long> counters = new TreeMap<>();
  /// By `thread name`, the last time.
  final Map<String, Double> last = new TreeMap<>();
  /// The object `otherData`.
  final Map<String, Object> about = new TreeMap<>();
  int arrows;

  private final Map<String, Deque<Event>> open = new HashMap<>();
  /// By thread, the slice or instant that came last.
  private final Map<String, Event> latest = new HashMap<>();
  /// By thread, how many instants of its last one's time came before that: they lie on each other.
  private final Map<String, Integer> stacked = new HashMap<>();
  private final Map<Long, List<Event>> flows = new HashMap<>();
  private final Set<String> processes = new HashSet<>();

  /// An event.
  ///
  /// @param thread `pid/tid`
  /// @param ts     microseconds
  /// @param bound  of an arrow, what it binds to
  private record Event(String phase, String thread, double ts, String category, String name, Map<String, Object> args,
      @Nullable Event bound) {}

  static TraceEventFile read(Path file) {
    TraceEventFile read = new TraceEventFile();
    try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
      assertEquals(JsonToken.START_OBJECT, json.nextToken());
      Set<String> keys = new HashSet<>();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        read.part(json, keys);
      }
      assertEquals(Set.of("displayTimeUnit", "otherData", "metadata", "traceEvents"), keys);
      assertEquals(null, json.nextToken());
    } catch (IOException e) {
      throw new AssertionError(file + " is no JSON", e);
    }
    read.finish();
    return read;
  }

  private void part(JsonParser json, Set<String> keys) throws IOException {
    String key = json.currentName();
    assertTrue(keys.add(key), key + " twice");
    JsonToken value = json.nextToken();
    switch (key) {
      case "displayTimeUnit" -> assertEquals("ns", json.getText());
      case "otherData" -> about.putAll(object(json));
      case "metadata" -> assertEquals(about, new TreeMap<>(object(json)));
      default -> {
        assertEquals(JsonToken.START_ARRAY, value);
        while (json.nextToken() == JsonToken.START_OBJECT) {
          event(object(json));
        }
        assertEquals(JsonToken.END_ARRAY, json.currentToken());
      }
    }
  }

  private static Map<String, Object> object(JsonParser json) throws IOException {
    assertEquals(JsonToken.START_OBJECT, json.currentToken());
    Map<String, Object> fields = new HashMap<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      Object value = switch (json.nextToken()) {
        case START_OBJECT -> object(json);
        case VALUE_STRING -> json.getText();
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.getDecimalValue();
        case VALUE_TRUE -> true;
        case VALUE_FALSE -> false;
        default -> throw new AssertionError(name + " is a " + json.currentToken());
      };
      assertTrue(fields.put(name, value) == null, name + " twice");
    }
    return fields;
  }

  private static Object present(Map<String, Object> fields, String name) {
    Object value = fields.get(name);
    if (value == null) {
      throw new AssertionError(name + " is missing: " + fields);
    }
    return value;
  }

  private static long whole(Map<String, Object> fields, String name) {
    return ((BigDecimal) present(fields, name)).longValueExact();
  }

  private String name(String thread) {
    return threads.getOrDefault(thread, thread);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> args(Map<String, Object> fields) {
    return (Map<String, Object>) fields.getOrDefault("args", Map.of());
  }

  private void event(Map<String, Object> fields) {
    String phase = (String) present(fields, "ph");
    assertTrue(whole(fields, "pid") > 0 && whole(fields, "tid") > 0, fields::toString);
    String process = String.valueOf(whole(fields, "pid"));
    String thread = process + "/" + whole(fields, "tid");
    if (phase.equals("M")) {
      metadata((String) present(fields, "name"), process, thread, args(fields));
      return;
    }
    BigDecimal ts = (BigDecimal) present(fields, "ts");
    assertTrue(ts.signum() >= 0 && ts.scale() <= 3, fields::toString);
    Event event = new Event(phase, thread, ts.doubleValue(), (String) fields.getOrDefault("cat", ""),
        (String) fields.getOrDefault("name", ""), args(fields), latest.get(thread));
    assertTrue(event.ts >= last.getOrDefault(thread, 0.0), () -> fields + " is before what came before it");
    last.put(thread, event.ts);
    assertEquals(phase.equals("E"), event.name.isEmpty() || event.category.isEmpty(), fields::toString);
    add(event, fields);
  }

  private void metadata(String name, String process, String thread, Map<String, Object> args) {
    switch (name) {
      case "process_name" -> assertTrue(processes.add(process) && !present(args, "name").toString().isEmpty());
      case "thread_name" -> {
        String title = present(args, "name").toString();
        assertTrue(threads.put(thread, title) == null && !title.isEmpty(), thread + " twice, or without a name");
      }
      default -> {
        assertTrue(name.equals("process_sort_index") || name.equals("thread_sort_index"), name);
        whole(args, "sort_index");
      }
    }
  }

  private void add(Event event, Map<String, Object> fields) {
    Deque<Event> slices = open.computeIfAbsent(event.thread, t -> new ArrayDeque<>());
    switch (event.phase) {
      case "B" -> {
        slices.push(event);
        assertTrue(slices.size() <= DEEPEST, () -> slices.size() + " slices on each other: " + event);
        count(event);
        latest.put(event.thread, event);
      }
      case "E" -> ended(slices, event);
      case "i" -> {
        assertEquals("t", fields.get("s"));
        count(event);
        latest.put(event.thread, event);
      }
      case "C" -> counters.put(event.name, whole(event.args, "count"));
      default -> {
        assertTrue(List.of("s", "t", "f").contains(event.phase), fields::toString);
        assertEquals(event.phase.equals("f") ? "e" : null, fields.get("bp"));
        flows.computeIfAbsent(whole(fields, "id"), i -> new ArrayList<>()).add(event);
      }
    }
  }

  private void ended(Deque<Event> slices, Event end) {
    assertTrue(!slices.isEmpty(), () -> end + " ends nothing");
    Event begin = slices.pop();
    durations.computeIfAbsent(name(end.thread) + "/" + begin.name, n -> new ArrayList<>()).add(
        end.ts - begin.ts);
    if (slices.stream().noneMatch(below -> HANDLERS.contains(below.category)) && HANDLERS.contains(begin.category)) {
      handlers.computeIfAbsent(name(end.thread) + "/" + begin.category, n -> new ArrayList<>()).add(end.ts - begin.ts);
    }
    latest.remove(end.thread);
    if (!slices.isEmpty()) {
      latest.put(end.thread, slices.peek());
    }
  }

  private void count(Event event) {
    assertTrue(threads.containsKey(event.thread), () -> event + " is on a thread without a name");
    assertTrue(whole(event.args, "cycle") >= 0);
    long times = event.args.containsKey("count") ? whole(event.args, "count") : 1;
    counts.merge(name(event.thread) + "/" + event.category, times, Long::sum);
    Event before = latest.get(event.thread);
    boolean stacks = event.phase.equals("i") && before != null && before.phase.equals("i") && before.ts == event.ts;
    int instants = stacks ? stacked.merge(event.thread, 1, Integer::sum) : 0;
    stacked.put(event.thread, instants);
    assertTrue(instants + open.getOrDefault(event.thread, new ArrayDeque<>()).size() < DEEPEST,
        () -> event + " is one of too many at one time");
  }

  private void finish() {
    open.forEach((thread, slices) -> assertTrue(slices.isEmpty(), () -> "still open on " + thread + ": " + slices));
    threads.keySet().forEach(thread -> assertTrue(processes.contains(thread.replaceFirst("/.*", "")), thread));
    flows.forEach((id, arrow) -> {
      arrow.sort((a, b) -> Double.compare(a.ts, b.ts));
      assertEquals("[s, t, f]", arrow.stream().map(Event::phase).toList().toString(), () -> id + ": " + arrow);
      Event sent = bound(arrow.get(0));
      Event taken = bound(arrow.get(1));
      Event answered = bound(arrow.get(2));
      assertTrue(sent.name.startsWith("IPI to CPU ") && sent.ts == arrow.get(0).ts, sent::toString);
      assertEquals("interrupt", taken.category, taken::toString);
      assertEquals("context synchronization", answered.name, answered::toString);
      assertEquals(taken.thread, answered.thread);
      String target = name(taken.thread).replace("CPU ", "");
      assertTrue(List.of(sent.name.replace("IPI to CPU ", "").split(", ")).contains(target), sent + " " + taken);
    });
    arrows = flows.size();
    Map<String, Double> named = new TreeMap<>();
    last.forEach((thread, ts) -> named.put(name(thread), ts));
    last.clear();
    last.putAll(named);
  }

  private static Event bound(Event arrow) {
    if (arrow.bound == null) {
      throw new AssertionError(arrow + " binds to nothing");
    }
    return arrow.bound;
  }

  /// Slices and instants of a category, on all threads.
  long count(String category) {
    return counts.entrySet().stream().filter(e -> e.getKey().endsWith("/" + category)).mapToLong(Map.Entry::getValue)
        .sum();
  }

  /// The same on one.
  long count(String thread, String category) {
    return counts.getOrDefault(thread + "/" + category, 0L);
  }
}
