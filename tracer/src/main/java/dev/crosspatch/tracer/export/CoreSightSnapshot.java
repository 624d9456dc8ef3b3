package dev.crosspatch.tracer.export;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.tracer.etm.EtmRegisters;
import dev.crosspatch.tracer.etm.Frames;
import dev.crosspatch.tracer.flow.RawTrace;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// ETMv4 or ETE traces with the text they ran in, as a CoreSight snapshot directory: `trc_pkt_lister -ss_dir DIRECTORY
/// -decode` of OpenCSD decodes it.
///
/// | file | content |
/// |---|---|
/// | `snapshot.ini` | list of the devices |
/// | `cpu_N.ini` | a core and the dumps of its memory |
/// | `etm_N.ini` | its trace unit and the registers a decoder needs |
/// | `trace.ini` | which buffer holds which trace |
/// | `trace_N.bin`, `trace.bin` | raw trace of each core; or all of them in 16-byte frames |
/// | `text_N.bin` | text before any poke |
///
/// The form knows neither pokes nor time: decoders follow the initial text, whatever ran. Of raw buffers
/// `trc_pkt_lister` decodes the first, or the one that `-src_name BUF_N` names. Source: what OpenCSD 1.3.3 reads.
public final class CoreSightSnapshot {
  private CoreSightSnapshot() {}

  /// How trace lies in memory.
  public enum Form {
    /// A buffer for each source, nothing but its bytes, as the Trace Buffer Extension writes it.
    RAW,
    /// One buffer for all sources in 16-byte frames, as a CoreSight trace memory controller writes it.
    FRAMED
  }

  /// The trace of one core.
  ///
  /// @param trace     raw bytes
  /// @param registers of its trace unit; trace IDs must differ
  public record Source(RawTrace trace, EtmRegisters registers) {}

  /// What goes into a snapshot.
  ///
  /// @param image   text before any poke
  /// @param sources trace of each core, in the order of cores
  public record Input(Image image, List<Source> sources, Form form) {}

  /// Writes a snapshot.
  ///
  /// @param out a directory, empty or yet to be made
  /// @throws IOException if a file cannot be written, or is there already
  public static void write(Path out, Input input) throws IOException {
    Files.createDirectories(out);
    text(out, "snapshot.ini", snapshot(input.sources().size()));
    List<Section> sections = input.image().sections().stream()
        .filter(s -> s.access() == Section.Access.TEXT && s.bytes().length > 0).toList();
    for (int i = 0; i < sections.size(); i++) {
      bytes(out, textFile(i), sections.get(i).bytes());
    }
    for (int cpu = 0; cpu < input.sources().size(); cpu++) {
      text(out, "cpu_" + cpu + ".ini", core(cpu, sections));
      text(out, "etm_" + cpu + ".ini", traceUnit(cpu, input.sources().get(cpu).registers()));
    }
    switch (input.form()) {
      case RAW -> raw(out, input.sources());
      case FRAMED -> framed(out, input.sources());
    }
  }

  private static OutputStream file(Path out, String name) throws IOException {
    return new BufferedOutputStream(Files.newOutputStream(out.resolve(name), StandardOpenOption.CREATE_NEW,
        StandardOpenOption.WRITE));
  }

  private static void bytes(Path out, String name, byte[] content) throws IOException {
    Files.write(out.resolve(name), content, StandardOpenOption.CREATE_NEW);
  }

  private static void text(Path out, String name, String content) throws IOException {
    bytes(out, name, content.getBytes(StandardCharsets.UTF_8));
  }

  private static String textFile(int section) {
    return "text_" + section + ".bin";
  }

  // ---- devices

  private static String snapshot(int cores) {
    StringBuilder ini = new StringBuilder("[snapshot]\nversion=1.0\n\n[device_list]\n");
    for (int cpu = 0; cpu < cores; cpu++) {
      ini.append("device%d=cpu_%d.ini\ndevice%d=etm_%d.ini\n".formatted(2 * cpu, cpu, 2 * cpu + 1, cpu));
    }
    return ini.append("\n[trace]\nmetadata=trace.ini\n").toString();
  }

  private static String device(String name, String kind, String type) {
    return "[device]\nname=" + name + "\nclass=" + kind + "\ntype=" + type + "\n\n[regs]\n";
  }

  private static String core(int cpu, List<Section> sections) {
    StringBuilder ini = new StringBuilder(device("cpu_" + cpu, "core", "ARM-AA64"));
    for (int i = 0; i < sections.size(); i++) {
      Section section = sections.get(i);
      ini.append("\n[dump%d]\nfile=%s\naddress=0x%x\nlength=0x%x\n".formatted(i + 1, textFile(i), section.address(),
          section.bytes().length));
    }
    return ini.toString();
  }

  private static String traceUnit(int cpu, EtmRegisters c) {
    String type = c.ete() ? "ETE" : "ETM4." + (c.version() & 15);
    StringBuilder ini = new StringBuilder(device("ETM_" + cpu, "trace_source", type));
    register(ini, "TRCCONFIGR", c.configr());
    register(ini, "TRCTRACEIDR", c.traceidr());
    register(ini, "TRCIDR0", c.idr0());
    register(ini, "TRCIDR1", c.idr1());
    register(ini, "TRCIDR2", c.idr2());
    register(ini, "TRCIDR8", c.idr8());
    if (c.ete()) {
      register(ini, "TRCDEVARCH", c.devarch());
    }
    return ini.toString();
  }

  private static void register(StringBuilder ini, String name, int value) {
    ini.append("%s=0x%08x\n".formatted(name, value));
  }

  // ---- buffers

  private static void raw(Path out, List<Source> sources) throws IOException {
    StringBuilder ini = new StringBuilder("[trace_buffers]\nbuffers=" + list(sources.size(), "buffer%d", ",") + "\n");
    for (int cpu = 0; cpu < sources.size(); cpu++) {
      ini.append("\n[buffer%d]\nname=BUF_%d\nfile=trace_%d.bin\nformat=source_data\n".formatted(cpu, cpu, cpu));
      try (OutputStream file = file(out, "trace_" + cpu + ".bin")) {
        sources.get(cpu).trace().copyTo(file);
      }
    }
    text(out, "trace.ini", ini + links(list(sources.size(), "ETM_%d=BUF_%d", "\n"), sources.size()));
  }

  private static void framed(Path out, List<Source> sources) throws IOException {
    List<Frames.Stream> streams =
        sources.stream().map(source -> new Frames.Stream(source.registers().traceId(), source.trace())).toList();
    try (OutputStream file = file(out, "trace.bin")) {
      Frames.write(streams, file);
    }
    String ini = "[trace_buffers]\nbuffers=buffer0\n\n[buffer0]\nname=BUF_0\nfile=trace.bin\nformat=coresight\n";
    text(out, "trace.ini", ini + links(list(sources.size(), "ETM_%d=BUF_0", "\n"), sources.size()));
  }

  private static String links(String buffers, int cores) {
    return "\n[source_buffers]\n" + buffers + "\n\n[core_trace_sources]\n" + list(cores, "cpu_%d=ETM_%d", "\n") + "\n";
  }

  private static String list(int count, String form, String separator) {
    return IntStream.range(0, count).mapToObj(i -> form.formatted(i, i)).collect(Collectors.joining(separator));
  }
}
