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
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// Every text change of a run, in time order; pokes of the same time keep the order in which they were added.
///
/// The file form is `pokes.jsonl`: a line per poke,
/// `{"time":5,"cpu":0,"address":"0xffffffff81000040","old":"0f1f440000","new":"e9120000",
/// "mechanism":"jump_label","site":"key1"}` on one line.
/// `old` is empty where text appears, `new` where it goes away; `mechanism` and `site` may be left out. Or a line for
/// events that are not in it, because a buffer was full: `{"time":9,"cpu":0,"lost":2}`.
public final class PokeLog {
  private static final JsonFactory JSON = new JsonFactory();

  private final List<Poke> pokes = new ArrayList<>();
  private final List<Loss> losses = new ArrayList<>();
  /// By CPU, the time of what was added last.
  private final Map<Integer, Long> latest = new HashMap<>();

  /// Adds a poke behind all with the same or an earlier time.
  public void add(Poke poke) {
    int at = pokes.size();
    while (at > 0 && pokes.get(at - 1).time() > poke.time()) {
      at--;
    }
    pokes.add(at, poke);
    latest.merge(poke.cpu(), poke.time(), Math::max);
  }

  /// Adds that a CPU's buffer lost `count` events since the last that is there, or that was told as lost.
  public void lost(long time, int cpu, long count) {
    Long since = latest.put(cpu, time);
    losses.add(new Loss(time, cpu, count, since == null ? 0 : since));
  }

  /// The losses, in the order of the log.
  public List<Loss> losses() {
    return Collections.unmodifiableList(losses);
  }

  /// All pokes, in time order.
  public List<Poke> pokes() {
    return Collections.unmodifiableList(pokes);
  }

  /// Reads a `pokes.jsonl` file. Empty lines are skipped.
  ///
  /// @throws IllegalArgumentException if a line is no poke: file, line, what is wrong, e.g. `pokes.jsonl:12: 'time' is
  ///     missing`
  /// @throws IOException              if the file cannot be read
  public static PokeLog read(Path file) throws IOException {
    PokeLog log = new PokeLog();
    PokeParts parts = new PokeParts();
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      int number = 1;
      for (String line = lines.readLine(); line != null; line = lines.readLine(), number++) {
        if (!line.isBlank()) {
          parse(log, parts, line, file.getFileName(), number);
        }
      }
    }
    return log;
  }

  private static void parse(PokeLog log, PokeParts parts, String line, Path file, int number) {
    try {
      new PokeParser(JSON.createParser(line)).into(log, parts);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ":" + number + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + ":" + number + ": not a line of JSON", e);
    }
  }

  /// Writes the log in its file form, what was lost before the pokes of the same time.
  public void write(Path file) throws IOException {
    List<Loss> left = new ArrayList<>(losses);
    left.sort(Comparator.comparingLong(Loss::time));
    try (var out = Files.newBufferedWriter(file)) {
      for (Poke poke : pokes) {
        while (!left.isEmpty() && left.getFirst().time() <= poke.time()) {
          out.append(text(left.removeFirst())).append('\n');
        }
        out.append(text(poke)).append('\n');
      }
      for (Loss loss : left) {
        out.append(text(loss)).append('\n');
      }
    }
  }

  /// One poke as it stands in the file, with the end of its line.
  public static byte[] line(Poke poke) {
    try {
      return (text(poke) + '\n').getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A loss as it stands in the file, with the end of its line.
  public static byte[] line(Loss loss) {
    return (text(loss) + '\n').getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Loss loss) {
    return "{\"time\":" + loss.time() + ",\"cpu\":" + loss.cpu() + ",\"lost\":" + loss.count() + "}";
  }

  private static String text(Poke poke) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("time", poke.time());
      json.writeNumberField("cpu", poke.cpu());
      json.writeStringField("address", "0x" + Long.toHexString(poke.address()));
      json.writeStringField("old", HexFormat.of().formatHex(poke.before()));
      json.writeStringField("new", HexFormat.of().formatHex(poke.after()));
      json.writeStringField("mechanism", poke.mechanism());
      json.writeStringField("site", poke.site());
      json.writeEndObject();
    }
    return text.toString();
  }
}
