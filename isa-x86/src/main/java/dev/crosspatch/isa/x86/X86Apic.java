package dev.crosspatch.isa.x86;

import org.jspecify.annotations.Nullable;

/// The local APIC in x2APIC mode (SDM vol. 3 chapter 10, 10.12): IPIs, timer, task priority, requests and services in
/// 256-bit registers.
///
/// The end of a level-triggered interrupt, which only the [X86IoApic] sends, is told there. INIT and SIPI are
/// accepted and ignored: the boot loader starts every core. Unknown: what the APIC timer counts. Assumed the TSC,
/// because recent CPUs report equal crystal ratios for both.
final class X86Apic {
  // ---- kinds of machine events
  static final int FIXED_EVENT = 0;
  static final int NMI_EVENT = 1;
  private static final int TIMER_EVENT = 2;
  static final int LEVEL_EVENT = 3;

  // ---- registers, by MSR number (SDM vol. 3 table 10-6)
  static final int FIRST_MSR = 0x800;
  static final int LAST_MSR = 0x8ff;
  private static final int ID = 0x802;
  private static final int VERSION = 0x803;
  private static final int TPR = 0x808;
  private static final int PPR = 0x80a;
  private static final int EOI = 0x80b;
  private static final int LDR = 0x80d;
  private static final int SIVR = 0x80f;
  private static final int ISR0 = 0x810;
  private static final int TMR0 = 0x818;
  private static final int IRR0 = 0x820;
  private static final int ESR = 0x828;
  private static final int LVT_CMCI = 0x82f;
  private static final int ICR = 0x830;
  private static final int LVT_TIMER = 0x832;
  private static final int LVT_ERROR = 0x837;
  private static final int INITIAL_COUNT = 0x838;
  private static final int CURRENT_COUNT = 0x839;
  private static final int DIVIDE = 0x83e;
  private static final int SELF_IPI = 0x83f;

  private static final int ENABLED = 1 << 8;
  private static final int MASKED = 1 << 16;
  private static final int MODE_SHIFT = 17;
  private static final int ONE_SHOT = 0;
  private static final int PERIODIC = 1;
  private static final int TSC_DEADLINE = 2;
  static final int LOGICAL = 1 << 11;
  static final int DELIVERY_FIXED = 0;
  static final int DELIVERY_LOWEST = 1;
  static final int DELIVERY_NMI = 4;
  static final long BROADCAST = 0xffff_ffffL;
  /// Version 0x15 with 7 LVT entries.
  private static final long VERSION_VALUE = 0x0006_0015;

  private final X86Core core;
  private final long[] requested = new long[4];
  private final long[] inService = new long[4];
  /// Of those that are requested or in service: which are level triggered.
  private final long[] levelTriggered = new long[4];
  private final int[] lvt = new int[LVT_ERROR - LVT_CMCI + 1];
  private int taskPriority;
  private int spurious = 0xff;
  private long icr;
  private int divide;
  private int initialCount;
  private long timerStart;
  private long deadline;
  /// Hears of the ends of level-triggered interrupts.
  private transient @Nullable X86IoApic lines;

  X86Apic(X86Core core) {
    this.core = core;
    java.util.Arrays.fill(lvt, MASKED);
  }

  /// Ends of level-triggered interrupts are told to `ioApic` from now on.
  void connect(X86IoApic ioApic) {
    lines = ioApic;
  }

  // ---- priorities

  private static int highest(long[] bits) {
    for (int i = 3; i >= 0; i--) {
      if (bits[i] != 0) {
        return 64 * i + 63 - Long.numberOfLeadingZeros(bits[i]);
      }
    }
    return -1;
  }

  /// SDM vol. 3 10.8.3.1.
  private int processorPriority() {
    int service = Math.max(highest(inService), 0);
    return taskPriority >> 4 >= service >> 4 ? taskPriority : service & 0xf0;
  }

  /// Whether a request outranks what is being served and the task priority.
  boolean pending() {
    return highest(requested) >> 4 > processorPriority() >> 4;
  }

  /// Whether a request for `vector` would outrank what is being served and the task priority.
  boolean accepts(int vector) {
    return (spurious & ENABLED) != 0 && vector >> 4 > processorPriority() >> 4;
  }

  boolean isRequested(int vector) {
    return (requested[vector >> 6] >>> vector & 1) != 0;
  }

  /// Moves the highest request into service and returns its vector.
  int acknowledge() {
    int vector = highest(requested);
    requested[vector >> 6] &= ~(1L << vector);
    inService[vector >> 6] |= 1L << vector;
    return vector;
  }

  private void endOfInterrupt() {
    int vector = highest(inService);
    if (vector >= 0) {
      inService[vector >> 6] &= ~(1L << vector);
      if (lines != null && (levelTriggered[vector >> 6] >>> vector & 1) != 0) {
        lines.ended(vector, core.clock());
      }
    }
    core.resynchronize();
  }

  int taskPriority() {
    return taskPriority;
  }

  void setTaskPriority(int value) {
    taskPriority = value;
  }

  /// A request for `vector`; 0..15 are illegal and dropped, as is all while the APIC is disabled by software.
  private void request(int vector, boolean level) {
    if (vector >= 16 && (spurious & ENABLED) != 0) {
      requested[vector >> 6] |= 1L << vector;
      long others = levelTriggered[vector >> 6] & ~(1L << vector);
      levelTriggered[vector >> 6] = others | (level ? 1L << vector : 0);
      core.resynchronize();
    }
  }

  /// An event posted to this core.
  void event(int kind, int value) {
    switch (kind) {
      case FIXED_EVENT -> request(value, false);
      case LEVEL_EVENT -> request(value, true);
      case NMI_EVENT -> core.nmiPending = true;
      case TIMER_EVENT -> timerExpired();
      default -> throw new IllegalStateException("x86 has no event " + kind);
    }
  }

  // ---- interprocessor interrupts

  private void sendIpi(long command) {
    int shorthand = (int) (command >> 18) & 3;
    int delivery = (int) (command >> 8) & 7;
    int vector = (int) command & 0xff;
    boolean sent = false;
    for (int i = 0; i < core.machine.cpus(); i++) {
      boolean meant = switch (shorthand) {
        case 0 -> addressed(i, command);
        case 1 -> i == core.id;
        case 2 -> true;
        default -> i != core.id;
      };
      if (meant && !(sent && delivery == DELIVERY_LOWEST)) {
        send(i, delivery, vector);
        sent = true;
      }
    }
  }

  /// Logical x2APIC ids are `cluster << 16 | 1 << id % 16` (SDM vol. 3 10.12.10.2).
  private static int logicalId(int id) {
    return id >> 4 << 16 | 1 << (id & 15);
  }

  static boolean addressed(int id, long command) {
    long destination = command >>> 32;
    if (destination == BROADCAST) {
      return true;
    }
    int logical = logicalId(id);
    return (command & LOGICAL) == 0
        ? destination == id
        : destination >> 16 == logical >> 16 && (destination & logical & 0xffff) != 0;
  }

  private void send(int target, int delivery, int vector) {
    switch (delivery) {
      case DELIVERY_FIXED, DELIVERY_LOWEST -> core.sendInterrupt(target, FIXED_EVENT, vector, vector);
      case DELIVERY_NMI -> core.sendInterrupt(target, NMI_EVENT, 0, X86Exceptions.NMI);
      default -> { }
    }
  }

  // ---- timer

  private int timerMode() {
    return lvt[LVT_TIMER - LVT_CMCI] >> MODE_SHIFT & 3;
  }

  /// Timer ticks are TSC ticks through the divider (SDM vol. 3 figure 10-10).
  private int dividerShift() {
    return ((divide & 3) | (divide >> 1 & 4)) + 1 & 7;
  }

  private void schedule(long ticks) {
    core.machine.post(core.id, Math.max(core.clock(), core.clockAt(ticks)), TIMER_EVENT, 0);
  }

  private void stopTimer() {
    core.machine.cancel(core.id, TIMER_EVENT);
  }

  private void startCount(int count) {
    initialCount = count;
    stopTimer();
    if (timerMode() != TSC_DEADLINE && count != 0) {
      timerStart = core.ticks();
      schedule(timerStart + period());
    }
  }

  private long period() {
    return (initialCount & 0xffff_ffffL) << dividerShift();
  }

  private long currentCount() {
    if (initialCount == 0 || timerMode() == TSC_DEADLINE) {
      return 0;
    }
    return Math.max(0, timerStart + period() - core.ticks()) >> dividerShift();
  }

  long deadline() {
    return timerMode() == TSC_DEADLINE ? deadline : 0;
  }

  /// IA32_TSC_DEADLINE: ignored in the other modes; 0 disarms; a past value fires at once (SDM vol. 3 10.5.4.1).
  void setDeadline(long value) {
    if (timerMode() == TSC_DEADLINE) {
      deadline = value;
      stopTimer();
      if (value != 0) {
        schedule(Math.max(value - core.tscOffset, core.ticks()));
      }
    }
  }

  private void timerExpired() {
    int entry = lvt[LVT_TIMER - LVT_CMCI];
    if ((entry & MASKED) == 0) {
      request(entry & 0xff, false);
    }
    switch (timerMode()) {
      case PERIODIC -> {
        timerStart += period();
        schedule(timerStart + period());
      }
      case ONE_SHOT -> initialCount = 0;
      default -> deadline = 0;
    }
  }

  /// Changing the mode disarms the timer.
  private void setTimerEntry(int value) {
    if ((value >> MODE_SHIFT & 3) != timerMode()) {
      stopTimer();
      initialCount = 0;
      deadline = 0;
    }
    lvt[LVT_TIMER - LVT_CMCI] = value;
  }

  // ---- registers

  /// Local vectors are masked, and stay so, while software has the APIC disabled (SDM vol. 3 10.4.7.2).
  private void setSpurious(int value) {
    spurious = value;
    for (int i = 0; i < lvt.length && (value & ENABLED) == 0; i++) {
      lvt[i] |= MASKED;
    }
  }

  /// RDMSR of an x2APIC register. Sets [X86Core#faultCode] if it does not exist or cannot be read.
  long read(int msr) {
    if (msr >= ISR0 && msr < ISR0 + 8) {
      return part(inService, msr - ISR0);
    }
    if (msr >= TMR0 && msr < TMR0 + 8) {
      return part(levelTriggered, msr - TMR0);
    }
    if (msr >= IRR0 && msr < IRR0 + 8) {
      return part(requested, msr - IRR0);
    }
    if (msr == LVT_CMCI || (msr >= LVT_TIMER && msr <= LVT_ERROR)) {
      return lvt[msr - LVT_CMCI];
    }
    return switch (msr) {
      case ID -> core.id;
      case VERSION -> VERSION_VALUE;
      case TPR -> taskPriority;
      case PPR -> processorPriority();
      case LDR -> logicalId(core.id);
      case SIVR -> spurious;
      case ESR -> 0;
      case ICR -> icr;
      case INITIAL_COUNT -> initialCount & 0xffff_ffffL;
      case CURRENT_COUNT -> currentCount();
      case DIVIDE -> divide;
      default -> core.generalProtection();
    };
  }

  private static long part(long[] bits, int i) {
    return bits[i >> 1] >>> (32 * (i & 1)) & 0xffff_ffffL;
  }

  /// Bits that are reserved in registers other than local vectors: a WRMSR that sets one raises #GP (SDM vol. 3
  /// 10.12.1.2, tables 10-1 and 10-6, figures 10-10, 10-28).
  private static long reserved(int msr) {
    return switch (msr) {
      case TPR, SELF_IPI -> ~0xffL;
      case EOI, ESR -> -1;
      case SIVR -> ~0x1ffL;
      case ICR -> 0xfff3_2000L;
      case DIVIDE -> ~11L;
      default -> -1L << 32;
    };
  }

  /// WRMSR to an x2APIC register; whether it exists and takes the value.
  boolean write(int msr, long value) {
    if ((value & reserved(msr)) != 0) {
      return false;
    }
    int v = (int) value;
    int masked = (spurious & ENABLED) != 0 ? v : v | MASKED;
    if (msr == LVT_TIMER) {
      setTimerEntry(masked);
      return true;
    }
    if (msr == LVT_CMCI || (msr > LVT_TIMER && msr <= LVT_ERROR)) {
      lvt[msr - LVT_CMCI] = masked;
      return true;
    }
    switch (msr) {
      case TPR -> taskPriority = v;
      case EOI -> endOfInterrupt();
      case SIVR -> setSpurious(v);
      case ESR -> { }
      case ICR -> {
        icr = value;
        sendIpi(value);
      }
      case INITIAL_COUNT -> startCount(v);
      case DIVIDE -> divide = v;
      case SELF_IPI -> send(core.id, DELIVERY_FIXED, v);
      default -> {
        return false;
      }
    }
    return true;
  }
}
