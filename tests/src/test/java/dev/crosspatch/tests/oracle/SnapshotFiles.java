package dev.crosspatch.tests.oracle;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.tracer.etm.EteProtocol;
import dev.crosspatch.tracer.etm.EtmConfig;
import dev.crosspatch.tracer.etm.EtmProtocol;
import dev.crosspatch.tracer.etm.Frames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A CoreSight snapshot directory that strangers made: trace sources with their registers and bytes, and the text of
/// their cores.
final class SnapshotFiles {
  private static final long FIRST_ETE = 0x4770_5A13L;
  private static final int ID_MASK = 0x7f;

  /// An ETMv4 or ETE trace source.
  ///
  /// @param name    as in the snapshot
  /// @param buffer  name of the trace buffer it writes to, for OpenCSD's lister
  /// @param traceId TRCTRACEIDR, which the lister shows
  /// @param config  its registers
  /// @param text    of its core
  record Source(String name, String buffer, int traceId, EtmConfig config, byte[] trace, Image text) {}

  private final Path dir;

  private SnapshotFiles(Path dir) {
    this.dir = dir;
  }

  /// The sources of the snapshot in `dir` that are ETMv4 or ETE and whose buffer is there, in the order of the devices.
  static List<Source> sources(Path dir) {
    return new SnapshotFiles(dir).sources();
  }

  private List<Source> sources() {
    Map<String, Map<String, String>> snapshot = ini("snapshot.ini");
    Map<String, Map<String, String>> trace = ini(value(snapshot, "trace", "metadata"));
    Map<String, Map<String, Map<String, String>>> devices = new LinkedHashMap<>();
    for (String file : section(snapshot, "device_list").values()) {
      Map<String, Map<String, String>> device = ini(file);
      devices.put(value(device, "device", "name"), device);
    }
    List<Source> result = new ArrayList<>();
    section(trace, "core_trace_sources").forEach((core, name) -> {
      Map<String, Map<String, String>> device = devices.getOrDefault(name, Map.of());
      String type = value(device, "device", "type").toUpperCase(Locale.ROOT);
      if (type.startsWith("ETM4") || type.equals("ETE")) {
        buffer(trace, name).forEach(b -> source(name, b, device, devices.getOrDefault(core.split(" ", 2)[0], Map.of()))
            .ifPresent(result::add));
      }
    });
    return result;
  }

  /// The sections of the buffers that `source` writes to.
  private static Stream<Map<String, String>> buffer(Map<String, Map<String, String>> trace, String source) {
    List<String> names = Arrays.stream(value(trace, "source_buffers", source).split(",", -1))
        .map(String::strip).toList();
    return Arrays.stream(value(trace, "trace_buffers", "buffers").split(",", -1))
        .map(buffer -> section(trace, buffer.strip()))
        .filter(buffer -> names.contains(buffer.getOrDefault("name", "")));
  }

  private Optional<Source> source(String name, Map<String, String> buffer, Map<String, Map<String, String>> device,
      Map<String, Map<String, String>> core) {
    boolean ete = value(device, "device", "type").equalsIgnoreCase("ETE");
    Map<String, Long> registers = new LinkedHashMap<>();
    section(device, "regs")
        .forEach((key, value) -> registers.put(key.replaceAll("\\(.*", "").strip().toLowerCase(Locale.ROOT),
            Long.decode(value)));
    EtmProtocol protocol = ete ? new EteProtocol() : new EtmProtocol();
    registers.putIfAbsent("trcdevarch", FIRST_ETE);
    registers.putIfAbsent("trcidr8", 0L); // some leave it out
    EtmConfig config = protocol.configure(registers::getOrDefault);
    byte[] bytes = bytes(dir.resolve(buffer.getOrDefault("file", "")));
    boolean framed = !"source_data".equals(buffer.get("format"));
    int id = (int) (registers.getOrDefault("trctraceidr", 0L) & ID_MASK);
    byte[] own = framed
        ? Frames.bytesOf(Frames.deformat(Arrays.copyOf(bytes, bytes.length & -Frames.FRAME_BYTES)), id) : bytes;
    return own.length == 0 ? Optional.empty()
        : Optional.of(new Source(name, buffer.getOrDefault("name", ""), id, config, own, text(core)));
  }

  private Image text(Map<String, Map<String, String>> core) {
    List<Section> sections = new ArrayList<>();
    core.forEach((section, keys) -> {
      Path file = dir.resolve(keys.getOrDefault("file", ""));
      if (section.startsWith("dump") && Files.isRegularFile(file)) {
        byte[] bytes = bytes(file);
        int offset = Math.toIntExact(Long.decode(keys.getOrDefault("offset", "0")));
        long length = Math.min(Long.decode(keys.getOrDefault("length", "0x7fffffff")), bytes.length - offset);
        byte[] part = Arrays.copyOfRange(bytes, offset, offset + (int) length);
        sections.add(new Section(section,
            Long.parseUnsignedLong(keys.getOrDefault("address", "").replace("0x", ""), 16), part, Section.Access.TEXT));
      }
    });
    return new Image(sections, List.of());
  }

  private static Map<String, String> section(Map<String, Map<String, String>> ini, String name) {
    return ini.getOrDefault(name, Map.of());
  }

  private static String value(Map<String, Map<String, String>> ini, String section, String key) {
    return section(ini, section).getOrDefault(key, "");
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Sections of an ini file, in order, with their keys.
  private Map<String, Map<String, String>> ini(String name) {
    Map<String, Map<String, String>> result = new LinkedHashMap<>();
    Map<String, String> section = new LinkedHashMap<>();
    for (String line : new String(bytes(dir.resolve(name)), StandardCharsets.ISO_8859_1).lines().map(String::strip)
        .toList()) {
      int equals = line.indexOf('=');
      if (line.startsWith("[")) {
        section = result.computeIfAbsent(line.substring(1, line.indexOf(']')), _ -> new LinkedHashMap<>());
      } else if (equals > 0 && !line.startsWith(";") && !line.startsWith("#")) {
        String key = line.substring(0, equals).strip();
        section.put(section.containsKey(key) ? key + " " + section.size() : key, line.substring(equals + 1).strip());
      }
    }
    return result;
  }
}
