package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Listing;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.verify.FlowFiles;
import dev.crosspatch.sim.verify.FlowListing;
import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.flow.FlowFilter;
import dev.crosspatch.tracer.flow.FlowListener;
import dev.crosspatch.tracer.flow.Problem;
import dev.crosspatch.tracer.flow.TraceConfig;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.text.TextTimeline;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine;

/// Prints the decoded flow of one CPU.
@Command(
    name = "decode",
    description = {
        "Prints the flow decoded from a finished directory: a line per instruction with the earliest time it can have "
            + "run at (ticks of the trace clock), address, symbol"
            + " and text; '! exception FROM TO' per diversion, '# ...' per gap or problem.",
        "Exit status: 0 all of the trace could be decoded, 1 there was a problem, 2 bad input."},
    mixinStandardHelpOptions = true)
final class DecodeCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "Output directory of a run.")
  private @Nullable Path directory;

  @Option(names = "--cpu", paramLabel = "N", description = "Which CPU (default: 0).")
  private int cpu;

  @Option(names = "--plain", description = "Addresses only, as in the run's .flow files.")
  private boolean plain;

  @CommandLine.Mixin private final GivenOptions options = new GivenOptions();

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  /// Passes a flow on, and remembers whether there was a problem.
  private static final class Watch extends FlowFilter {
    private boolean problem;

    Watch(FlowListener out) {
      super(out);
    }

    @Override
    public void problem(Problem found) {
      problem = true;
      super.problem(found);
    }
  }

  @Override
  public Integer call() {
    RunDirectory run = RunDirectory.open(Arguments.present(directory, "DIR"), options::over);
    options.finish(run.config().trace().protocol());
    if (cpu < 0 || cpu >= run.config().cpus()) {
      throw new BadInput("--cpu: " + cpu + " is not within 0.." + (run.config().cpus() - 1));
    }
    PrintWriter out = Arguments.present(spec, "command").commandLine().getOut();
    TextTimeline text = new TextTimeline(run.config().isa(), run.image(), run.pokes());
    FlowListing listing = plain ? null : new FlowListing(out, text, run.image(), new Listing(run.config().isa()));
    Watch watch = new Watch(listing == null ? new FlowFiles.FlowPrinter(out) : listing);
    try {
      text.conflicts().forEach(conflict -> watch.problem(Problem.of(conflict)));
      decode(run, text, watch, listing);
      out.flush();
    } catch (StandardOutput.Closed e) {
      return watch.problem ? 1 : 0; // as far as anybody wanted to know
    }
    return watch.problem ? 1 : 0;
  }

  private void decode(RunDirectory run, TextTimeline text, Watch watch, @Nullable FlowListing listing) {
    TraceConfig config = run.config().trace();
    FlowDecoder decoder = new FlowDecoder(config, text, watch);
    if (listing != null) {
      listing.listenTo(decoder);
    }
    try (TraceSource trace = run.trace(cpu).open()) {
      decoder.decode(config.reader(trace, run.config().isa().modes()));
    }
  }
}
