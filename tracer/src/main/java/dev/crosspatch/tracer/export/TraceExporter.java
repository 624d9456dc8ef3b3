package dev.crosspatch.tracer.export;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.tracer.flow.RawTrace;
import dev.crosspatch.tracer.flow.TraceConfig;
import dev.crosspatch.tracer.text.PokeLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// A form in which other decoders read our traces, as a plug-in found with `ServiceLoader`.
public interface TraceExporter {

  /// Name on the command line, e.g. `perf`.
  String name();

  /// Trace protocols it can write, by [dev.crosspatch.tracer.flow.TraceProtocol#name()].
  Set<String> protocols();

  /// ELF machine numbers of the instruction sets whose text the strangers read that form of.
  Set<Integer> machines();

  /// Writes `run`, whose instruction set is one of [#machines()] and whose protocol is one of [#protocols()], to the
  /// directory `out`, empty or yet to be made.
  ///
  /// @throws IllegalArgumentException saying what of the run does not fit the form
  void write(Path out, TracedRun run) throws IOException;

  /// A traced run, as its files hold it.
  ///
  /// @param config how it was traced
  /// @param image  text before any poke, and symbols
  /// @param pokes  every change of it
  /// @param traces raw trace of each CPU, in the order of CPUs
  record TracedRun(TraceConfig config, Image image, PokeLog pokes, List<RawTrace> traces) {}
}
