package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.IoReason;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.run.OutputDirectory;
import dev.crosspatch.sim.run.OutputKind;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.tracer.export.TraceExporter;
import dev.crosspatch.tracer.flow.RawTrace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine;

/// Writes a finished run in a form that others read.
@Command(
    name = "export",
    description = {
      "Writes a finished run in a form that others read:",
      "perf (Intel PT): a perf.data directory for 'perf script -i BUNDLE';",
      "coresight (ETM, ETE): a snapshot directory for OpenCSD's trc_pkt_lister;",
      "perfetto: a JSON file for Perfetto's UI and chrome://tracing: what each CPU did and ran, the steps of each "
          + "patch, stale executions, violations, and what the traces cannot tell.",
      "Exit status: 0, 2 bad input."
    },
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
  private static final String PERFETTO = "perfetto";

  @Parameters(index = "0", paramLabel = "FORMAT", description = "perf, coresight or perfetto.")
  private @Nullable String format;

  @Parameters(index = "1", paramLabel = "DIR", description = "Output directory of a run.")
  private @Nullable Path directory;

  @Option(names = {"-o", "--out"}, paramLabel = "OUT", required = true,
      description = "Directory to write, which must not exist or be empty; for perfetto a file, which replaces nothing "
          + "but another such file.")
  private @Nullable Path out;

  @CommandLine.ArgGroup(exclusive = false, heading = "For perfetto only:%n")
  private @Nullable PartOptions part;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    String name = Arguments.present(format, "FORMAT");
    Path target = Arguments.present(out, "--out");
    String written = name.equals(PERFETTO) ? PerfettoFile.write(run(), target, part == null ? new PartOptions() : part)
        : export(exporter(name), target);
    Arguments.present(spec, "command").commandLine().getOut().println("written to " + target + written);
    return 0;
  }

  private RunDirectory run() {
    return RunDirectory.open(Arguments.present(directory, "DIR"));
  }

  private TraceExporter exporter(String name) {
    if (part != null) {
      throw new BadInput("--from-cycle, --to-cycle and --limit are for " + PERFETTO + " only");
    }
    return Plugins.exporter(name, PERFETTO);
  }

  private String export(TraceExporter exporter, Path target) {
    RunDirectory run = run();
    String protocol = run.config().trace().protocol();
    if (!exporter.protocols().contains(protocol)) {
      throw new BadInput(directory + ": its trace protocol is " + protocol + ", but " + format + " holds "
          + String.join(", ", exporter.protocols()));
    }
    if (!exporter.machines().contains(run.config().isa().elfMachine())) {
      throw new BadInput(directory + ": it is a run of " + run.config().isa().name() + ", which nobody reads as "
          + format);
    }
    List<RawTrace> traces = new ArrayList<>();
    for (int cpu = 0; cpu < run.config().cpus(); cpu++) {
      traces.add(run.trace(cpu));
    }
    try (OutputDirectory output = new OutputDirectory(target, OutputKind.EXPORT)) {
      exporter.write(output.work(),
          new TraceExporter.TracedRun(run.config().trace(), run.image(), run.pokes(), traces));
      output.commit();
    } catch (IllegalArgumentException e) {
      throw new BadInput(directory + ": " + e.getMessage());
    } catch (IOException e) {
      throw new BadInput(target + ": cannot be written: " + IoReason.of(e) + "; nothing of it is left");
    }
    return "";
  }
}
