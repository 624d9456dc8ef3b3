package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Inputs;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.tracer.flow.TraceProtocol;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
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

  @Option(names = "--protocol", paramLabel = "NAME", description = "pt, etm or ete (default: by the file's suffix).")
  private @Nullable String protocol;

  @Option(names = "--option", paramLabel = "KEY=VALUE",
      converter = {CommandLine.UseDefaultConverter.class, Arguments.WholeNumber.class},
      description =
          "Trace option, as in a scenario's trace section, or a register of another trace unit (trcidr2=0x1088); may "
              + "be repeated.")
  private final Map<String, Long> given = new LinkedHashMap<>();

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Path path = Arguments.present(file, "FILE");
    TraceProtocol found = Plugins.protocol(protocol == null ? bySuffix(path) : protocol);
    Map<String, Long> options = new LinkedHashMap<>(found.options());
    options.putAll(found.readerOptions());
    for (Map.Entry<String, Long> option : given.entrySet()) {
      if (options.replace(option.getKey(), option.getValue()) == null) {
        throw new BadInput("--option: " + found.name() + " has no option '" + option.getKey() + "'; it has "
            + String.join(", ", options.keySet()));
      }
    }
    return list(path, found, options);
  }

  private static String bySuffix(Path path) {
    String name = String.valueOf(path.getFileName());
    if (name.endsWith(".pt") || name.endsWith(".etm")) {
      return name.substring(name.lastIndexOf('.') + 1);
    }
    throw new BadInput(path + ": its suffix is neither .pt nor .etm; name the protocol with --protocol");
  }

  private int list(Path path, TraceProtocol found, Map<String, Long> options) throws IOException {
    byte[] trace = Inputs.bytes(path, Inputs.MOST_BINARY);
    PrintWriter out = Arguments.present(spec, "command").commandLine().getOut();
    try {
      int bad = found.list(trace, options, out);
      out.flush();
      return bad == 0 ? 0 : 1;
    } catch (IllegalArgumentException e) {
      throw new BadInput("--option: " + e.getMessage());
    }
  }

}
