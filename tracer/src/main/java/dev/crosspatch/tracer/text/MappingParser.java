package dev.crosspatch.tracer.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/// Reads one line of a log of mappings. Whatever is wrong is an [IllegalArgumentException] that names the field and the
/// value.
final class MappingParser {
  private static final Set<String> NUMBERS = Set.of("time", "mapping", "cpu", "length", "observer");
  private static final Set<String> TEXTS = Set.of("event", "address", "name", "mechanism", "bytes");
  private static final int MOST = 1 << 20;

  private final Map<String, Long> numbers = new HashMap<>();
  private final Map<String, String> texts = new HashMap<>();

  private MappingParser() {}

  /// What an event is called in the file.
  static String name(MappingEvent event) {
    return switch (event) {
      case MappingEvent.Announced _ -> "announce";
      case MappingEvent.Copied _ -> "copy";
      case MappingEvent.Withdrawn _ -> "withdraw";
      case MappingEvent.TimedOut _ -> "timeout";
    };
  }

  static MappingEvent parse(JsonParser json) throws IOException {
    MappingParser line = new MappingParser();
    line.read(json);
    return line.event();
  }

  private void read(JsonParser json) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw new IllegalArgumentException("an event is an object {...}");
    }
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (NUMBERS.contains(name) && value == JsonToken.VALUE_NUMBER_INT) {
        numbers.put(name, json.getLongValue());
      } else if (TEXTS.contains(name) && value == JsonToken.VALUE_STRING) {
        texts.put(name, json.getText());
      } else {
        throw new IllegalArgumentException(NUMBERS.contains(name) ? "'" + name + "' is no whole number: "
            + json.getText() : TEXTS.contains(name) ? "'" + name + "' is no string: " + json.getText()
                : "unknown field '" + name + "'");
      }
    }
    if (json.nextToken() != null) {
      throw new IllegalArgumentException("something follows the event");
    }
  }

  private MappingEvent event() {
    long time = number("time", Long.MAX_VALUE);
    String event = text("event");
    long mapping = number("mapping", Long.MAX_VALUE);
    return switch (event) {
      case "announce" -> new MappingEvent.Announced(time, mapping, small("cpu"), address(),
          (int) number("length", MOST), text("name"), text("mechanism"));
      case "copy" -> new MappingEvent.Copied(time, mapping, small("observer"), bytes());
      case "withdraw" -> new MappingEvent.Withdrawn(time, mapping, small("cpu"));
      case "timeout" -> new MappingEvent.TimedOut(time, mapping, small("cpu"), small("observer"));
      default -> throw new IllegalArgumentException("'event' is none of announce, copy, withdraw, timeout: " + event);
    };
  }

  private int small(String name) {
    return (int) number(name, Integer.MAX_VALUE);
  }

  private long number(String name, long most) {
    Long value = numbers.get(name);
    if (value == null) {
      throw new IllegalArgumentException("'" + name + "' is missing");
    }
    if (value < 0 || value > most) {
      throw new IllegalArgumentException("'" + name + "' is " + value);
    }
    return value;
  }

  private String text(String name) {
    String value = texts.get(name);
    if (value == null) {
      throw new IllegalArgumentException("'" + name + "' is missing");
    }
    return value;
  }

  private long address() {
    String text = text("address");
    try {
      if (text.startsWith("0x")) {
        return Long.parseUnsignedLong(text, 2, text.length(), 16);
      }
    } catch (NumberFormatException e) {
      // Falls through to the message.
    }
    throw new IllegalArgumentException("'address' is not 0x...: " + text);
  }

  private byte[] bytes() {
    try {
      return HexFormat.of().parseHex(text("bytes"));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'bytes' is not bytes in hex: " + texts.get("bytes"), e);
    }
  }
}
