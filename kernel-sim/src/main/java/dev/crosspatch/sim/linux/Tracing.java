package dev.crosspatch.sim.linux;

import dev.crosspatch.core.code.Elf64;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.time.ClockRatio;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.run.FileSums;
import dev.crosspatch.sim.run.OutputDirectory;
import dev.crosspatch.sim.run.OutputKind;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.truth.TruthLog;
import dev.crosspatch.sim.truth.TruthReader;
import dev.crosspatch.sim.verify.FlowFiles;
import dev.crosspatch.tracer.flow.ByteSink;
import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.flow.FlowListener;
import dev.crosspatch.tracer.flow.Problem;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import dev.crosspatch.tracer.unit.TraceSetup;
import dev.crosspatch.tracer.unit.TraceUnit;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A program under trace: every CPU's user mode, and nothing else, as its hardware would write it; and the judgement
/// whether the trace tells what ran.
public final class Tracing implements AutoCloseable {
  private static final String USER_ONLY = "user_only";

  private final OutputDirectory out;
  private final Machine machine;
  private final Isa isa;
  private final Image text;
  private final TraceSetup setup;
  private final List<TraceUnit> units = new ArrayList<>();
  private final List<UserRows> rows = new ArrayList<>();
  private final List<OutputStream> streams = new ArrayList<>();

  /// Attaches trace units to a program that has not run.
  ///
  /// @param target   directory for the traces, which is replaced if it holds an earlier output
  /// @param protocol of [Isa#tracedBy()]
  public Tracing(Path target, Execution execution, String protocol) {
    machine = execution.machine();
    isa = machine.config().isa();
    text = execution.text();
    if (!isa.tracedBy().contains(protocol)) {
      throw new BadInput("--trace-protocol: " + Plugins.cannotTrace(isa, protocol));
    }
    ClockRatio clocks = machine.timing().table().clocks();
    setup = Plugins.traceUnits(protocol).configure((name, otherwise) -> switch (name) {
      case "frequency_mhz" -> clocks.coreMhz();
      case "timer_mhz" -> clocks.timerMhz();
      case USER_ONLY -> 1;
      default -> otherwise;
    });
    out = new OutputDirectory(target, OutputKind.RUN);
    for (int cpu = 0; cpu < machine.cpus(); cpu++) {
      UserRows user = new UserRows(execution.userPrivilege(), new TruthLog(open(RunFiles.truth(cpu))));
      TraceUnit unit = setup.unit(cpu, open(RunFiles.trace(cpu, protocol)));
      rows.add(user);
      units.add(unit);
      machine.attach(cpu, user);
      machine.attach(cpu, unit);
    }
  }

  private ByteSink open(String name) {
    OutputStream stream = out.stream(name);
    streams.add(stream);
    return (bytes, from, length) -> {
      try {
        stream.write(bytes, from, length);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  /// What a CPU's trace is worth.
  ///
  /// @param executed   instructions in user mode
  /// @param decoded    that the trace tells
  /// @param bytes      of trace
  /// @param difference the first place where the two part, or the first problem, for people; empty if there is none
  public record Judgement(int cpu, long executed, long decoded, long bytes, String difference) {
    /// Whether the trace tells every instruction.
    public boolean exact() {
      return difference.isEmpty() && executed == decoded;
    }
  }

  /// Decodes the traces of a program that has ended from their files, and compares them with what ran, instruction by
  /// instruction.
  ///
  /// @param flow    whether flow files are written, too
  /// @param version of the program
  public List<Judgement> judge(boolean flow, String version) {
    try {
      for (OutputStream stream : streams) {
        stream.close();
      }
      TextTimeline timeline = new TextTimeline(isa, text, new PokeLog());
      List<Judgement> judgements = new ArrayList<>();
      for (int cpu = 0; cpu < machine.cpus(); cpu++) {
        judgements.add(judge(cpu, timeline));
        if (flow) {
          flow(cpu, timeline);
        }
      }
      finish(judgements, version);
      return judgements;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private TruthReader truth(int cpu) throws IOException {
    return TruthReader.open(out.work().resolve(RunFiles.truth(cpu))).asTraced(isa.alignment());
  }

  private Judgement judge(int cpu, TextTimeline timeline) throws IOException {
    try (TruthReader truth = truth(cpu)) {
      StrictComparison comparison = new StrictComparison(truth);
      decode(cpu, timeline, comparison);
      return new Judgement(cpu, rows.get(cpu).count(), comparison.decoded(), units.get(cpu).size(),
          comparison.finish());
    }
  }

  private void decode(int cpu, TextTimeline timeline, FlowListener listener) throws IOException {
    try (InputStream file = Files.newInputStream(out.work().resolve(RunFiles.trace(cpu, setup.config().protocol())))) {
      TraceSource source = (to, from, length) -> {
        try {
          return file.read(to, from, length);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      };
      new FlowDecoder(setup.config(), timeline, listener).decode(setup.config().reader(source, isa.modes()));
    }
  }

  private void flow(int cpu, TextTimeline timeline) throws IOException {
    try (BufferedWriter writer = writer(RunFiles.flow("truth", cpu));
        TruthReader truth = truth(cpu)) {
      while (truth.next()) {
        writer.write(Long.toHexString(truth.address()));
        writer.newLine();
      }
    }
    try (FlowFiles.FlowPrinter printer = new FlowFiles.FlowPrinter(writer(RunFiles.flow("decoded", cpu)))) {
      decode(cpu, timeline, withoutKernel(printer));
    }
  }

  /// That tracing is off in the kernel is not worth a line: both files are equal.
  private static FlowListener withoutKernel(FlowListener to) {
    return new FlowListener() {
      @Override
      public void instruction(long address) {
        to.instruction(address);
      }

      @Override
      public void diverted(long from, long target) {
        to.diverted(from, target);
      }

      @Override
      public void gap(long address, Gap reason, long time) {
        if (reason != Gap.OFF) {
          to.gap(address, reason, time);
        }
      }

      @Override
      public void problem(Problem problem) {
        to.problem(problem);
      }
    };
  }

  private BufferedWriter writer(String name) {
    return new BufferedWriter(new OutputStreamWriter(out.stream(name), StandardCharsets.UTF_8));
  }

  /// What `crosspatch decode` and `packets` need of a directory.
  private void finish(List<Judgement> judgements, String version) {
    out.write(RunFiles.IMAGE, Elf64.write(text, isa.elfMachine()));
    out.write(RunFiles.POKES, "");
    RunConfig config = new RunConfig(isa, machine.cpus(), setup.config(), machine.timing().table().clocks(),
        machine.traits().fetch().snooped(), 0);
    FileSums files = FileSums.of(out.work());
    out.write(RunFiles.SUMMARY, Json.object(g -> {
      g.writeStringField("verdict", judgements.stream().allMatch(Judgement::exact) ? "pass" : "fail");
      g.writeArrayFieldStart("cpus");
      for (Judgement judgement : judgements) {
        g.writeStartObject();
        g.writeNumberField("cpu", judgement.cpu);
        g.writeNumberField("executed", judgement.executed);
        g.writeNumberField("decoded", judgement.decoded);
        g.writeNumberField("trace_bytes", judgement.bytes);
        g.writeStringField("difference", judgement.difference);
        g.writeEndObject();
      }
      g.writeEndArray();
      g.writeObjectFieldStart("config");
      config.write(g);
      g.writeEndObject();
      g.writeNumberField("seed", machine.config().seed());
      g.writeStringField("version", version);
      g.writeObjectFieldStart("files");
      files.write(g);
      g.writeEndObject();
    }));
    out.commit();
  }

  @Override
  public void close() {
    out.close();
  }
}
