package dev.crosspatch.sim.fields;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads JSON texts that are an object.
public final class JsonText {
  private static final int DEEPEST = 32;
  private static final JsonFactory FACTORY = JsonFactory.builder()
      .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build()).build();

  private final JsonParser json;

  private JsonText(JsonParser json) {
    this.json = json;
  }

  /// Parses `text`.
  ///
  /// @param file as messages name it
  /// @throws BadField if it is no JSON, or no object
  public static Fields parse(String file, String text) {
    try (JsonParser json = FACTORY.createParser(text)) {
      Value.@Nullable Mapping object = new JsonText(json).object();
      if (object == null) {
        throw new BadField(file, 1, "", text.isBlank() ? "empty; not an object {...}" : "not an object {...}");
      }
      return new Fields(file, "", object, null);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new BadField(file, line, "", "not JSON: " + brief(e.getOriginalMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A message of Jackson without what is of use to its own users only.
  private static String brief(String message) {
    return message.replaceFirst(" \\(for .*|: was expecting .*", "").replaceFirst(", from `.*`", "");
  }

  /// The whole text, or null if it is no object.
  private Value.@Nullable Mapping object() throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      return null;
    }
    Value.Mapping object = mapping();
    if (json.nextToken() != null) {
      throw new JsonParseException(json, "something follows the object");
    }
    return object;
  }

  private int line() {
    return json.currentTokenLocation().getLineNr();
  }

  /// The value that begins with the present token.
  private Value value() throws IOException {
    return switch (json.currentToken()) {
      case START_OBJECT -> mapping();
      case START_ARRAY -> items();
      default -> new Value.Scalar(json.getText(), line());
    };
  }

  private Value.Items items() throws IOException {
    int line = line();
    List<Value> items = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      items.add(value());
    }
    return new Value.Items(items, line);
  }

  private Value.Mapping mapping() throws IOException {
    int line = line();
    List<Value.Entry> entries = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      int at = line();
      json.nextToken();
      entries.add(new Value.Entry(key, at, value()));
    }
    return new Value.Mapping(entries, line);
  }
}
