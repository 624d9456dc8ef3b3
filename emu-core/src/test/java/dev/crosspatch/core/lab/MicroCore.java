package dev.crosspatch.core.lab;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Outcome;
import dev.crosspatch.core.cpu.Uncore;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.time.EventCost;
import dev.crosspatch.core.uop.Helper;
import dev.crosspatch.core.uop.Uop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// A core of [MicroIsa]. A fault or an interrupt saves pc in r20 and the mode in r21, puts code and address in r22 and
/// r23, and goes to [#vector] or [#interruptVector] with interrupts off.
public final class MicroCore extends Core {
  // ---- fault codes
  public static final int UNDEFINED = 1;
  public static final int STEP = 2;
  public static final int BREAKPOINT = 3;
  public static final int PAGE_FAULT = 14;
  public static final int ALIGNMENT = 17;
  public static final int MISALIGNED_FETCH = 18;

  // ---- helpers; the argument is r1, the result r2
  public static final int SYNC = 0;
  public static final int CLEAN = 1;
  public static final int INVALIDATE = 2;
  public static final int WAIT = 3;
  public static final int IPI = 4;
  public static final int STOP = 5;
  public static final int RETURN_FROM_TRAP = 6;
  public static final int MONITOR = 7;
  public static final int STORE_EXCLUSIVE = 8;
  public static final int CONTEXT = 9;
  public static final int INTERRUPTS_ON = 10;
  public static final int TICKS = 11;
  public static final int INVALIDATE_ALL = 12;
  public static final int SYSTEM_CALL = 13;
  public static final int INVALIDATE_OWN = 14;
  /// Goes on in the mode with this ordinal.
  public static final int SET_MODE = 15;
  public static final int INVALIDATE_ALL_OWN = 16;
  /// Writes the address-space register, then faults.
  public static final int CONTEXT_AND_FAULT = 17;
  /// Drops all translations.
  public static final int FLUSH = 18;
  /// A guarded page is to ask for what the instruction branches to.
  public static final int ENTERS = 19;

  public record Page(long frame, int permission, boolean global) {}

  /// Translations by page number.
  public final Map<Long, Page> pages = new HashMap<>();
  /// Events delivered, as `clock:kind:value`.
  public final List<String> delivered = new ArrayList<>();

  public long vector;
  public long interruptVector;
  public Mode reads = Mode.CODE_64;
  public boolean synchronizeOnTrap = true;
  /// Traps behind each instruction outside the handler.
  public boolean singleSteps;
  /// Text that guarded pages asked for, as `address bytes`, and whether it may be executed.
  public final List<String> asked = new ArrayList<>();

  public boolean refuses;
  private int pending;
  public int walks;

  MicroCore(Uncore machine, int id) {
    super(machine, id);
  }

  /// A helper by its number.
  record MicroHelper(int id) implements Helper {}

  @Override
  protected int helper(Helper helper, long word, long imm) {
    int id = helper instanceof MicroHelper micro ? micro.id : SYNC;
    long x = r[1];
    switch (id) {
      case SYNC -> synchronizeContext();
      case CLEAN -> caches.clean(physical(x));
      case INVALIDATE -> caches.invalidate(physical(x), true);
      case INVALIDATE_OWN -> caches.invalidate(physical(x), false);
      case INVALIDATE_ALL -> caches.invalidateAll(true);
      case INVALIDATE_ALL_OWN -> caches.invalidateAll(false);
      case FLUSH -> translations.flush(false);
      case ENTERS -> enters(x);
      case CONTEXT_AND_FAULT -> {
        contextWritten(x);
        return fault(ALIGNMENT, x);
      }
      case WAIT -> {
        return Outcome.WAIT;
      }
      case IPI -> machine.post((int) x, clock() + machine.timing().cost(EventCost.IPI), 1, this.id);
      case STOP -> machine.stop("CPU " + this.id + " stops with " + r[2]);
      case RETURN_FROM_TRAP -> {
        return leave();
      }
      case MONITOR -> monitor.set(physical(x));
      case STORE_EXCLUSIVE -> {
        return storeExclusive(x);
      }
      case CONTEXT -> contextWritten(x);
      case INTERRUPTS_ON -> {
        interruptsEnabled = true;
        return Outcome.RESYNC;
      }
      case SET_MODE -> {
        reads = Mode.values()[(int) x];
        return Outcome.RESYNC;
      }
      case TICKS -> r[Uop.dst(word)] = ticks();
      case SYSTEM_CALL -> {
        return systemCall();
      }
      default -> throw new IllegalStateException("micro helper " + id);
    }
    return id == SYNC || id == CONTEXT ? Outcome.RESYNC : Outcome.OK;
  }

  private long physical(long va) {
    return translate(va, READ);
  }

  private int storeExclusive(long va) {
    boolean stands = monitor.claim(physical(va));
    if (stands && !store(va, r[2], 3, 0)) {
      return Outcome.FAULT;
    }
    r[3] = stands ? 0 : 1;
    return Outcome.OK;
  }

  private int systemCall() {
    r[20] = nextPc;
    r[21] = privilege;
    privilege = 0;
    nextPc = vector;
    entered(RetireRow.CALL, r[20], 80);
    return Outcome.BRANCH;
  }

  private int leave() {
    nextPc = r[20];
    privilege = (int) r[21];
    interruptsEnabled = true;
    synchronizeContext();
    return Outcome.BRANCH;
  }

  @Override
  protected long walk(long va, int access, boolean user) {
    walks++;
    spend(EventCost.TLB_MISS);
    Page page = pages.get(va >>> 12);
    int need = 1 << access << (user ? 3 : 0);
    if (page == null || (page.permission & need) == 0) {
      fault(PAGE_FAULT, va);
      return -1;
    }
    translations.map(va, page.frame, page.permission, page.global, 12);
    return page.frame | (va & 4095);
  }

  @Override
  protected Mode codeMode() {
    return reads;
  }

  @Override
  protected boolean steps() {
    return singleSteps;
  }

  @Override
  protected boolean afterStep(boolean done) {
    if (done && singleSteps) {
      singleSteps = false;
      fault(STEP, pc);
      return true;
    }
    return false;
  }

  @Override
  protected boolean mayEnter(byte[] text) {
    asked.add(Long.toHexString(pc & 0xffff) + " " + HexFormat.of().formatHex(text));
    if (refuses) {
      fault(UNDEFINED, 0);
    }
    return !refuses;
  }

  @Override
  protected boolean userMode() {
    return privilege == 3;
  }

  @Override
  protected int alignmentFault(long va, int access) {
    return fault(ALIGNMENT, va);
  }

  @Override
  protected int misalignedFetch() {
    return fault(MISALIGNED_FETCH, pc);
  }

  @Override
  protected void deliver(int code, long address, byte[] text) {
    enter(vector, code, address);
    entered(code == BREAKPOINT ? RetireRow.TRAP : RetireRow.FAULT, r[20], code);
  }

  private void enter(long handler, int code, long address) {
    r[20] = pc;
    r[21] = privilege;
    r[22] = code;
    r[23] = address;
    privilege = 0;
    interruptsEnabled = false;
    pc = handler;
    if (synchronizeOnTrap) {
      synchronizeContext();
    }
  }

  @Override
  protected boolean interruptReady() {
    return pending > 0 && interruptsEnabled;
  }

  @Override
  protected void interrupt() {
    pending--;
    enter(interruptVector, 0, 0);
    entered(RetireRow.INTERRUPT, r[20], 0);
  }

  @Override
  protected boolean wakes() {
    return pending > 0;
  }

  @Override
  protected void event(int kind, long value) {
    delivered.add(cycles() + ":" + kind + ":" + value);
    pending++;
  }
}
