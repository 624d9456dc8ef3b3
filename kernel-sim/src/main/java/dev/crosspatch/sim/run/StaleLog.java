package dev.crosspatch.sim.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Json;
import dev.crosspatch.tracer.flow.ByteSink;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The file `truth/stale.jsonl`: every instruction executed from bytes that memory no longer held, a line each, in the
/// order in which the cores ran: `{"cpu":1,"cycle":123,"address":"0x...","executed":"hex","memory":"hex"}`. Neither
/// writing nor reading it holds more than a line.
public final class StaleLog {
  private static final JsonFactory JSON = new JsonFactory();

  private final ByteSink out;
  private final StringBuilder line = new StringBuilder();

  StaleLog(ByteSink out) {
    this.out = out;
  }

  /// Appends a line.
  void add(StaleExecution s) {
    line.setLength(0);
    line.append("{\"cpu\":").append(s.cpu()).append(",\"cycle\":").append(s.cycle()).append(",\"address\":\"")
        .append(Json.address(s.address()))
        .append("\",\"executed\":\"").append(Json.hex(s.executed())).append("\",\"memory\":\"")
        .append(Json.hex(s.memory())).append("\"}\n");
    byte[] bytes = line.toString().getBytes(StandardCharsets.ISO_8859_1);
    out.write(bytes, 0, bytes.length);
  }

  /// A line, also one of `violations.jsonl`.
  ///
  /// @param execution what ran
  /// @param kind      how that breaks the contract; empty in `truth/stale.jsonl`
  public record Line(StaleExecution execution, String kind) {}

  /// Reads those of a run of `cpus` CPUs back, telling each to `listener`.
  ///
  /// @throws BadInput naming file and line if one is malformed
  static void read(Path file, int cpus, Consumer<StaleExecution> listener) {
    try (Cursor<Line> lines = cursor(file, cpus)) {
      for (Line line = lines.next(); line != null; line = lines.next()) {
        listener.accept(line.execution());
      }
    }
  }

  /// The same one by one.
  static Cursor<Line> cursor(Path file, int cpus) {
    try {
      return new Lines(file, cpus, Files.newBufferedReader(file));
    } catch (IOException e) {
      throw unreadable(file);
    }
  }

  private static BadInput unreadable(Path file) {
    return new BadInput(file + ": cannot be read; the output of this run is not complete");
  }

  private static final class Lines implements Cursor<Line> {
    private final Path file;
    private final int cpus;
    private final BufferedReader in;
    private long number;

    Lines(Path file, int cpus, BufferedReader in) {
      this.file = file;
      this.cpus = cpus;
      this.in = in;
    }

    @Override
    public @Nullable Line next() {
      try {
        String text = in.readLine();
        number++;
        return text == null ? null : checked(line(text));
      } catch (IllegalArgumentException e) {
        throw new BadInput(file + ":" + number + ": not a record of a stale execution: " + e.getMessage());
      } catch (IOException e) {
        throw unreadable(file);
      }
    }

    private Line checked(Line line) {
      if (line.execution().cpu() >= cpus) {
        throw new IllegalArgumentException("'cpu' is " + line.execution().cpu() + ", and the run has " + cpus);
      }
      return line;
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException e) {
        // It was only read.
      }
    }
  }

  private static Line line(String text) {
    try (JsonParser json = JSON.createParser(text)) {
      return new Fields(json).line();
    } catch (IOException e) {
      throw new IllegalArgumentException("not a line of JSON", e);
    }
  }

  /// The fields of one line.
  private static final class Fields {
    private final JsonParser json;
    private String kind = "";
    private @Nullable Long cpu;
    private @Nullable Long cycle;
    private @Nullable Long address;
    private byte @Nullable [] executed;
    private byte @Nullable [] memory;

    Fields(JsonParser json) {
      this.json = json;
    }

    Line line() throws IOException {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("a record is an object {...}");
      }
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        json.nextToken();
        field(name);
      }
      if (json.nextToken() != null) {
        throw new IllegalArgumentException("something follows the record");
      }
      long core = present(cpu, "cpu");
      if (core < 0 || core > 63) {
        throw new IllegalArgumentException("'cpu' is " + core);
      }
      return new Line(new StaleExecution((int) core, present(cycle, "cycle"), present(address, "address"),
          present(executed, "executed"), present(memory, "memory")), kind);
    }

    private void field(String name) throws IOException {
      switch (name) {
        case "cpu" -> cpu = number(name);
        case "cycle" -> cycle = number(name);
        case "address" -> address = Json.parseAddress(json.getText());
        case "executed" -> executed = HexFormat.of().parseHex(json.getText());
        case "memory" -> memory = HexFormat.of().parseHex(json.getText());
        case "kind" -> kind = json.getText();
        case "symbol" -> {} // for people
        default -> throw new IllegalArgumentException("unknown field '" + name + "'");
      }
    }

    private long number(String name) throws IOException {
      if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        throw new IllegalArgumentException("'" + name + "' is no whole number: " + json.getText());
      }
      return json.getLongValue();
    }

    private static <T> T present(@Nullable T value, String name) {
      if (value == null) {
        throw new IllegalArgumentException("'" + name + "' is missing");
      }
      return value;
    }
  }
}
