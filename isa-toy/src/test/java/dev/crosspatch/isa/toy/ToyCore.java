package dev.crosspatch.isa.toy;

import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.cpu.Uncore;
import dev.crosspatch.core.event.Event.Maintenance;
import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.isa.toy.ToyHelper.Operands;
import java.util.Arrays;

/// A core of the toy: 32 registers, of which 30 is `lr` and 31 `sp`, eight system registers, one kind of interrupt.
/// Every address below 4 GiB is its own translation: RAM may be read, written and executed, anything else is a device.
/// Instruction fetch is not coherent with stores. All code is privileged.
///
/// The vectors that it tells tracers are exception types of ETMv4 (IHI0064 6.4.12).
final class ToyCore extends Core {
  static final int LR = 30;
  static final int SP = STACK;

  // ---- what CAUSE holds
  static final int CAUSE_INTERRUPT = 0;
  static final int CAUSE_UNDEFINED = 1;
  static final int CAUSE_TRAP = 2;
  static final int CAUSE_ACCESS = 3;
  static final int CAUSE_ALIGNMENT = 4;

  private static final int INTERRUPTS_BEHIND = 64;
  private static final long ADDRESSES = 1L << 32;
  private static final int PAGE = 4096;
  private static final int PAGE_SHIFT = 12;
  private static final int DATA = 1 << READ | 1 << WRITE;
  private static final int ARRIVED = 1;

  // ---- ETM exception types
  private static final int ETM_TRAP = 3;
  private static final int ETM_DEBUG = 6;
  private static final int ETM_ALIGNMENT = 10;
  private static final int ETM_DATA_FAULT = 12;
  private static final int ETM_IRQ = 14;

  private long area;
  private long vector;
  private long epc;
  private long cause;
  private long address;
  private boolean enabledBefore;
  private boolean pending;

  ToyCore(Uncore machine, int id) {
    super(machine, id);
    privilege = 1;
  }

  /// The state in which a core enters a kernel: interrupts off, `argument` in register 0, all others 0.
  void enter(long entry, long argument) {
    Arrays.fill(r, 0);
    r[0] = argument;
    pc = entry;
    interruptsEnabled = false;
    synchronizeContext();
  }

  // ---- what the engine asks

  @Override
  protected int helper(dev.crosspatch.core.uop.Helper helper, long word, long imm) {
    return ((ToyHelper) helper).run(this, Operands.of(word, imm));
  }

  /// A page is executable from its first fetch on: before, no core has fetched ahead in it.
  @Override
  protected long walk(long va, int access, boolean user) {
    boolean ram = machine.memory().contains(va);
    if (Long.compareUnsigned(va, ADDRESSES) >= 0 || (access == FETCH && !ram)) {
      fault(CAUSE_ACCESS, va);
      return -1;
    }
    translations.map(va, va & -PAGE, access == FETCH ? DATA | 1 << FETCH : DATA, true, PAGE_SHIFT);
    return va;
  }

  @Override
  protected boolean userMode() {
    return false;
  }

  @Override
  protected int alignmentFault(long va, int access) {
    return fault(CAUSE_ALIGNMENT, va);
  }

  @Override
  protected int misalignedFetch() {
    return fault(CAUSE_ALIGNMENT, pc);
  }

  @Override
  protected void deliver(int code, long bad, byte[] text) {
    long from = pc;
    address = bad;
    divert(code, vector);
    entered(code == CAUSE_TRAP ? RetireRow.TRAP : RetireRow.FAULT, from, switch (code) {
      case CAUSE_TRAP -> ETM_DEBUG;
      case CAUSE_ACCESS -> ETM_DATA_FAULT;
      case CAUSE_ALIGNMENT -> ETM_ALIGNMENT;
      default -> ETM_TRAP;
    });
  }

  @Override
  protected boolean interruptReady() {
    return pending && interruptsEnabled;
  }

  @Override
  protected boolean wakes() {
    return pending;
  }

  @Override
  protected void interrupt() {
    long from = pc;
    pending = false;
    divert(CAUSE_INTERRUPT, vector + INTERRUPTS_BEHIND);
    entered(RetireRow.INTERRUPT, from, ETM_IRQ);
  }

  @Override
  protected void event(int kind, long value) {
    pending = true;
  }

  private void divert(int why, long handler) {
    epc = pc;
    cause = why;
    enabledBefore = interruptsEnabled;
    interruptsEnabled = false;
    pc = handler;
  }

  // ---- instructions

  int returnFromException(Operands w) {
    nextPc = epc;
    interruptsEnabled = enabledBefore;
    return Outcome.BRANCH;
  }

  int readSystem(Operands w) {
    r[w.d()] = switch (ToySystemRegister.of((int) w.imm())) {
      case CPU -> id;
      case AREA -> area;
      case VECTOR -> vector;
      case EPC -> epc;
      case CAUSE -> cause;
      case ADDRESS -> address;
      case STATUS -> (interruptsEnabled ? 1 : 0) | (enabledBefore ? 2 : 0);
      case TIME -> ticks();
    };
    return Outcome.OK;
  }

  int writeSystem(Operands w) {
    long value = r[w.a()];
    switch (ToySystemRegister.of((int) w.imm())) {
      case AREA -> area = value;
      case VECTOR -> vector = value;
      case EPC -> epc = value;
      case CAUSE -> cause = value;
      case ADDRESS -> address = value;
      case STATUS -> {
        interruptsEnabled = (value & 1) != 0;
        enabledBefore = (value & 2) != 0;
        return Outcome.RESYNC;
      }
      case CPU, TIME -> {}
    }
    return Outcome.OK;
  }

  /// Waits for the stores before it.
  int send(Operands w) {
    long target = r[w.a()];
    fenced(true, true, Event.Completed.NOTHING);
    if (target >= 0 && target < machine.cpus()) {
      sendInterrupt((int) target, ARRIVED, 0, CAUSE_INTERRUPT);
    }
    return Outcome.OK;
  }

  int await(Operands w) {
    return Outcome.WAIT;
  }

  int clean(Operands w) {
    return maintain(w, Maintenance.CLEAN);
  }

  int invalidate(Operands w) {
    return maintain(w, Maintenance.INVALIDATE);
  }

  /// Comes to pass at once, and whatever follows waits for it.
  private int maintain(Operands w, Maintenance what) {
    long pa = translate(r[w.a()] + w.imm(), READ);
    if (pa == -1) {
      return Outcome.FAULT;
    }
    caches.begun(what, pa);
    if (what == Maintenance.CLEAN) {
      caches.clean(pa);
    } else {
      caches.invalidate(pa, true);
    }
    fenced(true, true, Event.Completed.ALL);
    return Outcome.OK;
  }

  int synchronize(Operands w) {
    synchronizeContext();
    return Outcome.RESYNC;
  }
}
