package dev.crosspatch.sim.run;

import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Protocol;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// All that a run is a run of, as lines `key: value`: every component of its resolved scenario, the kernel that was
/// built for it, and whether its truth is kept. Two runs of the same subject do the same as long as the same decisions
/// are made. A component that has no text here is an internal error, so none can be forgotten.
final class RunSubject {
  /// Longer values are their checksum.
  private static final int LONGEST = 80;

  private final Map<String, String> lines = new LinkedHashMap<>();

  private RunSubject() {}

  /// The lines of a run.
  static String of(Run run) {
    RunSubject subject = new RunSubject();
    subject.add("", run.scenario());
    for (Section section : run.image().sections()) {
      subject.put("kernel." + section.name(), Long.toHexString(section.address()) + " " + sum(section.bytes()));
    }
    subject.put("truth", run.logs().truth() ? "kept" : "not kept");
    StringBuilder text = new StringBuilder();
    subject.lines.forEach((key, value) -> text.append(key).append(": ").append(value).append('\n'));
    return text.toString();
  }

  /// What the first line is in which two subjects differ, for people.
  ///
  /// @param there lines of a snapshot
  /// @param here  lines of the run that is to go on with it
  static String difference(String there, String here) {
    Map<String, String> one = parse(there);
    Map<String, String> other = parse(here);
    for (Set<String> keys : List.of(other.keySet(), one.keySet())) {
      for (String key : keys) {
        if (!Objects.equals(one.get(key), other.get(key))) {
          return key + " is " + one.getOrDefault(key, "nothing") + " there and " + other.getOrDefault(key, "nothing")
              + " here";
        }
      }
    }
    return "its lines are in another order";
  }

  private static Map<String, String> parse(String text) {
    Map<String, String> lines = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      String[] parts = line.split(": ", 2);
      lines.put(parts[0], parts[parts.length - 1]);
    }
    return lines;
  }

  private void add(String key, @Nullable Object value) {
    switch (value) {
      case null -> put(key, "none");
      case Mechanism m -> {
        put(key, m.name());
        put(key + ".text", m.text()); // its sources are in the kernel
      }
      case Protocol p -> put(key, p.name());
      case Isa isa -> put(key, isa.name());
      case Record record -> components(key, record);
      case List<?> list -> {
        put(key + ".count", String.valueOf(list.size()));
        for (int i = 0; i < list.size(); i++) {
          add(key + "[" + i + "]", list.get(i));
        }
      }
      case Set<?> set -> put(key, texts(set));
      case Map<?, ?> map -> put(key, texts(map.entrySet()));
      case Enum<?> e -> put(key, e.name());
      case String s -> put(key, s);
      case Number n -> put(key, n.toString());
      case Boolean b -> put(key, b.toString());
      default -> throw new IllegalStateException(key + ": a " + value.getClass().getName() + " has no text here");
    }
  }

  private void components(String key, Record record) {
    for (RecordComponent c : record.getClass().getRecordComponents()) {
      try {
        c.getAccessor().setAccessible(true);
        add(key.isEmpty() ? c.getName() : key + "." + c.getName(), c.getAccessor().invoke(record));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /// Sets and maps have no order.
  private static String texts(Collection<?> set) {
    return String.join(", ", set.stream().map(String::valueOf).sorted().toList());
  }

  private void put(String key, String value) {
    boolean plain = value.length() <= LONGEST && value.indexOf('\n') < 0;
    lines.put(key, plain ? value : "a text of sum " + sum(value.getBytes(StandardCharsets.UTF_8)));
  }

  /// The first half of a SHA-256.
  private static String sum(byte[] bytes) {
    return HexFormat.of().formatHex(FileSums.digest().digest(bytes), 0, 16);
  }
}
