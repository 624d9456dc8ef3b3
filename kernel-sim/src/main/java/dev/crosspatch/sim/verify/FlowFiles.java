package dev.crosspatch.sim.verify;

import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.run.Truth;
import dev.crosspatch.sim.truth.TruthReader;
import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.flow.FlowListener;
import dev.crosspatch.tracer.flow.Problem;
import dev.crosspatch.tracer.flow.TraceConfig;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.text.TextTimeline;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/// The flow files of a run: `truth/cpuN.flow` and `decoded/cpuN.flow`. A line per retired instruction, its address in
/// hex; a trap, interrupt or other diversion as `! exception from to`: Intel PT does not tell which, and both files say
/// no more than it, so that they are equal, byte by byte, when the decode is right and the trace has no gap.
public final class FlowFiles {
  private FlowFiles() {}

  /// Writes both files for every CPU, that of the truth if it was kept; `open` makes a file of that name.
  public static void write(RunDirectory run, Function<String, OutputStream> open) {
    TextTimeline text = new TextTimeline(run.config().isa(), run.image(), run.pokes());
    for (int cpu = 0; cpu < run.config().cpus(); cpu++) {
      try {
        if (run.kept() == Truth.WHOLE) {
          truth(run, cpu, writer(open.apply(RunFiles.flow("truth", cpu))));
        }
        try (FlowPrinter printer = new FlowPrinter(writer(open.apply(RunFiles.flow("decoded", cpu))))) {
          decode(run, text, cpu, printer);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static BufferedWriter writer(OutputStream out) {
    return new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
  }

  private static void truth(RunDirectory run, int cpu, BufferedWriter out) throws IOException {
    try (out; TruthReader truth = run.truth(cpu)) {
      while (truth.next()) {
        out.write(truth.isInstruction()
            ? Long.toHexString(truth.address())
            : diversion(truth.address(), truth.target()));
        out.newLine();
      }
    }
  }

  private static String diversion(long from, long to) {
    return "! exception " + Long.toHexString(from) + " " + Long.toHexString(to);
  }

  /// Decodes a CPU's trace to `out`.
  public static void decode(RunDirectory run, TextTimeline text, int cpu, FlowListener out) {
    TraceConfig config = run.config().trace();
    try (TraceSource trace = run.trace(cpu).open()) {
      new FlowDecoder(config, text, out).decode(config.reader(trace, run.config().isa().modes()));
    }
  }

  /// Prints a decoded flow.
  public static final class FlowPrinter implements FlowListener, AutoCloseable {
    private final Appendable out;

    public FlowPrinter(Appendable out) {
      this.out = out;
    }

    private void line(String text) {
      try {
        out.append(text).append('\n');
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void instruction(long address) {
      line(Long.toHexString(address));
    }

    @Override
    public void diverted(long from, long to) {
      line(diversion(from, to));
    }

    @Override
    public void gap(long address, Gap reason, long time) {
      if (reason != Gap.BEGIN) {
        line("# gap " + reason + " " + Long.toHexString(address));
      }
    }

    @Override
    public void problem(Problem problem) {
      line("# " + problem.kind() + " " + Long.toHexString(problem.address()) + " " + problem.detail());
    }

    @Override
    public void close() throws IOException {
      if (out instanceof BufferedWriter writer) {
        writer.close();
      }
    }
  }
}
