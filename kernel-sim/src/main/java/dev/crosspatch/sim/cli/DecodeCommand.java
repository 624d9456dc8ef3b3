package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.verify.FlowFiles;
import dev.crosspatch.tracer.text.TextTimeline;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Prints the decoded flow of one CPU.
@Command(
    name = "decode",
    description = "Prints the flow decoded from a finished directory: a line per instruction, '! exception FROM TO' per diversion, '# ...' per gap or problem.",
    mixinStandardHelpOptions = true)
final class DecodeCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "Output directory of a run.")
  private @Nullable Path directory;

  @Option(names = "--cpu", paramLabel = "N", description = "Which CPU (default: 0).")
  private int cpu;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    RunDirectory run = RunDirectory.open(Arguments.present(directory, "DIR"));
    if (cpu < 0 || cpu >= run.config().cpus()) {
      throw new BadInput("--cpu: " + cpu + " is not within 0.." + (run.config().cpus() - 1));
    }
    PrintWriter out = Arguments.present(spec, "command").commandLine().getOut();
    FlowFiles.decode(run, new TextTimeline(run.config().isa(), run.image(), run.pokes()), cpu, new FlowFiles.FlowPrinter(out));
    out.flush();
    return 0;
  }
}
