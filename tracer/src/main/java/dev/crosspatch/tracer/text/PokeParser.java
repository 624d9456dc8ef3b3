package dev.crosspatch.tracer.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Reads one line of a poke log. Whatever is wrong is an [IllegalArgumentException] that names the field and the value.
final class PokeParser {
  private final JsonParser json;
  private @Nullable Long time;
  private @Nullable Long cpu;
  private @Nullable Long address;
  private byte @Nullable [] before;
  private byte @Nullable [] after;
  private String mechanism = "";
  private String site = "";
  private @Nullable Long lost;

  PokeParser(JsonParser json) {
    this.json = json;
  }

  /// Reads the line into `log`.
  void into(PokeLog log, PokeParts parts) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw new IllegalArgumentException("a poke is an object {...}");
    }
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      json.nextToken();
      field(name);
    }
    if (json.nextToken() != null) {
      throw new IllegalArgumentException("something follows the poke");
    }
    if (lost != null) {
      log.lost(present(time, "time"), cpu(), lost());
    } else {
      log.add(parts.shared(new Poke(present(time, "time"), cpu(), present(address, "address"), present(before, "old"),
          present(after, "new"), mechanism, site)));
    }
  }

  private long lost() {
    if (address != null || before != null || after != null) {
      throw new IllegalArgumentException("a line of lost events has 'time', 'cpu' and 'lost' only");
    }
    long count = present(lost, "lost");
    if (count < 1) {
      throw new IllegalArgumentException("'lost' is " + count);
    }
    return count;
  }

  private void field(String name) throws IOException {
    switch (name) {
      case "time" -> time = number(name);
      case "cpu" -> cpu = number(name);
      case "address" -> address = address(string(name));
      case "old" -> before = bytes(name, string(name));
      case "new" -> after = bytes(name, string(name));
      case "mechanism" -> mechanism = string(name);
      case "site" -> site = string(name);
      case "lost" -> lost = number(name);
      default -> throw new IllegalArgumentException("unknown field '" + name + "'");
    }
  }

  private int cpu() {
    long number = present(cpu, "cpu");
    if (number < 0 || number > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("'cpu' is " + number);
    }
    return (int) number;
  }

  private static <T> T present(@Nullable T value, String name) {
    if (value == null) {
      throw new IllegalArgumentException("'" + name + "' is missing");
    }
    return value;
  }

  private long number(String name) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw new IllegalArgumentException("'" + name + "' is no whole number: " + json.getText());
    }
    return json.getLongValue();
  }

  private String string(String name) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw new IllegalArgumentException("'" + name + "' is no string: " + json.getText());
    }
    return json.getText();
  }

  private static long address(String text) {
    if (!text.startsWith("0x")) {
      throw new IllegalArgumentException("'address' is not 0x...: " + text);
    }
    try {
      return Long.parseUnsignedLong(text, 2, text.length(), 16);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'address' is not 0x...: " + text, e);
    }
  }

  private static byte[] bytes(String name, String text) {
    try {
      return HexFormat.of().parseHex(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + name + "' is not bytes in hex: " + text, e);
    }
  }
}
