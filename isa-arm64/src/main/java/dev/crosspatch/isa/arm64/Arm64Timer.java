package dev.crosspatch.isa.arm64;

import static dev.crosspatch.isa.arm64.Arm64SystemRegister.*;


/// One core's generic timer: the virtual and the physical EL1 timer over one system counter. Source: DDI0487 D12.
///
/// The counter is the trace clock ([dev.crosspatch.core.cpu.Core#ticks()]); CNTVOFF is zero, so both counts are the
/// same.
final class Arm64Timer {
  /// Events: a timer's compare value is reached.
  static final int EVENT_VIRTUAL = 2;

  static final int EVENT_PHYSICAL = 3;
  /// Private interrupts, as platforms have them (BSA).
  static final int PPI_VIRTUAL = 27;

  static final int PPI_PHYSICAL = 30;

  private static final int ENABLE = 1;
  private static final int IMASK = 2;
  private static final int ISTATUS = 4;
  /// Ticks beyond which no event is posted: the run ends before (and cycle arithmetic would overflow).
  private static final long NEVER = 1L << 45;
  private static final long HERTZ_PER_MHZ = 1_000_000;

  private final Arm64Core core;
  private final Channel virtual = new Channel(EVENT_VIRTUAL, PPI_VIRTUAL);
  private final Channel physical = new Channel(EVENT_PHYSICAL, PPI_PHYSICAL);

  Arm64Timer(Arm64Core core) {
    this.core = core;
  }

  /// One timer: control, compare value, interrupt line.
  private final class Channel {
    private final int event;
    private final int interrupt;
    private int control;
    private long compare;

    Channel(int event, int interrupt) {
      this.event = event;
      this.interrupt = interrupt;
    }

    boolean met() {
      return (control & ENABLE) != 0 && core.ticks() - compare >= 0;
    }

    int status() {
      return control | (met() ? ISTATUS : 0);
    }

    void control(long value) {
      control = (int) value & (ENABLE | IMASK);
      update();
    }

    void compare(long value) {
      compare = value;
      update();
    }

    /// Sets the interrupt line, and posts the event at which it will change if it will.
    void update() {
      core.machine.cancel(core.id, event);
      core.gic.level(interrupt, met() && (control & IMASK) == 0);
      long wait = compare - core.ticks();
      if ((control & (ENABLE | IMASK)) == ENABLE && wait > 0 && wait < NEVER) {
        core.machine.post(core.id, core.clockAt(compare), event, 0);
      }
    }
  }

  /// A timer's event has arrived.
  void expired() {
    virtual.update();
    physical.update();
  }

  long read(Arm64SystemRegister register) {
    return switch (register) {
      case CNTFRQ_EL0 -> core.machine.timing().table().timerMhz() * HERTZ_PER_MHZ;
      case CNTPCT_EL0, CNTVCT_EL0 -> core.ticks();
      case CNTV_CTL_EL0 -> virtual.status();
      case CNTP_CTL_EL0 -> physical.status();
      case CNTV_CVAL_EL0 -> virtual.compare;
      case CNTP_CVAL_EL0 -> physical.compare;
      case CNTV_TVAL_EL0 -> virtual.compare - core.ticks() & 0xffff_ffffL;
      case CNTP_TVAL_EL0 -> physical.compare - core.ticks() & 0xffff_ffffL;
      default -> throw new IllegalArgumentException(register.name());
    };
  }

  void write(Arm64SystemRegister register, long value) {
    switch (register) {
      case CNTV_CTL_EL0 -> virtual.control(value);
      case CNTP_CTL_EL0 -> physical.control(value);
      case CNTV_CVAL_EL0 -> virtual.compare(value);
      case CNTP_CVAL_EL0 -> physical.compare(value);
      case CNTV_TVAL_EL0 -> virtual.compare(core.ticks() + (int) value);
      case CNTP_TVAL_EL0 -> physical.compare(core.ticks() + (int) value);
      default -> throw new IllegalArgumentException(register.name());
    }
  }
}
