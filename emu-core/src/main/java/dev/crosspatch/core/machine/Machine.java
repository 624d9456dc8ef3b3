package dev.crosspatch.core.machine;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.event.StaleExecution;
import dev.crosspatch.core.event.StoreWatcher;
import dev.crosspatch.core.event.TextListener;
import dev.crosspatch.core.mem.CacheSystem;
import dev.crosspatch.core.mem.CodeLine;
import dev.crosspatch.core.mem.CodeSpace;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.time.TimingTable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.BitSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An SMP machine: cores, RAM, devices, and the scheduler that runs the core with the smallest local clock.
public final class Machine {
  private static final int PAGE_SHIFT = 12;
  private static final int WIDTH_8 = 3;
  static final int NOBODY = -1;

  private final MachineConfig config;
  private final TimingTable timing;
  private final PhysicalMemory memory;
  private final CodeSpace code;
  private final CacheSystem caches;
  private final Bus bus = new Bus();
  private final Core[] cores;
  private final Scheduler scheduler;
  private @Nullable Consumer<StaleExecution> staleListener;
  private final BitSet executablePages = new BitSet();
  private final boolean adversarial;
  /// The core whose turn it is, by number (a reference would cost a write barrier per turn).
  private int running = NOBODY;
  /// Bit per core whose next turn may have moved since the scheduler looked.
  private long touched;
  private @Nullable StoreWatcher watcher;
  private @Nullable TextListener textListener;
  /// Versions of lines told to it.
  private int versions;
  private @Nullable String stopReason;

  /// A machine with all cores stopped at reset.
  ///
  /// @throws IllegalArgumentException if the ISA has no timing table for the preset, or the table is malformed
  public Machine(MachineConfig config) {
    this.config = config;
    Isa isa = config.isa();
    timing = readTiming(isa, config.preset());
    adversarial = config.staleness() == MachineConfig.Staleness.ADVERSARIAL;
    memory = new PhysicalMemory(isa.ramBase(), config.ramBytes(), config.idc() || isa.coherentFetch());
    code = new CodeSpace(memory, this::lineChanged);
    caches = new CacheSystem(config.cpus(), memory, code, timing, !adversarial);
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
    String resource = "/dev/crosspatch/timing/" + preset + ".tsv";
    try (InputStream in = isa.getClass().getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException(isa.name() + " has no timing table " + resource);
      }
      return TimingTable.read(preset, in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public MachineConfig config() {
    return config;
  }

  /// Costs of the configured preset.
  public TimingTable timing() {
    return timing;
  }

  /// RAM.
  public PhysicalMemory memory() {
    return memory;
  }

  /// Versions of code lines.
  public CodeSpace code() {
    return code;
  }

  /// Data caches.
  public CacheSystem caches() {
    return caches;
  }

  /// Devices.
  public Bus bus() {
    return bus;
  }

  public int cpus() {
    return cores.length;
  }

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

  /// Tells `listener` of every stale execution from now on, in the order in which the cores run; it takes the place of
  /// an earlier listener. An instruction that faults, other than a breakpoint, in a line that was watched and stored to
  /// is told, too, with equal bytes on both sides if it was not stale. [Counters#staleExecutions] counts them whether
  /// anybody listens or not.
  public void hearStale(Consumer<StaleExecution> listener) {
    staleListener = listener;
  }

  /// Tells `listener` from now on which versions of watched lines cores execute; it takes the place of an earlier
  /// listener.
  public void hearText(TextListener listener) {
    textListener = listener;
  }

  /// A core executes this version of a line that was stored to, and executed another one at that address before.
  ///
  /// @param address virtual address of the line
  public void executes(Core core, long address, CodeLine version) {
    TextListener listener = textListener;
    if (listener == null) {
      return;
    }
    if (version.number == 0 || version.numberedAt != address) {
      version.number = ++versions;
      version.numberedAt = address;
      listener.version(version.number, address, version.bytes);
    }
    core.flushRows(false);
    listener.executes(core.id, core.cycles(), version.number);
  }

  /// Whether anybody hears which versions cores execute.
  public boolean hearsText() {
    return textListener != null;
  }

  /// Tells `watcher` of every store to the lines of `[pa, pa + length)` from now on; it takes the place of an earlier
  /// watcher.
  public void watch(long pa, long length, StoreWatcher watcher) {
    this.watcher = watcher;
    for (long at = pa & -PhysicalMemory.LINE; at < pa + length; at += PhysicalMemory.LINE) {
      int line = memory.offset(at) >> PhysicalMemory.LINE_SHIFT;
      memory.mark(line, PhysicalMemory.WATCHED);
      caches.watch(line);
    }
  }

  /// A core stored to a watched line.
  public void watched(Core core, long pa, int bytes, long value) {
    memory.mark(memory.offset(pa) >> PhysicalMemory.LINE_SHIFT, PhysicalMemory.STORED);
    if (watcher != null) {
      watcher.stored(core.id, core.cycles(), pa, bytes, value);
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
  public void touch(int core) {
    touched |= 1L << core;
  }

  long takeTouched() {
    long which = touched;
    touched = 0;
    return which;
  }

  private void interruptRun() {
    if (running != NOBODY) {
      cores[running].giveWay();
    }
  }

  // ---- events

  /// Sends an event to a core: [Core#event] is called there once its clock reaches `clock` (1/16 cycles).
  public void post(int core, long clock, int kind, long value) {
    cores[core].post(clock, kind, value);
    interruptRun();
  }

  /// Forgets the events of this kind posted to a core and not yet delivered (a timer reprogrammed).
  public void cancel(int core, int kind) {
    cores[core].cancel(kind);
  }

  // ---- memory, as loaders and table walks see it

  /// Reads 8 bytes of RAM as the data side sees them (page-table walks, loaders); 0 outside RAM.
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
      core.lineChanged(old, writer);
    }
  }

  /// A store made a fetched line differ from memory.
  public void superseded(int line) {
    for (Core core : cores) {
      core.lineSuperseded(line);
    }
  }

  /// The page at `pa` may be executed: from now on an adversarial core may have fetched any line of it ahead.
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
  public void breakMonitors(int line, Core writer) {
    for (Core core : cores) {
      if (core.id != writer.id && core.monitoredLine() == line) {
        core.clearMonitor();
      }
    }
  }

  /// A monitor on `line` was cleared: nobody watches it if it was the last.
  public void unwatch(int line) {
    for (Core core : cores) {
      if (core.monitoredLine() == line) {
        return;
      }
    }
    memory.unmark(line, PhysicalMemory.MONITORED);
  }

  /// Who is to be told of stale executions, if anybody.
  public @Nullable Consumer<StaleExecution> staleListener() {
    return staleListener;
  }
}
