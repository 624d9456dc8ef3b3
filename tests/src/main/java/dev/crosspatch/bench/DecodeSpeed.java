package dev.crosspatch.bench;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.run.RunLogs;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.flow.FlowListener;
import dev.crosspatch.tracer.flow.Problem;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.pt.PtConfig;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Our flow decoder beside libipt's block decoder, both on the trace of one CPU of one scenario, in turns in one run:
/// instructions per microsecond, medians.
///
/// Arguments: scenario file, the `iptflow` oracle program (or `-`: libipt is left out). libipt gets pokes through its
/// memory callback, as it must to be right.
public final class DecodeSpeed {
  private static final int TURNS = 9;
  private static final int WARM_UP = 8;
  private static final int CPU = 1;

  private DecodeSpeed() {}

  /// Counts instructions.
  private static final class Counter implements FlowListener {
    long instructions;
    int problems;

    @Override
    public void instruction(long address) {
      instructions++;
    }

    @Override
    public void diverted(long from, long to) {}

    @Override
    public void gap(long address, Gap reason, long time) {}

    @Override
    public void problem(Problem problem) {
      problems++;
    }
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 2) {
      System.err.println("usage: DecodeSpeed SCENARIO.yaml IPTFLOW|-");
      System.exit(2);
    }
    Scenario scenario = ScenarioReader.read(Path.of(args[0]));
    Map<String, ByteArrayOutputStream> logs = new HashMap<>();
    Run run = new Run(scenario, RunLogs.to(false,
        name -> logs.computeIfAbsent(name, n -> new ByteArrayOutputStream())::write)).execute(r -> {});
    byte[] trace = bytes(logs, RunFiles.trace(CPU, scenario.trace().protocol()));
    PokeLog pokes = PokeLog.read(Files.write(Files.createTempDirectory("decode-speed").resolve("pokes.jsonl"),
        bytes(logs, RunFiles.POKES)));
    TextTimeline text = new TextTimeline(scenario.machine().isa(), run.image(), pokes);
    RunConfig config = RunConfig.of(scenario, run.machine());
    for (int i = 0; i < WARM_UP; i++) {
      ours(config, text, trace);
    }
    double[] ours = new double[TURNS];
    double[] theirs = new double[TURNS];
    List<String> command = args[1].equals("-") ? List.of() : iptflow(args[1], config, run.image(), trace, pokes);
    for (int i = 0; i < TURNS; i++) {
      ours[i] = ours(config, text, trace);
      theirs[i] = command.isEmpty() ? Double.NaN : libipt(command);
    }
    told("ours, instructions per us:              ", ours);
    if (!command.isEmpty()) {
      told("libipt block decoder, same trace:       ", theirs);
      System.out.printf("ours / libipt:                          %.2f%n",
          Spread.of(ours).median() / Spread.of(theirs).median());
    }
  }

  private static void told(String what, double[] figures) {
    Spread spread = Spread.of(figures);
    System.out.printf("%smedian %.1f, %.1f..%.1f%n", what, spread.median(), spread.min(), spread.max());
  }

  private static byte[] bytes(Map<String, ByteArrayOutputStream> logs, String name) {
    return Objects.requireNonNull(logs.get(name), name).toByteArray();
  }

  private static double ours(RunConfig config, TextTimeline text, byte[] trace) {
    Counter counter = new Counter();
    long start = System.nanoTime();
    new FlowDecoder(config.trace(), text, counter)
        .decode(config.trace().reader(TraceSource.of(trace), config.isa().modes()));
    long nanos = System.nanoTime() - start;
    if (counter.problems != 0) {
      throw new IllegalStateException(counter.problems + " problems: this is no trace to measure with");
    }
    return counter.instructions * 1e3 / nanos;
  }

  private static List<String> iptflow(String program, RunConfig config, Image image, byte[] bytes, PokeLog log)
      throws IOException {
    Path dir = Files.createTempDirectory("decode-speed");
    Section section = image.section(".text").orElseThrow();
    Path text = Files.write(dir.resolve("text.bin"), section.bytes());
    Path trace = Files.write(dir.resolve("cpu.pt"), bytes);
    List<String> pokes = log.pokes().stream()
        .map(p -> p.time() + " " + Long.toHexString(p.address()) + " " + HexFormat.of().formatHex(p.after())).toList();
    Path pokeFile = Files.write(dir.resolve("pokes.txt"), pokes);
    PtConfig traced = (PtConfig) config.trace();
    return new ArrayList<>(List.of(
        program, "-b", "-q", "-r", "" + traced.nominalRatio(), "-m", "" + traced.mtcPeriod(), "-x",
        traced.ctcNumerator() + "/" + traced.ctcDenominator(), "-p", pokeFile.toString(), trace.toString(),
        text + "@" + Long.toHexString(section.address())));
  }

  /// Runs it and reads its last line, `# INSTRUCTIONS SECONDS`.
  private static double libipt(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    String[] last = lines.isEmpty() ? new String[0] : lines.getLast().split(" ", -1);
    if (process.waitFor() != 0 || last.length != 3 || !last[0].equals("#")) {
      throw new IllegalStateException("iptflow failed: " + lines);
    }
    return Double.parseDouble(last[1]) / Double.parseDouble(last[2]) / 1e6;
  }
}
