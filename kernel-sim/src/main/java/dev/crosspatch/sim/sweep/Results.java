package dev.crosspatch.sim.sweep;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.sim.Json;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What came of all runs, as text for other programs: JSON and CSV. `docs/formats.md` has the fields.
public final class Results {
  /// How each begins.
  public static final String JSON_BEGINS = "{\n  \"crosspatch\" : ";
  public static final Pattern CSV_BEGINS = Pattern.compile("scenario,(\"?set\\..*,)?seed,verdict[,\n].*");

  private Results() {}

  /// One JSON object.
  ///
  /// @param version of the program
  public static String json(List<Row> rows, String version) {
    return Json.object(g -> {
      g.writeStringField("crosspatch", version);
      g.writeArrayFieldStart("runs");
      for (Row row : rows) {
        g.writeStartObject();
        for (Map.Entry<String, Map<String, @Nullable Object>> object : objects(row).entrySet()) {
          write(g, object.getKey(), object.getValue());
        }
        g.writeEndObject();
      }
      g.writeEndArray();
      g.writeObjectFieldStart("summary");
      Tally tally = new Tally();
      rows.forEach(tally::add);
      g.writeNumberField("runs", tally.runs());
      g.writeNumberField("as_expected", tally.good());
      for (String verdict : Tally.VERDICTS) {
        g.writeNumberField(verdict.toLowerCase(Locale.ROOT), tally.of(verdict));
      }
      g.writeEndObject();
    });
  }

  /// Fields by the object they are in; those that are in none have a name of their own, and none within.
  private static Map<String, Map<String, @Nullable Object>> objects(Row row) {
    Map<String, Map<String, @Nullable Object>> objects = new LinkedHashMap<>();
    objects.put("scenario", new LinkedHashMap<>());
    objects.put("set", new LinkedHashMap<>());
    RowFields.of(row).forEach((name, value) -> {
      String[] parts = name.split("\\.", 2);
      objects.computeIfAbsent(parts[0], n -> new LinkedHashMap<>()).put(parts.length > 1 ? parts[1] : "", value);
    });
    return objects;
  }

  private static void write(JsonGenerator g, String name, Map<String, @Nullable Object> fields) throws IOException {
    if (fields.containsKey("")) {
      g.writeFieldName(name);
      value(g, fields.get(""));
    } else if (!fields.isEmpty() && fields.values().stream().allMatch(Objects::isNull)) {
      g.writeNullField(name);
    } else {
      g.writeObjectFieldStart(name);
      for (Map.Entry<String, @Nullable Object> field : fields.entrySet()) {
        g.writeFieldName(field.getKey());
        value(g, field.getValue());
      }
      g.writeEndObject();
    }
  }

  private static void value(JsonGenerator g, @Nullable Object value) throws IOException {
    switch (value) {
      case null -> g.writeNull();
      case Integer number -> g.writeNumber(number);
      case Long number -> g.writeNumber(number);
      case Double number -> g.writeNumber(number);
      case Boolean flag -> g.writeBoolean(flag);
      case List<?> list -> {
        g.writeStartArray();
        for (Object item : list) {
          g.writeString(String.valueOf(item));
        }
        g.writeEndArray();
      }
      default -> g.writeString(value.toString());
    }
  }

  /// A line for each run behind one of names, as RFC 4180 has it but for the ends of lines: the fields of the JSON with
  /// dots between the names of objects and theirs. Lists have blanks between their items.
  public static String csv(List<Row> rows) {
    List<Map<String, @Nullable Object>> all = rows.stream().map(RowFields::of).toList();
    Set<String> names = new LinkedHashSet<>();
    all.forEach(row -> names.addAll(row.keySet()));
    if (names.isEmpty()) {
      return "scenario,seed,verdict\n";
    }
    StringBuilder out = new StringBuilder(line(List.copyOf(names)));
    for (Map<String, @Nullable Object> row : all) {
      out.append(line(names.stream().map(name -> cell(row.get(name))).toList()));
    }
    return out.toString();
  }

  private static String cell(@Nullable Object value) {
    return switch (value) {
      case null -> "";
      case List<?> list -> list.stream().map(String::valueOf).collect(Collectors.joining(" "));
      default -> value.toString();
    };
  }

  private static String line(List<String> cells) {
    return cells.stream().map(Results::quoted).collect(Collectors.joining(",", "", "\n"));
  }

  private static String quoted(String cell) {
    return cell.matches("[^\",\\r\\n]*") ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }
}
