package dev.crosspatch.platform;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads a [MemoryMap].
final class MapReader {
  private static final Pattern NUMBER = Pattern.compile("(?:0x([0-9a-f]{1,16})|([0-9]{1,9}))([KMG]?)");

  private final String name;
  private int line;
  private @Nullable Long ram;
  private MemoryMap.@Nullable Tables tables;
  private final Map<String, MemoryMap.Part> parts = new HashMap<>();
  private final List<MemoryMap.Part> order = new ArrayList<>();
  private final Map<String, Long> registers = new HashMap<>();

  /// @param name for messages
  MapReader(String name) {
    this.name = name;
  }

  MemoryMap read(List<String> lines) {
    for (String text : lines) {
      line++;
      String[] words = text.replaceFirst("#.*", "").strip().split("\\s+", 2);
      if (!words[0].isEmpty()) {
        line(words[0], words.length > 1 ? words[1] : "");
      }
    }
    for (String key : List.of("image", "direct", "devices")) {
      present(parts.get(key), key);
    }
    return new MemoryMap(present(ram, "ram"), present(tables, "tables"), List.copyOf(order), Map.copyOf(registers));
  }

  private void line(String key, String value) {
    switch (key) {
      case "ram" -> ram = number(value);
      case "tables" -> {
        long[] room = value.equals("top") ? null : pair(value, "\\.\\.");
        tables = room == null ? MemoryMap.Tables.TOP : new MemoryMap.Tables(room[0], room[1], false);
      }
      case "image" -> {
        long[] link = pair(value, "\\s+at\\s+");
        part(key, new MemoryMap.Image(link[0], link[1]));
      }
      case "direct" -> part(key, new MemoryMap.Direct(leaves(value)[0], leaves(value)[1]));
      case "devices" -> part(key, new MemoryMap.Devices(leaves(value)[0], leaves(value)[1]));
      default -> registers.put(key, registers(key, value));
    }
  }

  private void part(String key, MemoryMap.Part part) {
    if (parts.put(key, part) != null) {
      throw bad("a second line '" + key + "'");
    }
    order.add(part);
  }

  private long registers(String key, String value) {
    String[] words = value.split("\\s+", -1);
    if (words.length != 3 || !words[0].equals("registers") || !words[1].equals("at")) {
      throw bad("'" + key + "' is none of ram, tables, image, direct, devices, and no 'registers at' follow");
    }
    return number(words[2]);
  }

  private long[] leaves(String value) {
    long[] pair = pair(value, "\\s+by\\s+");
    if (Long.bitCount(pair[1]) != 1 || pair[1] < 4096 || pair[1] > 1 << 30) {
      throw bad("a leaf is a power of two from 4K to 1G, not " + pair[1] + " bytes");
    }
    return pair;
  }

  private long[] pair(String value, String between) {
    String[] two = value.split(between, -1);
    if (two.length != 2) {
      throw bad("'" + value + "' is not two numbers");
    }
    return new long[] {number(two[0]), number(two[1])};
  }

  private long number(String text) {
    Matcher m = NUMBER.matcher(text.strip());
    if (!m.matches()) {
      throw bad("'" + text.strip() + "' is no number");
    }
    long value = m.group(1) != null ? Long.parseUnsignedLong(m.group(1), 16) : Long.parseLong(m.group(2));
    return value << (m.group(3).isEmpty() ? 0 : 10 * "?KMG".indexOf(m.group(3)));
  }

  private <T> T present(@Nullable T value, String key) {
    if (value == null) {
      throw new IllegalArgumentException(name + ": no line '" + key + "'");
    }
    return value;
  }

  private IllegalArgumentException bad(String what) {
    return new IllegalArgumentException(name + ":" + line + ": " + what);
  }
}
