package dev.crosspatch.tracer.export;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.tracer.flow.RawTrace;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.flow.TraceWindow;
import dev.crosspatch.tracer.pt.PtConfig;
import dev.crosspatch.tracer.pt.PtPacketReader;
import dev.crosspatch.tracer.pt.PtPacketTable;
import dev.crosspatch.tracer.text.Poke;
import dev.crosspatch.tracer.text.PokeLog;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// An Intel PT trace of kernel text that is patched, as a perf.data directory such as `perf record --kcore` leaves:
/// `perf script -i DIRECTORY` decodes it, on any machine.
///
/// | file | content |
/// |---|---|
/// | `data` | the trace, one TEXT_POKE record per poke, one LOST record per loss of some |
/// | `kcore_dir/kcore` | the text before any poke |
/// | `kcore_dir/kallsyms` | its symbols |
/// | `kcore_dir/modules` | empty |
///
/// Times are ticks of the TSC, which perf prints as nanoseconds. Addresses must be the kernel's: perf applies no pokes
/// to user text.
public final class PerfBundle {
  private PerfBundle() {}

  /// The symbol to which kernel and symbol file are lined up.
  private static final String REFERENCE = "_text";
  private static final int THREAD = 1;
  /// ELF machine number of the only ISA with Intel PT.
  private static final int X86_64 = 62;
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_READS =
      PosixFilePermissions.asFileAttribute(Set.of(PosixFilePermission.OWNER_READ));

  /// What goes into a bundle.
  ///
  /// @param image    text before any poke, and symbols, `_text` among them
  /// @param pokes    every change of it; times in TSC ticks
  /// @param traces   raw trace of each CPU, in the order of CPUs; empty for one that was not traced
  /// @param config   how it was traced
  public record Input(Image image, PokeLog pokes, List<RawTrace> traces, PtConfig config) {}

  /// Writes a bundle.
  ///
  /// @param out a directory, empty or yet to be made
  /// @throws IllegalArgumentException if the image has no `_text`, or not in a text section, or a poke does not fit a
  ///     record
  /// @throws IOException              if a file cannot be written, or is there already
  public static void write(Path out, Input input) throws IOException {
    PerfRecords records = records(input);
    Path kcore = Files.createDirectories(out.resolve("kcore_dir"));
    PerfDataFile.write(out.resolve("data"), PerfAttr.bytes(input.config()), records);
    for (Map.Entry<String, byte[]> file : KernelFiles.of(input.image(), X86_64).entrySet()) {
      write(kcore.resolve(file.getKey()), file.getValue());
    }
  }

  private static void write(Path file, byte[] content) throws IOException {
    var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (OutputStream stream = Channels.newOutputStream(Files.newByteChannel(file, options, OWNER_READS))) {
      stream.write(content);
    }
  }

  private static PerfRecords records(Input input) {
    PerfRecords records = new PerfRecords(PerfDataFile.ID);
    records.auxtraceInfo(AuxtraceInfo.entries(input.config()));
    kernel(records, input.image());
    records.comm(THREAD, "guest", 0);
    for (int cpu = 0; cpu < input.traces().size(); cpu++) {
      traced(records, cpu, input.traces().get(cpu));
    }
    for (Poke poke : input.pokes().pokes()) {
      poked(records, input.image(), poke);
    }
    input.pokes().losses().forEach(records::lost);
    records.finishedRound();
    return records;
  }

  /// The map covers only the section of the reference; perf adds the others from the kcore file, and would not where
  /// the map covered them.
  private static void kernel(PerfRecords records, Image image) {
    long start = image.address(REFERENCE);
    Section section = KernelFiles.text(image).stream().filter(s -> s.contains(start)).findFirst().orElseThrow(
        () -> new IllegalArgumentException("no text section of the image holds " + REFERENCE + " ("
            + Long.toHexString(start) + ")"));
    records.kernel(start, section.end() - start);
  }

  private static void traced(PerfRecords records, int cpu, RawTrace trace) {
    if (trace.size() > 0) {
      long start = firstTsc(trace);
      records.traceStart(THREAD, cpu, start);
      records.aux(THREAD, cpu, trace.size(), start);
      records.auxtrace(cpu, trace, start);
    }
  }

  /// The first TSC the trace tells, 1 if it tells none: 0 has a meaning of its own.
  private static long firstTsc(RawTrace trace) {
    try (TraceSource source = trace.open()) {
      PtPacketReader reader = new PtPacketReader(new TraceWindow(source));
      for (boolean found = reader.sync(); found; found = reader.sync()) {
        for (int kind = reader.next(); kind >= 0; kind = reader.next()) {
          if (kind == PtPacketTable.TSC) {
            return Math.max(1, reader.payload());
          }
        }
      }
      return 1;
    }
  }

  private static void poked(PerfRecords records, Image image, Poke poke) {
    boolean inImage = KernelFiles.text(image).stream().anyMatch(section -> section.contains(poke.address()));
    if (!inImage && poke.before().length == 0) {
      records.outOfLine(poke, true);
    }
    records.textPoke(poke);
    if (!inImage && poke.after().length == 0) {
      records.outOfLine(poke, false);
    }
  }
}
