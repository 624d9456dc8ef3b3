package dev.crosspatch.sim.race;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Inputs;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.fields.BadField;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.fields.JsonText;
import dev.crosspatch.sim.race.TextRace.Kind;
import dev.crosspatch.tracer.flow.ByteSink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// The file `races.jsonl`: a line for every race on text that a run had, in the order in which they were found. Of the
/// same kind, CPU and instruction only the first is told.
public final class RaceLog {
  private RaceLog() {}

  /// Appends a line.
  public static void write(ByteSink out, TextRace race) {
    Json.Lines lines = new Json.Lines();
    lines.line(g -> {
      g.writeStringField("kind", race.kind().label());
      g.writeNumberField("cpu", race.cpu());
      g.writeNumberField("cycle", race.cycle());
      g.writeStringField("address", Json.address(race.address()));
      g.writeArrayFieldStart("possible");
      for (byte[] bytes : race.possible()) {
        g.writeString(Json.hex(bytes));
      }
      g.writeEndArray();
      g.writeNumberField("writer", race.writer());
      g.writeNumberField("stored", race.stored());
      g.writeStringField("missing", race.missing());
      g.writeStringField("rule", race.rule());
    });
    byte[] bytes = lines.bytes();
    out.write(bytes, 0, bytes.length);
  }

  /// Reads them back.
  ///
  /// @param cpus of the run
  /// @throws BadInput naming file and line if one is malformed
  public static List<TextRace> read(Path file, int cpus) {
    List<TextRace> races = new ArrayList<>();
    for (String line : Inputs.text(file, Inputs.MOST_BINARY).lines().toList()) {
      try {
        races.add(race(JsonText.parse("record", line), cpus));
      } catch (BadField | IllegalArgumentException e) {
        throw new BadInput(file + ":" + (races.size() + 1) + ": not a record of a race: " + e.getMessage());
      }
    }
    return races;
  }

  private static TextRace race(Fields f, int cpus) {
    TextRace race = new TextRace(f.choice("kind", Kind.class, null), (int) f.number("cpu", -1, 0, cpus - 1),
        f.number("cycle", 0, 0, Long.MAX_VALUE), Json.parseAddress(f.text("address", null)),
        f.texts("possible").stream().map(HexFormat.of()::parseHex).toList(),
        (int) f.number("writer", -1, -1, cpus - 1), f.number("stored", -1, -1, Long.MAX_VALUE),
        f.text("missing", null), f.text("rule", null));
    f.finish();
    if (race.cpu() < 0) {
      throw new IllegalArgumentException("'cpu' is missing");
    }
    return race;
  }
}
