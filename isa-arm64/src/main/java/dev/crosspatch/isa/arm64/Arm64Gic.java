package dev.crosspatch.isa.arm64;


/// One core's part of a GICv3: private interrupts 0..31 and the CPU interface as system registers. Source: IHI0069,
/// chapters 4 and 12.
///
/// There is no distributor or redistributor to program: SGIs and the timer's PPIs are enabled, in group 1, at priority
/// [#PRIORITY] from the start, as firmware might leave them. One security state; EOImode may be 0 or 1.
final class Arm64Gic {
  /// Event of an SGI that arrives; the value is the interrupt number.
  static final int EVENT_SGI = 1;
  /// Priority of every interrupt. A lower number is more urgent.
  static final int PRIORITY = 0xa0;

  private static final int PRIVATE_INTERRUPTS = 32;
  private static final int SPURIOUS = 1023;
  private static final int IDLE_PRIORITY = 0xff;
  /// Five bits of priority are implemented.
  private static final int PRIORITY_MASK = 0xf8;
  private static final int CTLR_EOIMODE = 1 << 1;
  /// ICC_CTLR_EL1.PRIbits = 4 (five bits), IDbits = 0 (16 bits).
  private static final int CTLR_FIXED = 4 << 8;
  private static final int AFFINITY_0_CPUS = 16;

  private final Arm64Core core;
  /// Edge-triggered interrupts that have arrived: SGIs.
  private int latched;
  /// Level-sensitive interrupts that are asserted: timers.
  private int asserted;
  /// Acknowledged and not yet deactivated.
  private int active;
  /// Acknowledged and not yet ended: they hold the running priority.
  private int running;
  private int priorityMask;
  private int binaryPoint;
  private int control;
  private boolean enabled;

  Arm64Gic(Arm64Core core) {
    this.core = core;
  }

  /// Aff1:Aff0 of core `id`: sixteen cores to a cluster, as SGI target lists want it.
  static long affinity(int id) {
    return (long) (id / AFFINITY_0_CPUS) << 8 | id % AFFINITY_0_CPUS;
  }

  // ---- inputs

  /// Interrupt `number` (0..15) has been sent to this core.
  void send(int number) {
    latched |= 1 << number;
  }

  /// Sets the line of level-sensitive interrupt `number`.
  void level(int number, boolean up) {
    asserted = up ? asserted | 1 << number : asserted & ~(1 << number);
  }

  // ---- outputs

  /// Whether an interrupt is signalled to the core, whatever PSTATE.I says.
  boolean signals() {
    return enabled && pending() != 0 && PRIORITY < priorityMask && PRIORITY < runningPriority();
  }

  private int pending() {
    return (latched | asserted) & ~active;
  }

  private int runningPriority() {
    return running == 0 ? IDLE_PRIORITY : PRIORITY;
  }

  // ---- registers

  long read(Arm64SystemRegister register) {
    return switch (register) {
      case ICC_PMR_EL1 -> priorityMask;
      case ICC_BPR1_EL1 -> binaryPoint;
      case ICC_CTLR_EL1 -> CTLR_FIXED | control;
      case ICC_IGRPEN1_EL1 -> enabled ? 1 : 0;
      case ICC_RPR_EL1 -> runningPriority();
      case ICC_AP1R0_EL1 -> running == 0 ? 0 : 1L << (PRIORITY >> 3);
      case ICC_HPPIR1_EL1 -> pending() == 0 ? SPURIOUS : Integer.numberOfTrailingZeros(pending());
      case ICC_IAR1_EL1 -> acknowledge();
      default -> throw new IllegalArgumentException(register.name());
    };
  }

  void write(Arm64SystemRegister register, long value) {
    switch (register) {
      case ICC_PMR_EL1 -> priorityMask = (int) value & PRIORITY_MASK;
      case ICC_BPR1_EL1 -> binaryPoint = (int) value & 7;
      case ICC_CTLR_EL1 -> control = (int) value & CTLR_EOIMODE;
      case ICC_IGRPEN1_EL1 -> enabled = (value & 1) != 0;
      case ICC_EOIR1_EL1 -> endOfInterrupt((int) value & 0xff_ffff);
      case ICC_DIR_EL1 -> deactivate((int) value & 0xff_ffff);
      case ICC_SGI1R_EL1 -> generate(value);
      default -> throw new IllegalArgumentException(register.name());
    }
  }

  /// Of several of one priority the lowest number wins.
  private int acknowledge() {
    if (!signals()) {
      return SPURIOUS;
    }
    int number = Integer.numberOfTrailingZeros(pending());
    latched &= ~(1 << number);
    active |= 1 << number;
    running |= 1 << number;
    return number;
  }

  /// Drops the running priority and, with EOImode 0, deactivates.
  private void endOfInterrupt(int number) {
    if (number < PRIVATE_INTERRUPTS) {
      running &= ~(1 << number);
    }
    if ((control & CTLR_EOIMODE) == 0) {
      deactivate(number);
    }
  }

  private void deactivate(int number) {
    if (number < PRIVATE_INTERRUPTS) {
      active &= ~(1 << number);
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
