package dev.crosspatch.core.machine;

import dev.crosspatch.core.choice.Choices;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.CoreTraits;
import dev.crosspatch.core.cpu.Counters;
import dev.crosspatch.core.cpu.FetchPolicy;
import dev.crosspatch.core.cpu.Meeting;
import dev.crosspatch.core.cpu.Uncore;
import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.event.Probe;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.mem.CacheSystem;
import dev.crosspatch.core.mem.CodeLine;
import dev.crosspatch.core.mem.CodeSpace;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.pipeline.PipelineTable;
import dev.crosspatch.core.time.EventCost;
import dev.crosspatch.core.time.Grade;
import dev.crosspatch.core.time.TimingModel;
import dev.crosspatch.core.time.TimingTable;
import java.io.InputStream;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// An SMP machine: cores, RAM, and the scheduler that runs the core with the smallest local clock. What else there is
/// around them is told by its [Surroundings].
public final class Machine implements Uncore {
  private static final int PAGE_SHIFT = 12;
  private static final int WIDTH_8 = 3;
  static final int NOBODY = Event.NO_CPU;
  private static final int WORD = 8;
  private static final long NO_DEVICE = -1;

  private final MachineConfig config;
  private final transient TimingModel timing;
  private final transient @Nullable PipelineTable pipeline;
  private final PhysicalMemory memory;
  private final CodeSpace code;
  private final CacheSystem caches;
  private final Surroundings around;
  private final Core[] cores;
  private final Scheduler scheduler;
  private final transient CoreTraits traits;
  private final transient Probe probe = new Probe(this::settle);
  private final Agenda agenda = new Agenda(this::interruptRun);
  private final Choices choices;
  private final BitSet executablePages = new BitSet();
  private final boolean adversarial;
  /// The core whose turn it is, by number (a reference would cost a write barrier per turn).
  private int running = NOBODY;
  /// Bit per core whose next turn may have moved since the scheduler looked.
  private long touched;
  private @Nullable String stopReason;
  /// While a device stores: when.
  private transient long deviceClock = NO_DEVICE;

  /// A machine with all cores stopped at reset.
  ///
  /// @param around  where RAM lies, and what answers elsewhere
  /// @param choices decides what the manual leaves open
  /// @throws IllegalArgumentException if the ISA has no timing table for the preset, or the table is malformed
  public Machine(MachineConfig config, Surroundings around, Choices choices) {
    this.around = around;
    this.config = config;
    this.choices = choices;
    Isa isa = config.isa();
    timing = new TimingModel(readTiming(config), config.time());
    pipeline = config.time() == Grade.PIPELINE ? readPipeline(config) : null;
    traits = traits(config, timing);
    adversarial = config.staleness() == MachineConfig.Staleness.ADVERSARIAL;
    memory = new PhysicalMemory(around.ramBase(), config.ramBytes(),
        config.storesReachUnification() || isa.coherentFetch());
    code = new CodeSpace(memory, this::lineChanged);
    caches = new CacheSystem(config.cpus(), memory, code, timing, !adversarial, lineMoves());
    cores = new Core[config.cpus()];
    for (int i = 0; i < cores.length; i++) {
      cores[i] = isa.newCore(this, i);
    }
    scheduler = new Scheduler(this, cores);
  }

  /// Costs of a core preset.
  ///
  /// @param preset one of [Isa#presets()]
  public static TimingTable readTiming(Isa isa, String preset) {
    return TimingTable.read(preset, name -> {
      InputStream in = isa.getClass().getResourceAsStream("/dev/crosspatch/timing/" + name + ".tsv");
      if (in == null) {
        throw new IllegalArgumentException(isa.name() + " has no timing table of preset '" + name + "'");
      }
      return in;
    });
  }

  /// The same of a machine, with what it says otherwise.
  public static TimingTable readTiming(MachineConfig config) {
    return readTiming(config.isa(), config.preset()).with(config.timing());
  }

  /// What the pipeline of a core preset is made of: resource `PRESET.pipeline` beside its timing table.
  ///
  /// @throws IllegalArgumentException if there is none, or it is malformed
  public static PipelineTable readPipeline(Isa isa, String preset) {
    return PipelineTable.read(preset, name -> {
      InputStream in = isa.getClass().getResourceAsStream("/dev/crosspatch/timing/" + name + ".pipeline");
      if (in == null) {
        throw new IllegalArgumentException("time: there is no pipeline table of preset '" + name + "'");
      }
      return in;
    });
  }

  /// The same of a machine, with what it says otherwise.
  public static PipelineTable readPipeline(MachineConfig config) {
    return readPipeline(config.isa(), config.preset()).with(config.timing());
  }

  private static CoreTraits traits(MachineConfig config, TimingModel timing) {
    Isa isa = config.isa();
    boolean coherent = isa.coherentFetch();
    FetchPolicy fetch = new FetchPolicy(
        coherent || config.cachesSnoop(), coherent, coherent,
        config.staleness() == MachineConfig.Staleness.ADVERSARIAL,
        new FetchPolicy.Visibility(timing.cost(EventCost.CODE_VISIBILITY_LEAST),
            timing.cost(EventCost.CODE_VISIBILITY), timing.cost(EventCost.CODE_VISIBILITY_SKEW)),
        new FetchPolicy.Unit(config.fetch(), isa.fetchAtom(), isa.alignment() < isa.maxLength()));
    return new CoreTraits(
        isa.forPreset(config.preset()), isa.alignment(), isa.patchKit().trap(), config.preset(), fetch);
  }

  public MachineConfig config() {
    return config;
  }

  /// Costs of the configured preset.
  @Override
  public TimingModel timing() {
    return timing;
  }

  @Override
  public @Nullable PipelineTable pipeline() {
    return pipeline;
  }

  /// RAM.
  @Override
  public PhysicalMemory memory() {
    return memory;
  }

  /// Versions of code lines.
  @Override
  public CodeSpace code() {
    return code;
  }

  /// Data caches.
  @Override
  public CacheSystem caches() {
    return caches;
  }

  @Override
  public CoreTraits traits() {
    return traits;
  }

  /// Where the machine tells what happens on it.
  @Override
  public Probe probe() {
    return probe;
  }

  @Override
  public Choices choices() {
    return choices;
  }

  @Override
  public long readDevice(Core core, long pa, int width) {
    core.meet(Meeting.DEVICE);
    return around.read(core, pa, width);
  }

  @Override
  public void writeDevice(Core core, long pa, int width, long value) {
    core.meet(Meeting.DEVICE);
    around.write(core, pa, width, value);
    if (probe.deviceWrites.isHeard()) {
      probe.deviceWrites.tell(new Event.DeviceWritten(core.id, core.cycles(), pa, width, value));
    }
  }

  @Override
  public long readPort(Core core, int port, int width) {
    core.meet(Meeting.DEVICE);
    return around.readPort(core, port, width);
  }

  @Override
  public void writePort(Core core, int port, int width, long value) {
    core.meet(Meeting.DEVICE);
    around.writePort(core, port, width, value);
  }

  /// What will happen by itself, not by a core.
  public Agenda agenda() {
    return agenda;
  }

  @Override
  public int cpus() {
    return cores.length;
  }

  @Override
  public Core core(int id) {
    return cores[id];
  }

  /// Adds a listener to what retires on a core.
  public void attach(int core, RetireSink sink) {
    cores[core].attach(sink);
  }

  /// What a core has counted.
  public Counters counters(int core) {
    return cores[core].counters();
  }

  /// From now on stores to the lines of `[pa, pa + length)` are told, and which version of a line that was stored to
  /// each core executes ([Probe#textStores], [Probe#versions]); a fault there is told, too ([Probe#staleExecutions]).
  public void watchText(long pa, long length) {
    for (long at = pa & -PhysicalMemory.LINE; at < pa + length; at += PhysicalMemory.LINE) {
      int line = memory.offset(at) >> PhysicalMemory.LINE_SHIFT;
      memory.mark(line, PhysicalMemory.WATCHED);
      caches.watch(line);
    }
  }

  @Override
  public void storedToWatched(Core core, long pa, int bytes, long value) {
    memory.mark(memory.offset(pa) >> PhysicalMemory.LINE_SHIFT, PhysicalMemory.STORED);
    if (probe.textStores.isHeard()) {
      probe.textStores.tell(new Event.TextStored(core.id, core.cycles(), pa, bytes, value));
    }
  }

  private CacheSystem.Moves lineMoves() {
    return new CacheSystem.Moves() {
      @Override
      public void moved(int line, int from, int to) {
        if (probe.lineMoves.isHeard()) {
          if ((memory.flags(line) & PhysicalMemory.SHARED) == 0) {
            memory.mark(line, PhysicalMemory.SHARED);
            caches.tellWrites(line);
          }
          probe.lineMoves.tell(new Event.LineMoved(to, cores[to].cycles(), addressOf(line), from));
        }
      }

      @Override
      public void taken(int line, long others, int to) {
        if (probe.linesTaken.isHeard()) {
          probe.linesTaken.tell(new Event.LineTaken(to, cores[to].cycles(), addressOf(line), others));
        }
      }
    };
  }

  private long addressOf(int line) {
    return memory.address(line << PhysicalMemory.LINE_SHIFT);
  }

  @Override
  public void storedToShared(Core core, long pa) {
    if (probe.sharedStores.isHeard()) {
      probe.sharedStores.tell(new Event.SharedStored(core.id, core.cycles(), pa & -PhysicalMemory.LINE));
    }
  }

  /// Hands what retired on a core, or on all, to its sinks.
  private void settle(int cpu) {
    for (Core core : cores) {
      if (cpu == core.id || cpu == Event.NO_CPU) {
        core.flushRows(false);
      }
    }
  }

  // ---- devices' own accesses to RAM

  /// A device stores bytes of one line of RAM: coherently, and at the point of unification at once. The line leaves all
  /// data caches; monitors on it fall; what was fetched of it is treated as after a store of another core.
  ///
  /// @param pa    of the first byte
  /// @param bytes within one line
  /// @param clock when, in [dev.crosspatch.core.time.ClockUnit]s
  public void storeFromDevice(long pa, byte[] bytes, long clock) {
    int offset = memory.offset(pa);
    int line = offset >> PhysicalMemory.LINE_SHIFT;
    int flags = memory.flags(line);
    caches.takeFromAll(line);
    if ((flags & PhysicalMemory.HAS_CODE) != 0) {
      code.current(line);
    }
    System.arraycopy(bytes, 0, memory.data(), offset, bytes.length);
    memory.clean(line);
    if ((flags & PhysicalMemory.WATCHED) != 0) {
      tellTextStored(pa, bytes, clock);
    }
    if ((flags & PhysicalMemory.MONITORED) != 0) {
      breakMonitors(line, NOBODY);
    }
    if ((flags & PhysicalMemory.HAS_CODE) != 0) {
      deviceClock = clock;
      if (code.stored(line)) {
        superseded(line);
      }
      code.changed(line);
      deviceClock = NO_DEVICE;
    }
  }

  private void tellTextStored(long pa, byte[] bytes, long clock) {
    memory.mark(memory.offset(pa) >> PhysicalMemory.LINE_SHIFT, PhysicalMemory.STORED);
    for (int at = 0; at < bytes.length && probe.textStores.isHeard(); at += WORD) {
      int length = Math.min(WORD, bytes.length - at);
      byte[] word = Arrays.copyOf(Arrays.copyOfRange(bytes, at, at + length), WORD);
      probe.textStores.tell(new Event.TextStored(
          NOBODY, ClockUnit.cycles(clock), pa + at, length, PhysicalMemory.get(word, 0, WIDTH_8)));
    }
  }

  // ---- running

  /// Runs until a limit is reached, [#stop] is called or no core can go on. A later call goes on where this one ended.
  public RunResult run(RunLimits limits) {
    stopReason = null;
    return scheduler.run(limits);
  }

  /// Tells every sink that no more rows will come.
  public void end() {
    for (Core core : cores) {
      core.flushRows(true);
    }
  }

  /// Ends the run after the current instruction; `reason` is for people.
  @Override
  public void stop(String reason) {
    stopReason = reason;
    interruptRun();
  }

  /// Reason of [#stop], or null while none was called in this run.
  public @Nullable String stopReason() {
    return stopReason;
  }

  void running(int core) {
    running = core;
  }

  /// A core's next turn may have moved.
  @Override
  public void touch(int core) {
    touched |= 1L << core;
  }

  @Override
  public long front(int core, Meeting where) {
    return scheduler.front(core, where);
  }

  /// From now on cores that run ahead do not meet there: what comes of it is wrong, and tells what the meeting is good
  /// for.
  public void leaveOut(Meeting where) {
    scheduler.leaveOut(where);
  }

  @Override
  public void reached(int core, long clock) {
    scheduler.reached(core, clock);
  }

  long takeTouched() {
    long which = touched;
    touched = 0;
    return which;
  }

  private void interruptRun() {
    if (running != NOBODY) {
      cores[running].giveWay();
    } else {
      scheduler.callAway();
    }
  }

  // ---- events

  /// Sends an event to a core: its `event` is called once its clock reaches `clock`
  /// ([dev.crosspatch.core.time.ClockUnit]s).
  @Override
  public void post(int core, long clock, int kind, long value) {
    cores[core].post(clock, kind, value);
    interruptRun();
  }

  /// Forgets the events of this kind posted to a core and not yet delivered (a timer reprogrammed).
  @Override
  public void cancel(int core, int kind) {
    cores[core].cancel(kind);
  }

  // ---- memory, as loaders and table walks see it

  /// Reads 8 bytes of RAM as the data side sees them; 0 outside RAM.
  public long readPhysical(long pa) {
    return memory.contains(pa) && memory.contains(pa + 7)
        ? PhysicalMemory.get(memory.data(), memory.offset(pa), WIDTH_8)
        : 0;
  }

  /// Writes 8 bytes of RAM, visible to data and fetch alike (loaders only).
  ///
  /// @throws IllegalArgumentException if they lie outside RAM
  public void writePhysical(long pa, long value) {
    byte[] bytes = new byte[8];
    PhysicalMemory.put(bytes, 0, WIDTH_8, value);
    load(pa, bytes);
  }

  /// Copies bytes to RAM, visible to data and fetch alike (loaders only).
  ///
  /// @throws IllegalArgumentException if they do not fit
  public void load(long pa, byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    if (!memory.contains(pa) || !memory.contains(pa + bytes.length - 1)) {
      throw new IllegalArgumentException(String.format(
          "%d bytes at 0x%x do not fit RAM 0x%x..0x%x", bytes.length, pa, memory.address(0),
          memory.address(config.ramBytes() - 1)));
    }
    int offset = memory.offset(pa);
    memory.load(offset, bytes);
    for (int line = offset >> PhysicalMemory.LINE_SHIFT;
        line << PhysicalMemory.LINE_SHIFT < offset + bytes.length; line++) {
      if (code.forget(line)) {
        for (Core core : cores) {
          core.discard(line);
        }
      }
    }
  }

  // ---- what cores tell each other through the machine

  private void lineChanged(CodeLine old) {
    Core writer = cores[Math.max(running, 0)];
    for (Core core : cores) {
      if (deviceClock == NO_DEVICE) {
        core.lineChanged(old, writer);
      } else {
        core.lineChangedByDevice(old, deviceClock);
      }
    }
  }

  /// A store made a fetched line differ from memory.
  @Override
  public void superseded(int line) {
    for (Core core : cores) {
      core.lineSuperseded(line);
    }
  }

  /// The page at `pa` may be executed: from now on an adversarial core may have fetched any line of it ahead.
  @Override
  public void executable(long pa) {
    if (!adversarial || !memory.contains(pa) || executablePages.get(memory.offset(pa) >> PAGE_SHIFT)) {
      return;
    }
    int page = memory.offset(pa) >> PAGE_SHIFT;
    executablePages.set(page);
    int lines = 1 << (PAGE_SHIFT - PhysicalMemory.LINE_SHIFT);
    for (int line = page * lines; line < (page + 1) * lines; line++) {
      memory.mark(line, PhysicalMemory.HAS_CODE);
      caches.watch(line);
    }
  }

  /// A store of `writer` to a monitored line: the other cores' monitors on it fall.
  @Override
  public void breakMonitors(int line, Core writer) {
    breakMonitors(line, writer.id);
  }

  private void breakMonitors(int line, int writer) {
    for (Core core : cores) {
      if (core.id != writer && core.monitor.line() == line) {
        core.monitor.clear();
      }
    }
  }

  /// A monitor on `line` was cleared: nobody watches it if it was the last.
  @Override
  public void unwatch(int line) {
    for (Core core : cores) {
      if (core.monitor.line() == line) {
        return;
      }
    }
    memory.unmark(line, PhysicalMemory.MONITORED);
  }
}
