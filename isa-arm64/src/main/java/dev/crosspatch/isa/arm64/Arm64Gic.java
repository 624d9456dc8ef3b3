package dev.crosspatch.isa.arm64;

import org.jspecify.annotations.Nullable;

/// One core's part of a GICv3: private interrupts 0..31 and the CPU interface as system registers. Source: IHI0069,
/// chapters 4 and 12.
///
/// SGIs and PPIs are enabled, in group 1, at priority [#PRIORITY] from the start, as firmware might leave them; the
/// [Arm64Distributor] has the registers that say otherwise, and sends SPIs. One security state; EOImode may be 0 or 1.
final class Arm64Gic {
  /// Event of an SGI that arrives; the value is the interrupt number.
  static final int EVENT_SGI = 1;
  /// Event of an SPI that the distributor offers; the value is the interrupt number less 32.
  static final int EVENT_SPI = 4;
  /// Event of registers, of the distributor or of the core's redistributor, that were written.
  private static final int EVENT_CHANGED = 5;
  /// Priority of every private interrupt at first. A lower number is more urgent.
  static final int PRIORITY = 0xa0;

  private static final int PRIVATE_INTERRUPTS = 32;
  private static final int SGIS = 0xffff;
  private static final int SPECIAL = 1020;
  private static final int SPURIOUS = 1023;
  private static final int IDLE_PRIORITY = 0xff;
  /// Least binary point of group 1 with five bits of priority.
  private static final int LEAST_BINARY_POINT = 3;
  private static final int CTLR_EOIMODE = 1 << 1;
  /// ICC_CTLR_EL1.PRIbits = 4 (five bits), IDbits = 0 (16 bits).
  private static final int CTLR_FIXED = 4 << 8;
  private static final int AFFINITY_0_CPUS = 16;

  /// The private interrupts: SGIs, which are edges, and PPIs, which are levels.
  final Arm64GicBank own = new Arm64GicBank(-1, SGIS, false, PRIORITY);
  private final Arm64Core core;
  private transient @Nullable Arm64Distributor distributor;
  /// SPIs that the core has been told of, a bit each; those that ask no longer may be among them.
  private long heard;
  /// Group priorities that are acknowledged and not yet ended, a bit each (ICC_AP1R0_EL1).
  private int running;
  private int priorityMask;
  private int binaryPoint = LEAST_BINARY_POINT;
  private int control;
  private boolean enabled;
  private boolean asleep;

  Arm64Gic(Arm64Core core) {
    this.core = core;
  }

  /// SPIs come from `spis`.
  void connect(Arm64Distributor spis) {
    distributor = spis;
  }

  /// Aff1:Aff0 of core `id`: sixteen cores to a cluster, as SGI target lists want it.
  static long affinity(int id) {
    return (long) (id / AFFINITY_0_CPUS) << 8 | id % AFFINITY_0_CPUS;
  }

  // ---- inputs

  /// Sets the line of PPI `number`.
  void level(int number, boolean up) {
    own.level(number, up);
  }

  /// An event that was posted to this core.
  void event(int kind, int value) {
    switch (kind) {
      case EVENT_SGI -> own.latch(value);
      case EVENT_SPI -> heard |= 1L << value;
      case EVENT_CHANGED -> { } // the engine asks for interrupts behind every event
      default -> throw new IllegalStateException("core " + core.id + ": event of kind " + kind);
    }
  }

  /// GICR_WAKER.ProcessorSleep: nothing is signalled.
  void sleep(boolean now) {
    asleep = now;
  }

  boolean isAsleep() {
    return asleep;
  }

  /// Somebody has written registers by which another interrupt may be signalled now. The core hears of it as of an
  /// event: it may sleep, and be behind in time.
  void changed(long clock) {
    core.machine.post(core.id, clock, EVENT_CHANGED, 0);
  }

  // ---- outputs

  /// Whether an interrupt is signalled to the core, whatever PSTATE.I says.
  boolean signals() {
    if (!enabled || asleep) {
      return false;
    }
    int number = best();
    return number != SPURIOUS && outranks(number);
  }

  private boolean outranks(int number) {
    return priority(number) < priorityMask && (priority(number) & groupMask()) < runningPriority();
  }

  /// Whether private interrupt `number` would be signalled if it were pending.
  boolean accepts(int number) {
    return enabled && !asleep && own.isReady(number) && outranks(number);
  }

  /// Whether ICC_PMR_EL1 lets interrupts of this priority through.
  boolean admits(int priority) {
    return priority < priorityMask;
  }

  /// The most urgent pending interrupt, of several the lowest number.
  private int best() {
    if (distributor != null && !distributor.forwards()) {
      return SPURIOUS;
    }
    int number = own.best(own.candidates());
    int spi = heard == 0 || distributor == null ? -1 : distributor.best(heard, core.id);
    if (number < 0 && spi < 0) {
      return SPURIOUS;
    }
    boolean shared = number < 0 || (spi >= 0 && priority(PRIVATE_INTERRUPTS + spi) < own.priority(number));
    return shared ? PRIVATE_INTERRUPTS + spi : number;
  }

  private int priority(int number) {
    if (number < PRIVATE_INTERRUPTS) {
      return own.priority(number);
    }
    return distributor == null ? IDLE_PRIORITY : distributor.priority(number - PRIVATE_INTERRUPTS);
  }

  /// Bits of a priority that preemption goes by (4.8.2).
  private int groupMask() {
    return -1 << binaryPoint;
  }

  private int runningPriority() {
    return running == 0 ? IDLE_PRIORITY : Integer.numberOfTrailingZeros(running) << 3;
  }

  // ---- registers

  long read(Arm64SystemRegister register) {
    return switch (register) {
      case ICC_PMR_EL1 -> priorityMask;
      case ICC_BPR1_EL1 -> binaryPoint;
      case ICC_CTLR_EL1 -> CTLR_FIXED | control;
      case ICC_IGRPEN1_EL1 -> enabled ? 1 : 0;
      case ICC_RPR_EL1 -> runningPriority();
      case ICC_AP1R0_EL1 -> running & 0xffff_ffffL;
      case ICC_HPPIR1_EL1 -> best();
      case ICC_IAR1_EL1 -> acknowledge();
      default -> throw new IllegalArgumentException(register.name());
    };
  }

  void write(Arm64SystemRegister register, long value) {
    switch (register) {
      case ICC_PMR_EL1 -> {
        priorityMask = (int) value & Arm64GicBank.PRIORITY_MASK;
        core.maskChanged();
      }
      case ICC_BPR1_EL1 -> binaryPoint = Math.max((int) value & 7, LEAST_BINARY_POINT);
      case ICC_AP1R0_EL1 -> running = (int) value;
      case ICC_CTLR_EL1 -> control = (int) value & CTLR_EOIMODE;
      case ICC_IGRPEN1_EL1 -> enabled = (value & 1) != 0;
      case ICC_EOIR1_EL1 -> endOfInterrupt((int) value & 0xff_ffff);
      case ICC_DIR_EL1 -> deactivate((int) value & 0xff_ffff);
      case ICC_SGI1R_EL1 -> generate(value);
      default -> throw new IllegalArgumentException(register.name());
    }
  }

  private int acknowledge() {
    if (!signals()) {
      return SPURIOUS;
    }
    int number = best();
    running |= 1 << ((priority(number) & groupMask()) >> 3);
    if (number < PRIVATE_INTERRUPTS) {
      own.acknowledge(number);
    } else if (distributor != null) {
      heard &= ~(1L << (number - PRIVATE_INTERRUPTS));
      distributor.acknowledge(number - PRIVATE_INTERRUPTS, core.clock());
    }
    return number;
  }

  /// Drops the running priority, the most urgent one, and, with EOImode 0, deactivates.
  private void endOfInterrupt(int number) {
    if (number < SPECIAL) {
      running &= running - 1;
    }
    if ((control & CTLR_EOIMODE) == 0) {
      deactivate(number);
    }
  }

  private void deactivate(int number) {
    if (number < PRIVATE_INTERRUPTS) {
      own.deactivate(number);
    } else if (distributor != null && number < SPECIAL) {
      distributor.deactivate(number - PRIVATE_INTERRUPTS, core.clock());
    }
  }

  /// ICC_SGI1R_EL1 (12.2.18): IRM 40 all but this core; else Aff3.Aff2.Aff1 and a list of 16 Aff0 from 16 * RS on.
  private void generate(long value) {
    int number = (int) (value >>> 24) & 15;
    boolean others = (value >>> 40 & 1) != 0;
    for (int i = 0; i < core.machine.cpus(); i++) {
      if (others ? i != core.id : targets(value, i)) {
        core.sendInterrupt(i, EVENT_SGI, number, number);
      }
    }
  }

  private static boolean targets(long value, int id) {
    long aff1 = value >>> 16 & 0xff;
    long aff2 = value >>> 32 & 0xff;
    long range = value >>> 44 & 15;
    long aff3 = value >>> 48 & 0xff;
    boolean cluster = aff3 == 0 && aff2 == 0 && range == 0 && aff1 == id / AFFINITY_0_CPUS;
    return cluster && (value >>> id % AFFINITY_0_CPUS & 1) != 0;
  }
}
