package dev.crosspatch.tests.oracle;

import dev.crosspatch.tracer.export.PerfBundle;
import dev.crosspatch.tracer.flow.FlowListener;
import dev.crosspatch.tracer.flow.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `perf script` decodes from a bundle: every instruction, and every error it admits. It lists no diversions.
final class PerfScript {
  private PerfScript() {}

  private static final Pattern INSTRUCTION = Pattern.compile("\\[(\\d+)]\\s+([0-9a-f]+)");
  private static final Pattern ERROR = Pattern.compile("instruction trace error .* cpu (\\d+) .* ip (?:0x)?([0-9a-f]+) code \\d+: (.*)");
  private static final String OVERFLOW = "Overflow packet";

  /// Skips the calling test if there is no perf.
  static void require() {
    Oracles.require("perf", "linux-perf");
  }

  /// Exports `input` to `bundle`, decodes it with perf and tells `cpus` the flow of each CPU.
  static void decode(Path bundle, PerfBundle.Input input, IntFunction<FlowListener> cpus) throws IOException {
    PerfBundle.write(bundle, input);
    script(bundle, List.of(), cpus);
  }

  /// The same of a data file alone, with text and symbols from the directory `image` of a run.
  static void decode(Path data, Path image, IntFunction<FlowListener> cpus) throws IOException {
    script(data, List.of("--kallsyms=" + image.resolve("kallsyms")), cpus);
  }

  private static void script(Path input, List<String> options, IntFunction<FlowListener> cpus) throws IOException {
    Path perf = Oracles.require("perf", "linux-perf");
    // -f: the files may belong to another user than the one who runs perf.
    List<String> command = new ArrayList<>(List.of(perf.toString(), "script", "-f", "-i", input.toString(), "--itrace=i1ie", "--ns", "-F", "cpu,ip"));
    command.addAll(options);
    Oracles.run(command, line -> tell(line, cpus));
  }

  private static void tell(String line, IntFunction<FlowListener> cpus) {
    Matcher instruction = INSTRUCTION.matcher(line.strip());
    Matcher error = ERROR.matcher(line);
    if (instruction.matches()) {
      cpus.apply(Integer.parseInt(instruction.group(1))).instruction(Long.parseUnsignedLong(instruction.group(2), 16));
    } else if (error.find()) {
      error(cpus.apply(Integer.parseInt(error.group(1))), Long.parseUnsignedLong(error.group(2), 16), error.group(3));
    } else if (!line.isBlank()) {
      throw new AssertionError("perf script says: " + line);
    }
  }

  private static void error(FlowListener cpu, long address, String message) {
    if (message.startsWith(OVERFLOW)) {
      cpu.gap(address, FlowListener.Gap.OVERFLOW, Long.MIN_VALUE);
    } else {
      cpu.problem(new Problem(Problem.Kind.MISMATCH, address, Long.MIN_VALUE, Long.MAX_VALUE, -1, message));
    }
  }
}
