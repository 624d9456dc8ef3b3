package dev.crosspatch.sim.run;

import dev.crosspatch.core.choice.Choices;
import dev.crosspatch.core.choice.SeededChoices;
import dev.crosspatch.core.code.Elf64;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.event.Probe;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.platform.MemoryMap;
import dev.crosspatch.platform.Platform;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.guest.GuestConfig;
import dev.crosspatch.sim.guest.GuestLayout;
import dev.crosspatch.sim.guest.GuestOutcome;
import dev.crosspatch.sim.guest.LabDevice;
import dev.crosspatch.sim.guest.SpanLog;
import dev.crosspatch.sim.mechanism.Report;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.sim.race.RaceDetector;
import dev.crosspatch.sim.race.RaceLog;
import dev.crosspatch.sim.scenario.Injection;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.truth.TruthLog;
import dev.crosspatch.tracer.export.KernelFiles;
import dev.crosspatch.tracer.flow.ByteSink;
import dev.crosspatch.tracer.text.Loss;
import dev.crosspatch.tracer.text.MappingEvent;
import dev.crosspatch.tracer.text.MappingLog;
import dev.crosspatch.tracer.text.Poke;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.unit.TraceUnit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One run of a scenario: boots the guest kernel, lets it patch itself under trace, and keeps what it leaves.
public final class Run {
  /// What happens to a run from outside: where it begins, who decides, what is kept of it on the way.
  ///
  /// @param choices decides what the manual leaves open
  /// @param from    snapshot to go on from, or nothing
  /// @param saveAt  cycle at which a snapshot is to be kept
  /// @param saveTo  takes it, or nothing
  public record Course(
      Choices choices, @Nullable Path from, long saveAt, @Nullable Path saveTo) {

    /// From its beginning to its end, as the scenario's seed decides.
    public static Course of(Scenario scenario) {
      return new Course(new SeededChoices(scenario.machine().seed(), scenario.machine().cpus()), null, 0, null);
    }
  }

  /// Cycles between two reports of progress.
  private static final long SLICE = 2_000_000;

  /// No kernel can be built for a scenario: its sites take more room than there is.
  public static final class NoKernel extends BadInput {
    private static final long serialVersionUID = 1L;

    private final String why;

    NoKernel(String scenario, String why) {
      super(scenario + ": no kernel can be built for it: " + why);
      this.why = why;
    }

    /// What is too large.
    public String why() {
      return why;
    }
  }

  /// A scenario expects a failure where its kernel has neither site nor function.
  public static final class NoSite extends BadInput {
    private static final long serialVersionUID = 1L;

    private final String why;

    NoSite(Scenario scenario) {
      super(scenario.name() + ": there is no " + scenario.expect().site());
      why = "there is no " + scenario.expect().site() + ": it is neither a site nor a function of the kernel";
    }

    /// What is missing.
    public String why() {
      return why;
    }
  }

  private final Scenario scenario;
  private final Image image;
  private final Platform platform;
  private final Machine machine;
  private final LabDevice lab;
  private final transient RunLogs logs;
  private final transient Course course;
  /// Those who write logs besides: a snapshot has their state, too.
  private final List<Object> writers = new ArrayList<>();
  private final Latency latency;
  /// Of each patching CPU.
  private final List<SpanLog> spans = new ArrayList<>();
  private final @Nullable Injector injector;
  private final List<TraceUnit> traces = new ArrayList<>();
  /// Of each CPU, if the truth is kept.
  private final List<TruthLog> truths = new ArrayList<>();
  private @Nullable TextChanges changes;
  private final RaceDetector races;
  private double hostSeconds;
  private RunResult result;

  /// Boots the machine of `scenario`, whose logs nobody keeps; [#execute] runs it.
  ///
  /// @throws NoKernel if its kernel is larger than the room there is
  public Run(Scenario scenario) {
    this(scenario, RunLogs.none());
  }

  /// Boots the machine of `scenario`; [#execute] runs it.
  ///
  /// @param logs take traces, truth, stores and pokes while it runs
  public Run(Scenario scenario, RunLogs logs) {
    this(scenario, logs, Course.of(scenario));
  }

  /// Boots the machine of `scenario`; [#execute] runs it.
  ///
  /// @param logs take traces, truth, stores and pokes while it runs
  /// @throws NoKernel if its kernel is larger than the room there is
  /// @throws NoSite if it expects a failure where there is nothing
  /// @throws BadInput if a log cannot be written
  public Run(Scenario scenario, RunLogs logs, Course course) {
    this.course = course;
    this.scenario = scenario;
    this.logs = logs;
    image = kernel(scenario);
    if (!scenario.expect().site().isEmpty()
        && image.symbols().stream().noneMatch(s -> s.name().equals(scenario.expect().site()))) {
      throw new NoSite(scenario);
    }
    Isa isa = scenario.machine().isa();
    platform = GuestLayout.board().assemble(scenario.machine(), course.choices());
    machine = platform.machine();
    List<BystanderLog> bystanders = new ArrayList<>();
    latency = new Latency(machine.timing().table().frequencyMhz(), new StolenCycles(bystanders, spans),
        found -> newText(isa, found));
    lab = new LabDevice(platform, scenario.guest(), reports());
    platform.boot(image);
    ByteSink raceLog = logs.open(RunFiles.RACES);
    races = new RaceDetector(machine, race -> RaceLog.write(raceLog, race));
    watchText(isa);
    hearExecutions();
    for (int cpu = 0; cpu < machine.cpus(); cpu++) {
      attach(cpu, bystanders);
    }
    injector = newInjector();
    result = new RunResult(RunResult.End.CYCLE_LIMIT, "not started", 0, 0);
  }

  private NewText newText(Isa isa, LongConsumer found) {
    GuestConfig guest = scenario.guest();
    return new NewText(machine, GuestLayout.textRoom(isa, guest), GuestLayout.textRoomMemory(isa, guest),
        appears(guest) ? GuestLayout.TEXT_ROOM_SIZE : 0, found);
  }

  private static boolean appears(GuestConfig guest) {
    return guest.patching().mechanism().reports().contains(Report.APPEAR);
  }

  private @Nullable Injector newInjector() {
    Injection inject = scenario.inject();
    return inject == null ? null
        : new Injector(inject, machine, spans, scenario.guest().patching().cpus(), image.address("_text"));
  }

  private LabDevice.Listener reports() {
    ByteSink pokes = logs.open(RunFiles.POKES);
    ByteSink mappings = scenario.guest().announcesMappings() ? logs.open(RunFiles.MAPPINGS) : (b, from, n) -> {};
    return new LabDevice.Listener() {
      @Override
      public void poke(Poke poke) {
        dropped(poke);
        byte[] line = PokeLog.line(poke);
        pokes.write(line, 0, line.length);
        markTruths(poke.time());
      }

      @Override
      public void dropped(Poke poke) {
        races.reported(poke.address(), poke.before(), poke.after());
        latency.reported(poke.cpu(), poke.address(), poke.before().length, poke.after().length);
        if (changes != null) {
          changes.reported(poke.cpu(), machine.core(poke.cpu()).cycles(), poke.address());
        }
      }

      @Override
      public void lost(long time, int cpu, long count) {
        byte[] line = PokeLog.line(new Loss(time, cpu, count, 0));
        pokes.write(line, 0, line.length);
      }

      @Override
      public void mapping(MappingEvent event) {
        latency.mapping(event);
        byte[] line = MappingLog.line(event);
        mappings.write(line, 0, line.length);
        if (event instanceof MappingEvent.Announced || event instanceof MappingEvent.Withdrawn) {
          markTruths(event.time());
        }
      }
    };
  }

  /// The contract asks what ran before a poke and what behind it: times are exact there.
  private void markTruths(long time) {
    long behind = machine.timing().table().clocks().cycles(time + 1);
    for (int cpu = 0; cpu < truths.size(); cpu++) {
      machine.core(cpu).flushRows(false);
      if (!truths.get(cpu).isExact()) {
        truths.get(cpu).mark(behind);
      }
    }
  }

  private void hearExecutions() {
    StaleLog staleLog = new StaleLog(logs.open(RunFiles.STALE));
    writers.add(staleLog);
    Probe probe = machine.probe();
    probe.staleExecutions.hear(s -> {
      staleLog.add(s);
      if (logs.truth()) {
        truths.get(s.cpu()).stale(s.cycle());
      }
    });
    if (logs.truth()) {
      TextLog.Writer versions = new TextLog.Writer(logs.open(RunFiles.TEXT));
      writers.add(versions);
      probe.versions.hear(e -> truths.get(e.cpu()).version(e.cycle(), versions.number(e)));
    }
  }

  private void attach(int cpu, List<BystanderLog> bystanders) {
    if (logs.truth()) {
      TruthLog truth = new TruthLog(logs.open(RunFiles.truth(cpu)));
      truths.add(truth);
      machine.attach(cpu, truth);
    }
    TraceUnit trace =
        scenario.trace().setup().unit(cpu, logs.open(RunFiles.trace(cpu, scenario.trace().protocol())));
    traces.add(trace);
    machine.attach(cpu, trace);
    if (scenario.guest().patching().cpus().contains(cpu)) {
      hearSpans(cpu, new SpanLog(functions(scenario, image), latency.of(cpu)));
    } else {
      BystanderLog bystander = new BystanderLog(cpu, image.address(scenario.guest().patching().library().answers()));
      bystanders.add(bystander);
      machine.attach(cpu, bystander);
    }
  }

  private static Map<Span, List<Long>> functions(Scenario scenario, Image image) {
    Map<Span, List<Long>> functions = new EnumMap<>(Span.class);
    scenario.guest().spans()
        .forEach((span, names) -> functions.put(span, names.stream().map(image::address).toList()));
    return functions;
  }

  private void hearSpans(int cpu, SpanLog heard) {
    spans.add(heard);
    machine.attach(cpu, heard);
    machine.probe().interruptsSent.hear(e -> {
      if (e.cpu() == cpu && e.target() != cpu) {
        latency.interrupt(cpu, heard.isWithin(Span.SYNC));
      }
    });
  }

  private static Image kernel(Scenario scenario) {
    try {
      return Kernels.get(scenario.machine().isa(), scenario.guest());
    } catch (IllegalArgumentException e) {
      throw new NoKernel(scenario.name(), String.valueOf(e.getMessage()));
    }
  }

  private void watchText(Isa isa) {
    Section text = image.section(".text").orElseThrow();
    StoreLog storeLog = new StoreLog(logs.open(RunFiles.STORES));
    writers.add(storeLog);
    GuestConfig guest = scenario.guest();
    MemoryMap map = platform.map();
    LongUnaryOperator running = GuestLayout.running(isa, guest);
    watchText(text.address() - map.kernelBase() + map.imageBase(), text.bytes().length, running);
    if (appears(guest)) {
      watchText(GuestLayout.textRoomMemory(isa, guest), GuestLayout.TEXT_ROOM_SIZE, running);
    }
    machine.probe().textStores.hear(
        e -> storeLog.add(e.cpu(), e.cycle(), running.applyAsLong(e.address()), e.length(), e.value()));
    if (logs.truth()) {
      EventLog.Writer events = new EventLog.Writer(logs.open(RunFiles.EVENTS));
      changes = new TextChanges(events, machine, truths, running);
      writers.add(changes);
    }
  }

  private void watchText(long physical, int length, LongUnaryOperator running) {
    machine.watchText(physical, length);
    races.watch(physical, running.applyAsLong(physical), length);
  }

  /// Runs to the end, telling `progress` now and then how far it is.
  public Run execute(Consumer<RunResult> progress) {
    long start = System.nanoTime();
    RunLimits limits = scenario.limits();
    boolean saved = false;
    long until = 0;
    if (course.from() != null) {
      until = RunSnapshot.load(this, course.from());
    }
    checkSaveAt(until);
    do {
      until = next(until, limits.cycles());
      result = machine.run(limits.until(until));
      progress.accept(result);
      saved |= save(until);
    } while (result.end() == RunResult.End.CYCLE_LIMIT && until < limits.cycles());
    if (course.saveTo() != null && !saved) {
      throw new BadInput("no snapshot can be kept at cycle " + course.saveAt() + ": the run ends at cycle "
          + result.cycles());
    }
    machine.end();
    lab.finish(machine);
    if (lab.outcome() instanceof GuestOutcome.UnclaimedTrap trap) {
      races.unclaimed(trap.cpu(), trap.address());
    }
    latency.end();
    logs.flush();
    hostSeconds = (System.nanoTime() - start) / 1e9;
    return this;
  }

  /// @param begin cycle at which the run begins
  private void checkSaveAt(long begin) {
    if (course.saveTo() == null) {
      return;
    }
    if (course.saveAt() <= begin) {
      throw new BadInput("no snapshot can be kept at cycle " + course.saveAt() + ": the run begins at cycle " + begin
          + ", with " + course.from());
    }
    if (course.saveAt() > scenario.limits().cycles()) {
      throw new BadInput("no snapshot can be kept at cycle " + course.saveAt() + ": the run ends at cycle "
          + scenario.limits().cycles() + " at the latest");
    }
  }

  /// Where the next stretch ends: after some cycles, but no later than where a snapshot is to be kept.
  private long next(long from, long limit) {
    long to = Math.min(limit, from + SLICE);
    return course.saveTo() != null && from < course.saveAt() ? Math.min(to, course.saveAt()) : to;
  }

  /// Keeps a snapshot if one is to be kept now.
  private boolean save(long cycle) {
    Path file = course.saveTo();
    if (file == null || cycle != course.saveAt() || result.end() != RunResult.End.CYCLE_LIMIT) {
      return false;
    }
    RunSnapshot.save(this, cycle, file);
    return true;
  }

  RunLogs logs() {
    return logs;
  }

  /// Writes the image, in all its forms.
  public void writeImage(OutputDirectory out) {
    int machineNumber = scenario.machine().isa().elfMachine();
    out.write(RunFiles.IMAGE, Elf64.write(image, machineNumber));
    KernelFiles.of(image, machineNumber).forEach((name, content) -> out.write(RunFiles.IMAGES + name, content));
  }

  /// The limit that ended the run: `cycles`, `retired`, or nothing.
  private String limitReached() {
    return switch (result.end()) {
      case CYCLE_LIMIT -> "cycles";
      case RETIRED_LIMIT -> "retired";
      case STOPPED, DEADLOCK -> "";
    };
  }

  /// Cycles of the CPU that is furthest.
  public long cycles() {
    return result.cycles();
  }

  /// How the guest ended, or why the machine stopped without it.
  public GuestEnd end() {
    return GuestEnd.of(lab.outcome(), result);
  }

  public Scenario scenario() {
    return scenario;
  }

  public Image image() {
    return image;
  }

  public Machine machine() {
    return machine;
  }

  public LabDevice lab() {
    return lab;
  }

  /// How long patching took, and what it took from others; complete after [#execute].
  public Latency latency() {
    return latency;
  }

  /// The trace unit of a CPU.
  public TraceUnit trace(int cpu) {
    return traces.get(cpu);
  }

  /// How many races on text it had.
  public long races() {
    return races.count();
  }

  /// What is left of it without its machine.
  public RunOutcome outcome() {
    return new RunOutcome(scenario, RunConfig.of(scenario, machine), end(), limitReached(),
        IntStream.range(0, machine.cpus()).mapToObj(this::counted).toList(), latency, Optional.ofNullable(injector),
        hostSeconds);
  }

  private RunOutcome.Cpu counted(int cpu) {
    TraceUnit trace = trace(cpu);
    return new RunOutcome.Cpu(machine.counters(cpu), trace.size(), trace.overflows());
  }
}
