package dev.crosspatch.sim.guest;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.machine.Agenda;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.time.ClockRatio;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.platform.Platform;
import dev.crosspatch.sim.guest.TextEvents.BadRecord;
import dev.crosspatch.tracer.text.MappingEvent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// The registry of new text, as its observers see it ([Observers]): the kernel announces a mapping and goes on. Each
/// observer copies it at its leisure out of the kernel's memory, one after the other in the order of the announcements,
/// and acknowledges by writing the mapping's number where the kernel looks for it.
final class MappingDevice {
  private final Observers observers;
  private final String mechanism;
  private final TextEvents events;
  private final GuestMemory memory;
  private final transient Machine machine;
  private final transient LabDevice.Listener listener;
  private final transient List<Agenda.Alarm> alarms = new ArrayList<>();
  /// All that were announced; number n is at n - 1.
  private final List<Range> announced = new ArrayList<>();
  /// Numbers of those that were not given up yet.
  private final List<Long> live = new ArrayList<>();
  /// By observer, how many it has copied.
  private final int[] copied;
  /// By observer, whether the kernel still waits for it.
  private final boolean[] open;
  /// Where the kernel looks for acknowledgements, 8 bytes for each observer; 0 until it says so.
  private long acknowledgements;

  private record Range(long address, int length) {
    boolean overlaps(Range other) {
      return address < other.address + other.length && other.address < address + length;
    }
  }

  MappingDevice(Platform platform, GuestConfig guest, TextEvents events, GuestMemory memory,
      LabDevice.Listener listener) {
    observers = guest.observation().observers();
    mechanism = guest.patching().mechanism().name();
    this.events = events;
    this.memory = memory;
    machine = platform.machine();
    this.listener = listener;
    copied = new int[observers.latencies().size()];
    open = new boolean[copied.length];
    for (int i = 0; i < copied.length; i++) {
      int observer = i;
      open[i] = true;
      alarms.add(machine.agenda().alarm((clock, value) -> due(observer, clock)));
    }
  }

  /// The kernel will look for acknowledgements there.
  void openAt(long address) throws BadRecord {
    events.bytes("acknowledgements", address, 8 * copied.length);
    acknowledgements = address;
  }

  /// The kernel announces what the record at `address` says.
  void announce(Core core, long address) throws BadRecord {
    byte[] record = events.bytes("record", address, MappingRecord.SIZE);
    long number = field(record, MappingRecord.SEQUENCE);
    long length = field(record, MappingRecord.LENGTH);
    String name = events.name("mapping", field(record, MappingRecord.NAME));
    if (acknowledgements == 0) {
      throw new BadRecord("a mapping before anybody can acknowledge it");
    }
    if (number != announced.size() + 1) {
      throw new BadRecord("mapping " + number + " where " + (announced.size() + 1) + " is next");
    }
    if (length < 1 || length > TextEvents.MOST) {
      throw new BadRecord("a mapping of " + Long.toUnsignedString(length) + " bytes, not 1.." + TextEvents.MOST);
    }
    Range range = new Range(field(record, MappingRecord.ADDRESS), (int) length);
    events.bytes("text", range.address(), range.length());
    for (long other : live) {
      if (range.overlaps(announced.get((int) other - 1))) {
        throw new BadRecord("mapping " + number + " where mapping " + other + " is");
      }
    }
    announced.add(range);
    live.add(number);
    listener.mapping(new MappingEvent.Announced(core.ticks(), number, core.id, range.address(), range.length(), name,
        mechanism));
    for (int i = 0; i < copied.length; i++) {
      if (open[i] && copied[i] == announced.size() - 1) {
        next(i, core.clock());
      }
    }
  }

  /// The kernel gives mapping `number` up.
  void withdraw(Core core, long number) throws BadRecord {
    if (!live.remove(Long.valueOf(number))) {
      throw new BadRecord("mapping " + number + " is given up, and is not there");
    }
    listener.mapping(new MappingEvent.Withdrawn(core.ticks(), number, core.id));
  }

  /// The kernel has waited for an observer for too long.
  ///
  /// @param number of the mapping that it did not acknowledge
  void timeout(Core core, long observer, long number) throws BadRecord {
    if (observer < 0 || observer >= copied.length || number < 1 || number > announced.size()) {
      throw new BadRecord("observer " + observer + " timed out on mapping " + number);
    }
    open[(int) observer] = false;
    alarms.get((int) observer).cancel();
    listener.mapping(new MappingEvent.TimedOut(core.ticks(), number, core.id, (int) observer));
  }

  private static long field(byte[] record, MappingRecord field) {
    return PhysicalMemory.get(record, field.offset(), 3);
  }

  /// The observer turns to its next mapping.
  private void next(int observer, long clock) {
    long latency = observers.latencies().get(observer);
    if (latency != Observers.NEVER) {
      ClockRatio clocks = machine.timing().table().clocks();
      long begun = clocks.ticks(ClockUnit.cycles(clock));
      alarms.get(observer).at(Math.max(clock, ClockUnit.units(clocks.cycles(begun + latency))), 0);
    }
  }

  private void due(int observer, long clock) {
    copy(observer, machine.timing().table().clocks().ticks(ClockUnit.cycles(clock)));
    byte[] acknowledged = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(copied[observer]).array();
    memory.write(acknowledgements + 8L * observer, acknowledged, clock);
    if (copied[observer] < announced.size()) {
      next(observer, clock);
    }
  }

  private void copy(int observer, long time) {
    Range range = announced.get(copied[observer]++);
    byte[] bytes = memory.read(range.address(), range.length());
    if (bytes == null) {
      throw new IllegalStateException("memory that was there is gone");
    }
    listener.mapping(new MappingEvent.Copied(time, copied[observer], observer, bytes));
  }

  /// The run is over and memory stays as it is: who still has something to copy does so.
  ///
  /// @param now ticks
  void end(long now) {
    for (int i = 0; i < copied.length; i++) {
      while (open[i] && observers.latencies().get(i) != Observers.NEVER && copied[i] < announced.size()) {
        copy(i, now);
      }
    }
  }
}
