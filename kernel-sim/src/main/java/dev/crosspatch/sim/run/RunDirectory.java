package dev.crosspatch.sim.run;

import dev.crosspatch.core.code.Elf64;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Inputs;
import dev.crosspatch.sim.fields.BadField;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.fields.JsonText;
import dev.crosspatch.sim.race.RaceLog;
import dev.crosspatch.sim.race.TextRace;
import dev.crosspatch.sim.truth.TruthReader;
import dev.crosspatch.tracer.flow.TraceOptions;
import dev.crosspatch.tracer.flow.RawTrace;
import dev.crosspatch.tracer.text.MappingLog;
import dev.crosspatch.tracer.text.PokeLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// Reads what a run left, from its files alone.
///
/// @param path   the directory
/// @param config how it was made
/// @param kept   how much of the truth it holds
/// @param earlier what the run itself checked
public record RunDirectory(Path path, RunConfig config, Truth kept, Checked earlier) {

  /// A directory that its run has just filled.
  public static RunDirectory fresh(OutputDirectory directory, RunConfig config, boolean truth) {
    return new RunDirectory(directory.work(), config, truth ? Truth.WHOLE : Truth.NO_FLOW, Checked.NOTHING);
  }

  /// Opens a finished directory.
  ///
  /// @throws BadInput if it is none
  public static RunDirectory open(Path path) {
    return open(path, UnaryOperator.identity());
  }

  /// Opens a finished directory.
  ///
  /// @param change what to make of the trace options in its summary
  /// @throws BadInput if it is none
  public static RunDirectory open(Path path, UnaryOperator<TraceOptions> change) {
    Path summary = path.resolve(RunFiles.SUMMARY);
    String text;
    try {
      text = Inputs.text(summary, Inputs.MOST_YAML);
    } catch (BadInput e) {
      throw new BadInput(path + ": not the output of a run (it has no readable " + RunFiles.SUMMARY + ")");
    }
    Fields map = summary(summary, text);
    Checked earlier = Checked.read(map.map("checked"));
    return new RunDirectory(path, RunConfig.read(map.map("config"), change), earlier.flow()
        ? Truth.WHOLE : Truth.NONE, earlier);
  }

  /// What a summary says of the traces of its run.
  ///
  /// @param protocol their protocol
  /// @param options  what a decoder has to know of them
  public record Traced(String protocol, TraceOptions options) {}

  /// What the summary says of the run that left this trace; empty if the file is not in the directory of a run.
  public static Optional<Traced> traced(Path trace) {
    Path summary = trace.resolveSibling(Path.of("..", RunFiles.SUMMARY));
    try {
      Fields config = summary(summary, Inputs.text(summary, Inputs.MOST_YAML)).map("config");
      return Optional.of(new Traced(config.text("trace_protocol", null), RunConfig.traceOptions(config)));
    } catch (BadInput e) {
      return Optional.empty(); // whatever lies there, it is no summary of a run
    }
  }

  /// Reads the text of a summary.
  ///
  /// @throws BadInput if it is none
  public static Fields summary(Path file, String text) {
    try {
      return JsonText.parse(file.toString(), text);
    } catch (BadField e) {
      throw new BadInput(e.line() + "; this is not the summary of a run");
    }
  }

  private byte[] bytes(String name) {
    try {
      return Inputs.bytes(path.resolve(name), Inputs.MOST_BINARY);
    } catch (BadInput e) {
      throw incomplete(e);
    }
  }

  /// Path of a file that is there, and is one.
  private Path file(String name) {
    Path file = path.resolve(name);
    try {
      Inputs.checkFile(file);
    } catch (BadInput e) {
      throw incomplete(e);
    }
    return file;
  }

  private static BadInput incomplete(BadInput e) {
    return new BadInput(e.line() + "; the output of this run is not complete");
  }

  private static BadInput incomplete(Path file) {
    return new BadInput(file + ": cannot be read; the output of this run is not complete");
  }

  /// The initial image.
  public Image image() {
    try {
      return Elf64.read(bytes(RunFiles.IMAGE));
    } catch (IllegalArgumentException e) {
      throw new BadInput(path.resolve(RunFiles.IMAGE) + ": " + e.getMessage());
    }
  }

  /// The poke log, with what mappings do to the text.
  public PokeLog pokes() {
    PokeLog log = log(RunFiles.POKES, PokeLog::read);
    mappings().into(log);
    return log;
  }

  /// The mappings that were announced; none of a kernel that announces none.
  public MappingLog mappings() {
    return Files.exists(path.resolve(RunFiles.MAPPINGS)) ? log(RunFiles.MAPPINGS, MappingLog::read) : new MappingLog();
  }

  /// Reads a log.
  private interface Reading<T> {
    T read(Path file) throws IOException;
  }

  private <T> T log(String name, Reading<T> reading) {
    Path file = file(name);
    if (file.toFile().length() > Inputs.MOST_BINARY) {
      throw new BadInput(file + ": cannot be read: it has more than " + Inputs.MOST_BINARY + " bytes");
    }
    try {
      return reading.read(file);
    } catch (IOException e) {
      throw incomplete(file);
    } catch (IllegalArgumentException e) {
      throw new BadInput(path + ": " + e.getMessage());
    }
  }

  /// Raw trace of a CPU.
  public RawTrace trace(int cpu) {
    Path file = file(RunFiles.trace(cpu, config.trace().protocol()));
    return new TraceFile(file, file.toFile().length());
  }

  /// Truth of a CPU, as far as a trace can tell it, before its first row; to be closed.
  public TruthReader truth(int cpu) {
    Path file = file(RunFiles.truth(cpu));
    try {
      return TruthReader.open(file).asTraced(config.isa().alignment());
    } catch (IOException e) {
      throw incomplete(file);
    }
  }

  /// Tells `listener` of every stale execution, in the order in which the cores ran.
  public void stale(Consumer<StaleExecution> listener) {
    StaleLog.read(file(RunFiles.STALE), config.cpus(), listener);
  }

  /// The same one by one.
  public Cursor<StaleLog.Line> stale() {
    return StaleLog.cursor(file(RunFiles.STALE), config.cpus());
  }

  /// Every execution that broke the contract one by one, as the run found them: those with a record of their own, in
  /// the order of these, then what else ran from memory, CPU by CPU in order of time.
  public Cursor<StaleLog.Line> violations() {
    return StaleLog.cursor(path.resolve(RunFiles.VIOLATIONS), config.cpus());
  }

  /// Tells `listener` of every execution that broke the contract, as the run found them.
  public void violations(Consumer<StaleExecution> listener) {
    StaleLog.read(path.resolve(RunFiles.VIOLATIONS), config.cpus(), listener);
  }

  /// The races on text, as the run found them.
  public List<TextRace> races() {
    return RaceLog.read(file(RunFiles.RACES), config.cpus());
  }

  /// The versions of changed text that CPUs executed; to be closed.
  public TextLog text() {
    return TextLog.open(file(RunFiles.TEXT));
  }

  /// What cores did while text changed.
  public EventLog events() {
    return EventLog.open(file(RunFiles.EVENTS), config.cpus());
  }

  /// The stores to text.
  public TextStores stores() {
    return TextStores.open(file(RunFiles.STORES));
  }
}
