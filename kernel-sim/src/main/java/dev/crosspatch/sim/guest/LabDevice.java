package dev.crosspatch.sim.guest;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.platform.Device;
import dev.crosspatch.platform.Platform;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.tracer.text.MappingEvent;
import dev.crosspatch.tracer.text.Poke;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// The device through which a guest kernel prints, tells of text events and counters, and ends the run. Its registers
/// are those of [LabRegister], banked per core, at physical address [#BASE]. One device serves one run.
public final class LabDevice implements Device {
  /// Physical address of the first register.
  public static final long BASE = 0xF000_0000L;

  /// Bytes of the register window.
  public static final int SIZE = 4096;

  private static final LabRegister[] REGISTERS = LabRegister.values();
  private static final Counter[] COUNTERS = Counter.values();
  private static final int CONSOLE = 1 << 16;

  private final GuestConfig guest;
  private final long[][] bank;
  private final long[][] counters;
  private final StringBuilder console = new StringBuilder();
  private final TextEvents events;
  private final EventBuffers buffers;
  private final MappingDevice mappings;
  private final Listener listener;
  private GuestOutcome outcome = new GuestOutcome.Running();

  /// Hears what the kernel reports while it runs; the device keeps none of it.
  public interface Listener {
    /// A poke, in the order of their reports.
    void poke(Poke poke);

    /// A poke for which there was no room, and of which therefore nobody will know.
    default void dropped(Poke poke) {}

    /// So many events of a CPU were lost before `time`, in ticks of the trace clock.
    default void lost(long time, int cpu, long count) {}

    /// Something happened to a mapping.
    default void mapping(MappingEvent event) {}
  }

  /// A device for a machine on its board, where it is put at [#BASE].
  ///
  /// @param guest what runs there
  public LabDevice(Platform platform, GuestConfig guest, Listener listener) {
    this.guest = guest;
    Mechanism mechanism = guest.patching().mechanism();
    int cpus = platform.machine().cpus();
    GuestMemory memory = new GuestMemory(platform, guest);
    events = new TextEvents(mechanism, memory);
    mappings = new MappingDevice(platform, guest, events, memory, listener);
    buffers = new EventBuffers(guest.observation().events(), cpus);
    this.listener = listener;
    bank = new long[cpus][REGISTERS.length];
    counters = new long[cpus][COUNTERS.length];
    platform.bus().attach(BASE, SIZE, this);
  }

  /// How the run ended.
  public GuestOutcome outcome() {
    return outcome;
  }

  /// What was printed so far, the first 64 KiB.
  public String console() {
    return console.toString();
  }

  /// The value of a counter as the kernel reported it at its end, 0 if it has not.
  public long counter(int cpu, Counter counter) {
    return counters[cpu][counter.ordinal()];
  }

  /// The sum of a counter over all CPUs.
  public long total(Counter counter) {
    long sum = 0;
    for (long[] cpu : counters) {
      sum += cpu[counter.ordinal()];
    }
    return sum;
  }

  /// The run is over: tells the listener what it has not been told yet.
  public void finish(Machine machine) {
    long[] now = IntStream.range(0, machine.cpus()).mapToLong(cpu -> machine.core(cpu).ticks()).toArray();
    buffers.end(now, listener);
    mappings.end(LongStream.of(now).max().orElseThrow());
  }

  @Override
  public long read(Core core, long offset, int width) {
    if (width != 3 || offset % 8 != 0 || offset >= 8L * REGISTERS.length) {
      end(core, badAccess(core, "read", offset, width));
      return 0;
    }
    return bank[core.id][(int) offset / 8];
  }

  @Override
  public void write(Core core, long offset, int width, long value) {
    if (width != 3 || offset % 8 != 0 || offset >= 8L * REGISTERS.length) {
      end(core, badAccess(core, "write", offset, width));
    } else {
      bank[core.id][(int) offset / 8] = value;
      act(core, REGISTERS[(int) offset / 8], value);
    }
  }

  private void act(Core core, LabRegister register, long value) {
    switch (register) {
      case CONSOLE -> print((char) (value & 0xff));
      case EXIT -> end(core, exited(value));
      case TEXT_EVENT -> textEvent(core, value);
      case COUNTER_VALUE -> count(core, value);
      case UNCLAIMED -> end(core, new GuestOutcome.UnclaimedTrap(core.id, core.cycles(), value));
      case PANIC_CODE -> end(core, panic(core, value));
      case MAPPING_ACKNOWLEDGEMENTS, MAPPING_ANNOUNCE, MAPPING_WITHDRAW, MAPPING_TIMEOUT ->
        mapping(core, register, value);
      case COUNTER_CPU, COUNTER_INDEX, PANIC_ADDRESS, PANIC_DETAIL, PANIC_SYNDROME, MAPPING_OBSERVER -> {}
    }
  }

  private GuestOutcome exited(long code) {
    Optional<String> wrong = code == 0 ? Passes.wrong(guest, this::counter) : Optional.empty();
    return wrong.<GuestOutcome>map(GuestOutcome.Miscounted::new).orElseGet(() -> new GuestOutcome.Exited(code));
  }

  private void print(char c) {
    if (console.length() < CONSOLE) {
      console.append(c);
    }
  }

  private long held(Core core, LabRegister register) {
    return bank[core.id][register.ordinal()];
  }

  private void textEvent(Core core, long record) {
    try {
      buffers.put(events.read(core, record), listener);
    } catch (TextEvents.BadRecord e) {
      end(core, new GuestOutcome.BadAccess(core.id, core.cycles(), "text event: " + e.what()));
    }
  }

  private void mapping(Core core, LabRegister register, long value) {
    try {
      switch (register) {
        case MAPPING_ACKNOWLEDGEMENTS -> mappings.openAt(value);
        case MAPPING_ANNOUNCE -> mappings.announce(core, value);
        case MAPPING_WITHDRAW -> mappings.withdraw(core, value);
        default -> mappings.timeout(core, held(core, LabRegister.MAPPING_OBSERVER), value);
      }
    } catch (TextEvents.BadRecord e) {
      end(core, new GuestOutcome.BadAccess(core.id, core.cycles(), "mapping: " + e.what()));
    }
  }

  private void count(Core core, long value) {
    long cpu = held(core, LabRegister.COUNTER_CPU);
    long index = held(core, LabRegister.COUNTER_INDEX);
    if (Long.compareUnsigned(cpu, counters.length) >= 0 || Long.compareUnsigned(index, COUNTERS.length) >= 0) {
      end(core, new GuestOutcome.BadAccess(core.id, core.cycles(), "counter " + index + " of CPU " + cpu));
      return;
    }
    counters[(int) cpu][(int) index] = value;
  }

  private GuestOutcome panic(Core core, long code) {
    return new GuestOutcome.Panic(core.id, core.cycles(), code, held(core, LabRegister.PANIC_ADDRESS),
        held(core, LabRegister.PANIC_DETAIL),
        held(core, LabRegister.PANIC_SYNDROME));
  }

  private static GuestOutcome badAccess(Core core, String what, long offset, int width) {
    return new GuestOutcome.BadAccess(core.id, core.cycles(),
        what + " of " + (1 << width) + " bytes at offset 0x" + Long.toHexString(offset) + " of the lab device");
  }

  /// The first end counts: what other cores do before the machine stops is noise.
  private void end(Core core, GuestOutcome how) {
    if (outcome instanceof GuestOutcome.Running) {
      outcome = how;
      core.machine.stop(how.text());
    }
  }
}
