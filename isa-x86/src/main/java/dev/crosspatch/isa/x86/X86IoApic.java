package dev.crosspatch.isa.x86;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Uncore;
import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.machine.InterruptController;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.time.EventCost;
import java.util.Arrays;
import java.util.List;

/// The I/O APIC: 24 inputs, each with an entry of the redirection table that says which local APIC is sent what when
/// the input is asserted (Intel 82093AA datasheet 3.0..3.2; the EOI register at 0x40 and version 0x20 are those of
/// later ones, Intel 7 Series PCH datasheet 13.5). Registers are 32 bits wide: the one that IOREGSEL (0x00) names is at
/// IOWIN (0x10). All entries are masked at reset.
///
/// A level-triggered interrupt is sent once; the next one when the local APIC has told its end and the input is still
/// asserted. One that is meant for nobody is not sent. NMI is an edge, whatever its entry says. SMI, INIT and ExtINT
/// are not delivered: there is nobody who would answer.
final class X86IoApic implements InterruptController, InterruptController.Registers {
  private static final int INPUTS = 24;
  private static final int SIZE = 0x1000;

  // ---- offsets
  private static final int IOREGSEL = 0x00;
  private static final int IOWIN = 0x10;
  private static final int EOI = 0x40;

  // ---- registers behind IOWIN
  private static final int ID = 0;
  private static final int VERSION = 1;
  private static final int ARBITRATION = 2;
  private static final int TABLE = 0x10;
  private static final int VERSION_VALUE = (INPUTS - 1) << 16 | 0x20;
  private static final int ID_BITS = 0x0f00_0000;

  // ---- bits of an entry (datasheet 3.2.4)
  private static final long VECTOR = 0xff;
  private static final long ACTIVE_LOW = 1 << 13;
  private static final long REMOTE_IRR = 1 << 14;
  private static final long LEVEL = 1 << 15;
  private static final long MASKED = 1 << 16;
  private static final long READ_ONLY = 1 << 12 | REMOTE_IRR;
  private static final long WRITABLE = (0xffL << 56 | 0x1_ffff) & ~READ_ONLY;

  private final Uncore machine;
  private final long[] entries = new long[INPUTS];
  /// Bit per input: its line is raised.
  private int raised;
  private int select;
  private int id;

  X86IoApic(Uncore machine) {
    this.machine = machine;
    Arrays.fill(entries, MASKED);
    for (int i = 0; i < machine.cpus(); i++) {
      ((X86Core) machine.core(i)).apic.connect(this);
    }
  }

  // ---- inputs

  @Override
  public int inputs() {
    return INPUTS;
  }

  @Override
  public void level(int input, boolean asserted, long clock) {
    boolean before = active(input);
    raised = asserted ? raised | 1 << input : raised & ~(1 << input);
    if (isLevel(entries[input])) {
      serve(input, clock);
    } else if (active(input) && !before && (entries[input] & MASKED) == 0) { // a masked edge is lost (3.2.4, bit 16)
      send(entries[input], clock);
    }
  }

  /// Whether the input is asserted, as its entry has the polarity.
  private boolean active(int input) {
    return (raised >> input & 1) != 0 ^ (entries[input] & ACTIVE_LOW) != 0;
  }

  /// Only what has a vector can be ended: all else is an edge even where the entry says level (3.2.4, bits 10:8).
  private static boolean isLevel(long entry) {
    return (entry & LEVEL) != 0 && delivery(entry) <= X86Apic.DELIVERY_LOWEST;
  }

  private static int delivery(long entry) {
    return (int) (entry >> 8) & 7;
  }

  /// Sends what a level-triggered input asks for, unless that is being served.
  private void serve(int input, long clock) {
    boolean free = (entries[input] & (MASKED | REMOTE_IRR)) == 0;
    if (free && isLevel(entries[input]) && active(input) && send(entries[input], clock)) {
      entries[input] |= REMOTE_IRR;
    }
  }

  /// A local APIC has told the end of a level-triggered interrupt, to all inputs that sent this vector.
  void ended(int vector, long clock) {
    for (int i = 0; i < INPUTS; i++) {
      if ((entries[i] & (VECTOR | REMOTE_IRR)) == (vector | REMOTE_IRR)) {
        entries[i] &= ~REMOTE_IRR;
        serve(i, clock);
      }
    }
  }

  // ---- messages to local APICs

  /// Returns whether there is somebody for whom it is meant.
  private boolean send(long entry, long clock) {
    long destination = entry >>> 56;
    boolean logical = (entry & X86Apic.LOGICAL) != 0;
    long to = !logical && destination == 0xff ? X86Apic.BROADCAST : destination;
    int delivery = delivery(entry);
    boolean sent = false;
    for (int i = 0; i < machine.cpus() && !(sent && delivery == X86Apic.DELIVERY_LOWEST); i++) {
      if (X86Apic.addressed(i, to << 32 | (entry & X86Apic.LOGICAL))) {
        send(i, delivery, entry, clock);
        sent = true;
      }
    }
    return sent;
  }

  private void send(int target, int delivery, long entry, long clock) {
    int vector = (int) (entry & VECTOR);
    switch (delivery) {
      case X86Apic.DELIVERY_FIXED, X86Apic.DELIVERY_LOWEST ->
        post(target, (entry & LEVEL) != 0 ? X86Apic.LEVEL_EVENT : X86Apic.FIXED_EVENT, vector, vector, clock);
      case X86Apic.DELIVERY_NMI -> post(target, X86Apic.NMI_EVENT, 0, X86Exceptions.NMI, clock);
      default -> { }
    }
  }

  private void post(int target, int kind, int value, int vector, long clock) {
    machine.post(target, clock + machine.timing().cost(EventCost.IPI), kind, value);
    if (machine.probe().interruptsSent.isHeard()) {
      machine.probe().interruptsSent.tell(
          new Event.InterruptSent(Event.NO_CPU, ClockUnit.cycles(clock), target, vector));
    }
  }

  // ---- registers

  @Override
  public List<Registers> registers() {
    return List.of(this);
  }

  @Override
  public String name() {
    return "ioapic";
  }

  @Override
  public long size() {
    return SIZE;
  }

  @Override
  public long read(Core core, long offset, int width) {
    return switch ((int) offset) {
      case IOREGSEL -> select;
      case IOWIN -> selected();
      default -> 0;
    };
  }

  private long selected() {
    if (select >= TABLE && select < TABLE + 2 * INPUTS) {
      long entry = entries[(select - TABLE) >> 1];
      return ((select & 1) == 0 ? entry : entry >>> 32) & 0xffff_ffffL;
    }
    return switch (select) {
      case ID, ARBITRATION -> id;
      case VERSION -> VERSION_VALUE;
      default -> 0;
    };
  }

  @Override
  public void write(Core core, long offset, int width, long value) {
    switch ((int) offset) {
      case IOREGSEL -> select = (int) value & 0xff;
      case IOWIN -> writeSelected(value & 0xffff_ffffL, core.clock());
      case EOI -> ended((int) value & 0xff, core.clock());
      default -> { }
    }
  }

  private void writeSelected(long value, long clock) {
    if (select >= TABLE && select < TABLE + 2 * INPUTS) {
      int shift = (select & 1) * 32;
      writeEntry((select - TABLE) >> 1, value << shift, 0xffff_ffffL << shift, clock);
    } else if (select == ID) {
      id = (int) value & ID_BITS;
    }
  }

  /// An entry that becomes edge triggered has nothing to be ended; one that is unmasked may have to be served.
  private void writeEntry(int input, long value, long mask, long clock) {
    long bits = mask & WRITABLE;
    entries[input] = (entries[input] & ~bits) | (value & bits);
    if (!isLevel(entries[input])) {
      entries[input] &= ~REMOTE_IRR;
    }
    serve(input, clock);
  }
}
