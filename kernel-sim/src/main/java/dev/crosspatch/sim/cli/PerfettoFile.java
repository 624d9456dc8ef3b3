package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.IoReason;
import dev.crosspatch.sim.WholeFile;
import dev.crosspatch.sim.perfetto.Cycles;
import dev.crosspatch.sim.perfetto.PerfettoExport;
import dev.crosspatch.sim.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Path;

/// The file of `export perfetto`.
final class PerfettoFile {
  private PerfettoFile() {}

  /// Writes it, and says for people what is in it.
  ///
  /// @throws BadInput if it cannot be written, or something else stands there
  static String write(RunDirectory run, Path file, PartOptions options) {
    Cycles part = options.cycles();
    long limit = options.limit();
    check(run, file);
    PerfettoExport export = new PerfettoExport(run);
    PerfettoExport.Written[] written = new PerfettoExport.Written[1];
    WholeFile.write(file, out -> written[0] = export.to(out, part, limit));
    return said(written[0], limit);
  }

  private static void check(RunDirectory run, Path file) {
    OwnFile own = new OwnFile("--out", file, PerfettoExport.BEGINS, "export for Perfetto");
    try {
      own.checkOutside(run.path());
      own.check();
    } catch (IOException e) {
      throw new BadInput(IoReason.of(e));
    }
  }

  private static String said(PerfettoExport.Written written, long limit) {
    Cycles part = written.part();
    String events = String.format(": %,d events", written.events());
    return written.cut() ? events + String.format(", cycles %,d to %,d only: more would be over --limit %,d; "
        + "--from-cycle and --to-cycle choose another part", part.from(), part.to(), limit) : events;
  }
}
