package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.tracer.flow.TraceOptions;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/// What a command line says of how a trace was made: `--option KEY=VALUE`.
final class GivenOptions {
  @Option(names = "--option", paramLabel = "KEY=VALUE",
      converter = {CommandLine.UseDefaultConverter.class, Arguments.WholeNumber.class},
      description =
          "What a decoder has to know of the trace, instead of what the run's summary says under trace_options: a "
              + "register of another trace unit (trcidr2=0x1088), a clock (timer_mhz=25); may be repeated.")
  private final Map<String, Long> given = new LinkedHashMap<>();

  private final Set<String> asked = new LinkedHashSet<>();

  /// What is written, but for what the command line says.
  TraceOptions over(TraceOptions written) {
    return (name, otherwise) -> {
      asked.add(name);
      Long value = given.get(name);
      return value == null ? written.value(name, otherwise) : value;
    };
  }

  /// To be called once all options were asked for: any other is an error.
  ///
  /// @param protocol name, for the message
  void finish(String protocol) {
    for (String name : given.keySet()) {
      if (!asked.contains(name)) {
        throw new BadInput(
            "--option: " + protocol + " has no option '" + name + "'; it has " + String.join(", ", asked));
      }
    }
  }
}
