package dev.crosspatch.sim.guest;

import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.platform.Board;
import dev.crosspatch.platform.MemoryMap;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.mechanism.GuestLibrary;
import dev.crosspatch.sim.mechanism.Hook;
import dev.crosspatch.sim.mechanism.Part;
import dev.crosspatch.sim.mechanism.Protocol;
import dev.crosspatch.sim.mechanism.Step;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongUnaryOperator;

/// Where everything of a guest kernel lies, told to Java and to the assembly text from one place: every number here
/// reaches the assembler as a symbol, so neither side writes it a second time.
///
/// ```
/// kernelBase                text, 1 MiB or more, as its sites may need
///           next MiB        read-only data: site table, keys, parameters, 512 KiB or more
///           then            data, 512 KiB or more
///           next MiB        per-CPU areas, CPU_AREA_SIZE each: fields at the bottom, stack from the top down
///                           then the buffers of the memory work, BUFFER_SIZE per CPU
///                           then the tasks of each CPU but its first, TASK_AREA_SIZE each: record, stack
///           next 2 MiB      room for text that appears and goes away, TEXT_ROOM_SIZE; mapped 256 MiB
///                           farther in kernels with part module-area
/// ```
public final class GuestLayout {
  private static final long MIB = 1 << 20;

  /// Most bytes of text.
  private static final long TEXT_MOST = 16 * MIB;

  /// Bytes of text, tables and keys that there is room for, for each site, beside what the others need.
  private static final int SITE_TEXT = 512;
  private static final int SITE_RODATA = 128;
  private static final int SITE_DATA = 64;
  /// Least sites that a mechanism's tables have room for.
  private static final int LEAST_SITE_ROOM = 64;
  /// Room for what is not of sites.
  private static final long HALF = MIB / 2;

  /// RAM beside the kernel.
  private static final long AROUND = 20 << 20;

  /// Bytes of a CPU's area: fields and stack.
  public static final int CPU_AREA_SIZE = 16 << 10;

  /// Bytes of a CPU's buffer for memory work: more than any L1 data cache here (32..64 KiB).
  public static final int BUFFER_SIZE = 128 << 10;

  /// Bytes of the room for text that appears.
  public static final int TEXT_ROOM_SIZE = 256 << 10;

  /// How far the module area is from where its memory is linked: farther than any direct branch of AArch64 reaches.
  private static final long MODULE_DISTANCE = 256 * MIB;

  /// What one page table maps.
  private static final long TABLE = 2 << 20;

  /// Turns of a wait loop before the kernel panics.
  private static final int SPIN_LIMIT = 1 << 20;

  /// Bytes of a task: its record at the bottom, its stack from the top down.
  private static final int TASK_AREA_SIZE = 8 << 10;

  private static final int COUNTERS_OFFSET = 64;
  private static final int ARCH_OFFSET = 256;
  private static final int SCHEDULER_OFFSET = 512;
  /// The record of the task whose stack is the CPU's own.
  private static final int TASK_0_OFFSET = 768;
  private static final int TASK_COUNTERS_OFFSET = 64;

  /// Memory maps by ISA, read once.
  private static final Map<String, MemoryMap> MAPS = new ConcurrentHashMap<>();

  private GuestLayout() {}

  /// Fields of a CPU's area that other CPUs look at or that find it; in one cache line of their own. Symbols `CPU_...`.
  enum CpuField {
    /// Address of the area.
    SELF,
    /// CPU number.
    NUMBER,
    /// Function another CPU wants called here, 0 when done: request and acknowledgement of the function-call interrupt.
    CALL,
    /// x86-64: users of the site vector on this CPU (spec of the batched protocol).
    REFCOUNT,
    /// Breakpoint handlers that this CPU is in, one within the other, where sites stand on their path.
    TRAP_DEPTH
  }

  /// Fields of a CPU's area that parts of the library need. Symbols `CPU_...`.
  enum SchedulerField {
    /// Record of the task that runs.
    TASK,
    /// How many tasks are not done.
    TASKS,
    /// The task is preempted only while it is 0.
    PREEMPT_COUNT,
    /// The task is to be preempted as soon as that is allowed.
    NEED_RESCHED,
    /// Of several patching CPUs: time of this one's next flip.
    NEXT_FLIP,
    /// A [Hotplug.State].
    HOTPLUG,
    /// Iterations until the next stretch with interrupts off.
    IRQS_OFF_IN,
    /// Iterations until the next stretch without work.
    IDLE_IN
  }

  /// Fields of a task's record; its counters follow at `TASK_COUNTERS`. Symbols `TASK_...`.
  enum TaskField {
    /// Record of the CPU's next task, in a ring.
    NEXT,
    /// Stack pointer while it does not run.
    SP,
    /// `TASK_DEAD` when it is done.
    STATE,
    /// How many voluntary switches it made.
    SWITCHES,
    /// How many it had made when a grace period began.
    SNAPSHOT,
    /// The newest of its functions that will return to a trampoline, with where they are to return to; 0: none.
    RETHOOKS
  }

  /// Fields of `lab_params`. Symbols `PARAM_...`.
  enum Parameter {
    CPUS,
    PATCHING_CPU,
    FLIPS,
    FLIP_INTERVAL,
    BATCH_LIMIT,
    TICK_INTERVAL,
    FLIP_ORDER_LENGTH,
    HEADS;

    long value(GuestConfig config, int heads) {
      return switch (this) {
        case CPUS -> config.work().cpus();
        case PATCHING_CPU -> config.patching().cpu();
        case FLIPS -> config.flips().total();
        case FLIP_INTERVAL -> config.flips().interval();
        case BATCH_LIMIT -> config.patching().batchLimit();
        case TICK_INTERVAL -> config.work().tickInterval();
        case FLIP_ORDER_LENGTH -> config.flips().order().size();
        case HEADS -> heads;
      };
    }
  }

  /// Fields of an entry of the site table. Symbols `SITE_...`, and `SITE_SIZE` for an entry.
  enum SiteField {
    /// Address of the site.
    CODE,
    /// Where its jump goes.
    TARGET,
    /// Length in bytes.
    LENGTH,
    /// Address of its name, zero-terminated.
    NAME
  }

  /// Fields of an entry of the key table. Symbols `KEY_...`, and `KEY_SIZE` for an entry.
  enum KeyField {
    /// Address of the first of its entries in the site table, which stand together in order of their addresses.
    FIRST,
    /// How many there are.
    COUNT
  }

  /// The board that guest kernels run on.
  public static Board board() {
    return Plugins.board("lab");
  }

  /// Where things lie on it with cores of `isa`.
  public static MemoryMap map(Isa isa) {
    return MAPS.computeIfAbsent(isa.name(), name -> board().map(isa));
  }

  /// Start address of each section the assembler fills.
  static Map<String, Long> sections(Isa isa, GuestConfig config) {
    Map<String, Long> sections = new LinkedHashMap<>();
    sections.put(".text", map(isa).kernelBase());
    sections.put(".rodata", map(isa).kernelBase() + text(config));
    sections.put(".data", map(isa).kernelBase() + text(config) + rodata(config));
    return sections;
  }

  /// Room for text. A site at a place may have as much before it as its boundary.
  private static long text(GuestConfig config) {
    long places = config.sites().list().stream().mapToLong(s -> SITE_TEXT + s.placement().boundary()).sum();
    return Math.min(TEXT_MOST, roundUp(HALF + places, MIB));
  }

  private static long rodata(GuestConfig config) {
    return roundUp(HALF / 2 + (long) SITE_RODATA * config.sites().count(), HALF);
  }

  private static long zeroed(GuestConfig config) {
    return roundUp(text(config) + rodata(config) + HALF / 2 + (long) SITE_DATA * config.sites().count(), MIB);
  }

  private static long roundUp(long bytes, long to) {
    return bytes + to - 1 & -to;
  }

  /// Address of the per-CPU areas; the buffers follow the last.
  public static long cpuAreas(Isa isa, GuestConfig config) {
    return map(isa).kernelBase() + zeroed(config);
  }

  /// Bytes of the per-CPU areas, buffers and tasks.
  static int zeroedSize(GuestConfig config) {
    return config.work().cpus()
        * (CPU_AREA_SIZE + BUFFER_SIZE + (config.work().tasks() - 1) * TASK_AREA_SIZE);
  }

  /// Address of the room for text that appears while the kernel runs, executable once it is mapped. Its memory is
  /// behind all else.
  public static long textRoom(Isa isa, GuestConfig config) {
    return textRoom(map(isa), config);
  }

  static long textRoom(MemoryMap map, GuestConfig config) {
    return map.kernelBase() + roomOffset(config) + roomDistance(config);
  }

  private static long roomOffset(GuestConfig config) {
    return roundUp(zeroed(config) + zeroedSize(config), TABLE);
  }

  /// How far from where its memory is linked the room is mapped.
  static long roomDistance(GuestConfig config) {
    return config.hasModuleArea() ? MODULE_DISTANCE : 0;
  }

  /// Physical address of the room.
  public static long textRoomMemory(Isa isa, GuestConfig config) {
    return map(isa).imageBase() + roomOffset(config);
  }

  /// Address at which the text at a physical address runs.
  public static LongUnaryOperator running(Isa isa, GuestConfig config) {
    long link = map(isa).kernelBase() - map(isa).imageBase();
    long room = textRoomMemory(isa, config);
    long distance = roomDistance(config);
    return pa -> pa + link + (pa >= room && pa < room + TEXT_ROOM_SIZE ? distance : 0);
  }

  /// Bytes of RAM a machine should have for such a kernel, in whole 2 MiB: [#AROUND] for what lies below it
  /// (kernels may start 16 MiB into RAM, as Linux's do) and for page tables.
  public static int ramBytes(GuestConfig config) {
    return (int) roundUp(zeroed(config) + zeroedSize(config) + AROUND, TABLE);
  }

  /// Every symbol the assembly text may use beside its own.
  static Map<String, Long> symbols(Isa isa, GuestConfig config) {
    Map<String, Long> symbols = new LinkedHashMap<>();
    symbols.put("DIRECT_MAP", map(isa).directMap());
    symbols.put("LAB_DEVICE", map(isa).deviceMap() + LabDevice.BASE);
    symbols.put("LAB_CPU_AREAS", cpuAreas(isa, config));
    symbols.put("LAB_BUFFERS", cpuAreas(isa, config) + (long) config.work().cpus() * CPU_AREA_SIZE);
    symbols.put("LAB_TASKS", cpuAreas(isa, config) + (long) config.work().cpus() * (CPU_AREA_SIZE + BUFFER_SIZE));
    symbols.put("KEYS", (long) config.sites().keys());
    symbols.put("SITES", (long) config.sites().count());
    symbols.put("SITE_ROOM", (long) Math.max(LEAST_SITE_ROOM, config.sites().count()));
    symbols.put("PATCHING_CPUS", config.patching().cpus().stream().mapToLong(cpu -> 1L << cpu).sum());
    work(symbols, config.work());
    symbols.put("TASKS", (long) config.work().tasks());
    symbols.put("TASK_AREA_SIZE", (long) TASK_AREA_SIZE);
    symbols.put("TASK_DEAD", 1L);
    fields(symbols, "TASK_", TaskField.values(), 0);
    symbols.put("TASK_COUNTERS", (long) TASK_COUNTERS_OFFSET);
    symbols.put("CPU_TASK_0", (long) TASK_0_OFFSET);
    fields(symbols, "CPU_", SchedulerField.values(), SCHEDULER_OFFSET);
    symbols.put("TEXT_ROOM", textRoom(isa, config));
    symbols.put("TEXT_ROOM_SIZE", (long) TEXT_ROOM_SIZE);
    symbols.put("TEXT_ROOM_DISTANCE", roomDistance(config));
    symbols.put("CPU_AREA_SIZE", (long) CPU_AREA_SIZE);
    symbols.put("BUFFER_SIZE", (long) BUFFER_SIZE);
    symbols.put("SPIN_LIMIT", (long) SPIN_LIMIT);
    symbols.put("BOOT_SPIN_LIMIT", bootSpinLimit(config.sites().count()));
    symbols.put("BATCH_MAX", (long) Patching.BATCH_MAX);
    symbols.put("PATCH_TRAP", littleEndian(isa.patchKit().trap()));
    fields(symbols, "CPU_", CpuField.values(), 0);
    fields(symbols, "CPU_", Counter.values(), COUNTERS_OFFSET);
    symbols.put("CPU_COUNTERS", (long) COUNTERS_OFFSET);
    symbols.put("COUNTERS", (long) Counter.reported(config));
    symbols.put("CPU_ARCH", (long) ARCH_OFFSET);
    fields(symbols, "PARAM_", Parameter.values(), 0);
    fields(symbols, "SITE_", SiteField.values(), 0);
    symbols.put("SITE_SIZE", 8L * SiteField.values().length);
    fields(symbols, "KEY_", KeyField.values(), 0);
    symbols.put("KEY_SIZE", 8L * KeyField.values().length);
    fields(symbols, "LAB_", LabRegister.values(), 0);
    fields(symbols, "EVENT_", TextRecord.values(), 0);
    symbols.put("EVENT_SIZE", (long) TextRecord.SIZE);
    fields(symbols, "MAPPING_", MappingRecord.values(), 0);
    symbols.put("MAPPING_SIZE", (long) MappingRecord.SIZE);
    Observers observers = config.observation().observers();
    symbols.put("OBSERVERS", (long) observers.latencies().size());
    symbols.put("OBSERVER_PATIENCE", observers.patience());
    symbols.put("OBSERVER_PANICS", observers.panics() ? 1L : 0L);
    for (PanicCode code : PanicCode.values()) {
      symbols.put("PANIC_" + code, (long) code.code());
    }
    choices(symbols, config.patching());
    Set<Part> used = config.parts();
    for (Part part : config.patching().library().parts().values()) {
      symbols.put("USES_" + symbol(part.name()), used.contains(part) ? 1L : 0L);
    }
    paths(symbols, isa, config);
    return symbols;
  }

  /// Turns in which the others wait for the boot CPU, which may have something to write at every site: more for every
  /// doubling of more than 1,024.
  private static long bootSpinLimit(int sites) {
    return (long) SPIN_LIMIT * Math.max(1, Integer.highestOneBit(sites >> 10));
  }

  /// NMIs, and the paths on which there are sites.
  private static void paths(Map<String, Long> symbols, Isa isa, GuestConfig config) {
    symbols.put("NMI", config.work().nmis() ? 1L : 0L);
    for (SitePath path : SitePath.values()) {
      symbols.put("SITES_IN_" + path, config.sites().on(path).isEmpty() ? 0L : 1L);
    }
    symbols.put("PATH_PASS", SitePath.PASS);
    map(isa).registers().forEach(
        (name, pa) -> symbols.put("REGISTERS_" + name.toUpperCase(Locale.ROOT), map(isa).deviceMap() + pa));
  }

  private static void work(Map<String, Long> symbols, Work work) {
    numbers(symbols, "HOTPLUG_", Hotplug.State.values());
    symbols.put("HOTPLUG_CPU", (long) work.hotplug().cpu());
    symbols.put("HOTPLUG_EVERY", work.hotplug().isThere() ? work.hotplug().every() : Integer.MAX_VALUE);
    symbols.put("IRQS_OFF_LENGTH", work.irqsOff().length());
    symbols.put("IRQS_OFF_EVERY", work.irqsOff().every());
    symbols.put("IDLE_LENGTH", work.idle().length());
    symbols.put("IDLE_EVERY", work.idle().every());
  }

  private static long littleEndian(byte[] bytes) {
    long value = 0;
    for (int i = bytes.length - 1; i >= 0; i--) {
      value = value << 8 | (bytes[i] & 0xff);
    }
    return value;
  }

  /// What the kernel's `.if`s ask: the chosen protocol and which one of the library's it is like, the sync, what the
  /// mechanism handles and uses, and for every step whether it is left out.
  private static void choices(Map<String, Long> symbols, Patching patching) {
    GuestLibrary library = patching.library();
    Set<String> protocols = new LinkedHashSet<>(
        patching.mechanism().protocols().stream().map(Protocol::name).toList());
    library.parts().values().forEach(part -> part.protocols().forEach(p -> protocols.add(p.name())));
    List<String> numbered = List.copyOf(protocols);
    choice(symbols, "PROTOCOL", "PROTOCOL_", numbered, patching.protocol().name());
    symbols.put("LIKE", (long) numbered.indexOf(patching.protocol().like()));
    choice(symbols, "SYNC_WITH", "SYNC_WITH_", library.syncs(), patching.sync());
    numbers(symbols, "ALIAS_", Alias.values());
    symbols.put("ALIAS", (long) patching.alias().ordinal());
    for (Hook hook : Hook.values()) {
      symbols.put("HANDLES_" + hook, patching.variant().hooks().contains(hook) ? 1L : 0L);
    }
    for (Part part : library.parts().values()) {
      faults(symbols, part.steps(), patching.leftOut());
    }
    faults(symbols, library.steps(), patching.leftOut());
    faults(symbols, patching.mechanism().steps(), patching.leftOut());
  }

  private static void faults(Map<String, Long> symbols, List<Step> steps, Set<String> leftOut) {
    for (Step step : steps) {
      symbols.put("FAULT_" + symbol(step.name()), leftOut.contains(step.name()) ? 1L : 0L);
    }
  }

  private static void choice(Map<String, Long> symbols, String which, String prefix, List<String> names, String one) {
    for (int i = 0; i < names.size(); i++) {
      symbols.put(prefix + symbol(names.get(i)), (long) i);
    }
    symbols.put(which, (long) names.indexOf(one));
  }

  /// A name of a manifest as assembly text has it.
  private static String symbol(String name) {
    return name.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  private static void fields(Map<String, Long> symbols, String prefix, Enum<?>[] names, long offset) {
    for (Enum<?> name : names) {
      symbols.put(prefix + name.name(), offset + 8L * name.ordinal());
    }
  }

  private static void numbers(Map<String, Long> symbols, String prefix, Enum<?>[] names) {
    for (Enum<?> name : names) {
      symbols.put(prefix + name.name(), (long) name.ordinal());
    }
  }
}
