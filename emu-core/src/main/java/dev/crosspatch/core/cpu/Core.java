package dev.crosspatch.core.cpu;

import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.time.EventCost;
import dev.crosspatch.core.time.TimingTable;
import dev.crosspatch.core.uop.Uop;

/// One CPU: the architectural state every ISA shares, and the questions the engine asks an ISA.
///
/// The ISA's subclass adds system registers and answers [#helper], [#walk], [#deliver] and [#interrupt]. Fields are public
/// because the engine and the ISA work on them at every instruction.
public abstract class Core {
  /// Kinds of access, as [#walk] and fault codes see them.
  public static final int READ = 0;

  public static final int WRITE = 1;
  public static final int FETCH = 2;

  public final int id;

  public final Machine machine;
  /// General registers: 0..31 the ISA's, 32 zero, 33 sink, 34..45 temporaries, 46..63 of the ISA's own meaning.
  public final long[] r = new long[64];
  /// Address of the instruction being executed or, between instructions, to be executed.
  public long pc;
  /// Address of the next instruction; a helper that branches sets it and returns [Outcome#BRANCH].
  public long nextPc;
  /// Local time in 1/16 cycles.
  public long clock;
  /// Lazy flags: what the last flag-setting micro-op did ([Flags] reads them).
  public final Flags flags = new Flags();
  /// Privilege as the tracer sees it: CPL or exception level. Subclasses keep it current.
  public int privilege;
  /// Whether maskable interrupts are enabled (IF; not PSTATE.I). Subclasses keep it current.
  public boolean interruptsEnabled;

  /// Fault raised by the current micro-op, and its address; 0 = none. Numbers are the ISA's.
  public int faultCode;

  public long faultAddress;

  protected Core(Machine machine, int id) {
    this.machine = machine;
    this.id = id;
  }

  // ---- what the engine asks of the ISA

  /// Runs complex micro-op `id` ([Uop#HELPER]); `word` and `imm` are the micro-op's. Returns an [Outcome].
  protected abstract int helper(int id, long word, long imm);

  /// Translates `va` for `access`, made with user privilege if `user`; fills the TLB and returns the physical address, or
  /// records a fault with [#fault] and returns -1. Page-table reads go through [#machine]'s memory. Adds its cost to [#clock].
  protected abstract long walk(long va, int access, boolean user);

  /// Whether data accesses of the current privilege are user accesses.
  protected abstract boolean userMode();

  /// Enters the handler of fault `code` (as recorded by [#fault]) raised at [#pc]: pushes a frame or sets ELR, SPSR and ESR, sets [#pc]
  /// to the handler, and tells [#entered(int, long, int)].
  protected abstract void deliver(int code, long address);

  /// Whether an interrupt is pending and not masked. Asked when [#machine] delivered an event or the ISA asked by [Outcome#RESYNC].
  protected abstract boolean interruptReady();

  /// Takes the highest-priority pending interrupt: as [#deliver].
  protected abstract void interrupt();

  /// An event posted with [Machine#post(int, long, int, long)] has arrived (IPI, timer); numbers are the ISA's.
  protected abstract void event(int kind, long value);

  // ---- what the ISA asks of the engine

  /// Records a fault of the current instruction.
  public final int fault(int code, long address) {
    faultCode = code;
    faultAddress = address;
    return Outcome.FAULT;
  }

  /// Reads `1 << width` bytes at virtual address `va`, zero-extended, with all costs of the access. On a fault [#faultCode] is not 0 and the
  /// result means nothing.
  ///
  /// @param flags [Uop#F_RMW], [Uop#F_ALIGNED], [Uop#F_USER]
  public final long load(long va, int width, int flags) {
    throw new IllegalStateException("engine");
  }

  /// Writes the low `1 << width` bytes of `value` at `va`. Returns false on a fault, with nothing written.
  public final boolean store(long va, long value, int width, int flags) {
    throw new IllegalStateException("engine");
  }

  /// Adds an event's cost to the clock.
  public final void spend(EventCost cost) {
    throw new IllegalStateException("engine");
  }

  /// Tells the sinks that the core entered a handler at the present [#pc].
  ///
  /// @param kind   [dev.crosspatch.core.event.RetireBatch#TRAP], `FAULT`, `INTERRUPT` or `CALL`
  /// @param from   the row's pc
  /// @param vector the row's vector
  public final void entered(int kind, long from, int vector) {
    throw new IllegalStateException("engine");
  }

  /// Tells the sinks that the address-space register was written.
  public final void contextWritten(long value) {
    throw new IllegalStateException("engine");
  }

  /// A context synchronization event (x86: serializing instruction or event): everything fetched ahead is dropped.
  public final void synchronizeContext() {
    throw new IllegalStateException("engine");
  }

  /// DC CVAU and kin: makes the data line that holds physical address `pa` visible at the point of unification.
  public final void cleanToUnification(long pa) {
    throw new IllegalStateException("engine");
  }

  /// IC IVAU: drops the line that holds `pa` from the instruction cache of this core, or of all cores if `broadcast`.
  public final void invalidateInstructionLine(long pa, boolean broadcast) {
    throw new IllegalStateException("engine");
  }

  /// IC IALLU, IC IALLUIS.
  public final void invalidateInstructionCache(boolean broadcast) {
    throw new IllegalStateException("engine");
  }

  /// Adds a translation to the TLB for the page of `va`.
  ///
  /// @param pa         physical address of the page's first byte
  /// @param permission bits 1 << READ, 1 << WRITE, 1 << FETCH for privileged accesses, and the same shifted left by 3 for user accesses
  /// @param global     survives [#flushTlb] with `keepGlobal`
  public final void mapPage(long va, long pa, int permission, boolean global) {
    throw new IllegalStateException("engine");
  }

  /// Forgets all translations.
  public final void flushTlb(boolean keepGlobal) {
    throw new IllegalStateException("engine");
  }

  /// Forgets the translation of the page of `va`.
  public final void flushTlbPage(long va) {
    throw new IllegalStateException("engine");
  }

  /// Translates `va` for an access by the current privilege, through the TLB; -1 on a fault (recorded).
  public final long translate(long va, int access) {
    throw new IllegalStateException("engine");
  }

  /// Marks the exclusive monitor (LDXR) on the line of `pa`.
  public final void monitor(long pa) {
    throw new IllegalStateException("engine");
  }

  /// Whether the monitor still stands on the line of `pa`; clears it (STXR).
  public final boolean claimMonitor(long pa) {
    throw new IllegalStateException("engine");
  }

  /// Clears the monitor (CLREX, exception return).
  public final void clearMonitor() {
    throw new IllegalStateException("engine");
  }

  /// Local time in whole cycles.
  public final long cycles() {
    return clock / TimingTable.UNITS;
  }

  /// Ticks of the trace clock (TSC, generic timer) at the local time.
  public final long ticks() {
    throw new IllegalStateException("engine");
  }
}
