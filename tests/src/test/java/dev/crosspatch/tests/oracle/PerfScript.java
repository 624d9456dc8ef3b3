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
///
/// Its instructions come through a filter of ours (`perfflow.c`), which perf calls for each: perf's own lines take
/// twice the time, ours to read them not counted. That both tell the same is a test.
final class PerfScript {
  private static final Pattern INSTRUCTION = Pattern.compile("\\[(\\d+)]\\s+([0-9a-f]+)");
  private static final Pattern ERROR =
      Pattern.compile("instruction trace error .* cpu (\\d+) .* ip (?:0x)?([0-9a-f]+) code \\d+: (.*)");
  private static final Pattern LOST = Pattern.compile("\\b(\\d+)\\.(\\d{9}): PERF_RECORD_LOST lost (\\d+)");
  private static final String OVERFLOW = "Overflow packet";

  private PerfScript() {}

  /// Skips the calling test if there is no perf, or no compiler for the filter.
  static void require() {
    Oracles.require("perf", "linux-perf");
    filter();
  }

  private static Path filter() {
    return Oracles.compile("perfflow", "perf/perf_dlfilter.h", "linux-perf", "-shared", "-fPIC");
  }

  /// Exports `input` to `bundle`, decodes it with perf and tells `cpus` the flow of each CPU.
  static void decode(Path bundle, PerfBundle.Input input, IntFunction<FlowListener> cpus) throws IOException {
    PerfBundle.write(bundle, input);
    List<String> command = new ArrayList<>(command(bundle));
    command.addAll(List.of("--dlfilter", filter().toAbsolutePath().toString()));
    Oracles.stream(command, new Rows(cpus));
  }

  /// The same of a data file alone, with text and symbols from the directory `image` of a run.
  static void decode(Path data, Path image, IntFunction<FlowListener> cpus) throws IOException {
    List<String> command = new ArrayList<>(command(data));
    command.addAll(List.of("--kallsyms=" + image.resolve("kallsyms"), "--dlfilter",
        filter().toAbsolutePath().toString()));
    Oracles.stream(command, new Rows(cpus));
  }

  /// As perf itself prints it: a bundle that exists, as lines.
  static void print(Path bundle, IntFunction<FlowListener> cpus) {
    Rows rows = new Rows(cpus);
    Oracles.run(command(bundle)).forEach(rows::line);
  }

  /// The losses that perf finds in a bundle: `TIME lost COUNT`, with the time in ticks.
  static List<String> lost(Path bundle) {
    List<String> command = List.of(Oracles.require("perf", "linux-perf").toString(), "script", "-f", "-i",
        bundle.toString(), "--itrace=e", "--ns", "--show-lost-events", "-F", "cpu,time,ip");
    return Oracles.run(command).stream().map(LOST::matcher).filter(Matcher::find)
        .map(m -> Long.parseLong(m.group(1)) * 1_000_000_000 + Long.parseLong(m.group(2)) + " lost " + m.group(3))
        .toList();
  }

  private static List<String> command(Path bundle) {
    // -f: the files may belong to another user than the one who runs perf.
    return List.of(
        Oracles.require("perf", "linux-perf").toString(), "script", "-f", "-i", bundle.toString(), "--itrace=i1ie",
        "--ns", "-F", "cpu,ip");
  }

  /// Rows of the filter, and lines of perf.
  private static final class Rows implements FlowStream.Listener {
    private static final String CPU = "@ ";

    private final IntFunction<FlowListener> cpus;
    private FlowListener present;

    Rows(IntFunction<FlowListener> cpus) {
      this.cpus = cpus;
      present = cpus.apply(0);
    }

    @Override
    public void instruction(long address) {
      present.instruction(address);
    }

    @Override
    public void line(String text) {
      Matcher instruction = INSTRUCTION.matcher(text.strip());
      Matcher error = ERROR.matcher(text);
      if (text.startsWith(CPU)) {
        present = cpus.apply(Integer.parseInt(text.substring(CPU.length())));
      } else if (instruction.matches()) {
        cpus.apply(Integer.parseInt(instruction.group(1)))
            .instruction(Long.parseUnsignedLong(instruction.group(2), 16));
      } else if (error.find()) {
        error(cpus.apply(Integer.parseInt(error.group(1))), Long.parseUnsignedLong(error.group(2), 16), error.group(3));
      } else if (!text.isBlank()) {
        throw new AssertionError("perf script says: " + text);
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
}
