package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Inputs;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.TraceFile;
import dev.crosspatch.tracer.flow.RawTrace;
import dev.crosspatch.tracer.flow.TraceConfig;
import dev.crosspatch.tracer.flow.TraceOptions;
import dev.crosspatch.tracer.flow.TraceProtocol;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine;

/// Lists the packets of a raw trace.
@Command(
    name = "packets",
    description = {
        "Lists the packets of a raw trace file: offset, bytes, packet. Behind a bad byte it goes on at the next "
            + "synchronization packet and says what it skipped.",
        "Exit status: 0 all bytes are packets (the last may be cut off), 1 some are not, 2 bad input."},
    mixinStandardHelpOptions = true)
final class PacketsCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "Raw trace, e.g. trace/cpu0.pt.")
  private @Nullable Path file;

  @Option(names = "--protocol", paramLabel = "NAME", description = "pt, etm or ete (default: what the run's "
          + "summary says, or by the file's suffix).")
  private @Nullable String protocol;

  @CommandLine.Mixin private final GivenOptions options = new GivenOptions();

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Path path = Arguments.present(file, "FILE");
    Optional<RunDirectory.Traced> run = RunDirectory.traced(path);
    String name = protocol != null ? protocol : run.map(RunDirectory.Traced::protocol).orElseGet(() -> bySuffix(path));
    TraceProtocol found = Plugins.protocol(name);
    RawTrace trace = TraceFile.of(path, Inputs.MOST_BINARY);
    TraceOptions written = run.filter(r -> r.protocol().equals(name)).map(RunDirectory.Traced::options)
        .orElse((option, otherwise) -> otherwise);
    TraceConfig config;
    try {
      config = found.configure(options.over(written));
    } catch (IllegalArgumentException e) {
      throw new BadInput("--option: " + e.getMessage());
    }
    options.finish(name);
    return list(trace, config);
  }

  private static String bySuffix(Path path) {
    String name = String.valueOf(path.getFileName());
    if (name.endsWith(".pt") || name.endsWith(".etm")) {
      return name.substring(name.lastIndexOf('.') + 1);
    }
    throw new BadInput(path + ": its suffix is neither .pt nor .etm; name the protocol with --protocol");
  }

  private int list(RawTrace trace, TraceConfig config) throws IOException {
    PrintWriter out = Arguments.present(spec, "command").commandLine().getOut();
    int bad = config.list(trace, out);
    out.flush();
    return bad == 0 ? 0 : 1;
  }
}
