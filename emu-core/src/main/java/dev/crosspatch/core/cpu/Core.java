package dev.crosspatch.core.cpu;

import dev.crosspatch.core.choice.Choice;
import dev.crosspatch.core.choice.SplitMix64;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.event.Probe;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.mem.CodeLine;
import dev.crosspatch.core.mem.Instruction;
import dev.crosspatch.core.mem.MicroOp;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.core.pipeline.Pipeline;
import dev.crosspatch.core.pipeline.PipelineOp;
import dev.crosspatch.core.pipeline.PipelineTable;
import dev.crosspatch.core.time.ClockRatio;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.time.EventCost;
import dev.crosspatch.core.time.TimingModel;
import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.core.uop.Flags;
import dev.crosspatch.core.uop.Helper;
import dev.crosspatch.core.uop.Uop;
import org.jspecify.annotations.Nullable;

/// One CPU: its parts, the questions the engine asks an ISA, and what an ISA and a machine may ask of it.
///
/// The ISA's subclass adds system registers and answers [#helper], [#walk], [#deliver] and [#interrupt].
public abstract class Core extends CoreState {
  /// What is around the core.
  public final Uncore machine;
  private final transient Probe probe;
  private final ClockRatio clocks;
  /// Local time in [ClockUnit]s. It goes on by [#spend], [#elapse], the blocks of the [Frame] and, while the core
  /// waits, the [Engine].
  long clock;
  /// What it does to caches.
  public final CacheMaintenance caches;
  /// Its TLB.
  public final Translations translations;
  public final ExclusiveMonitor monitor;

  // ---- the engine's own state of this core
  final EventQueue events = new EventQueue();
  final transient RetireLog log = new RetireLog();
  final DataPort data;
  private final BlockMoves blocks;
  final FetchUnit fetch;
  final Predictor predictor;
  /// What tells time, unless it is additive.
  private final @Nullable Pipeline pipeline;
  final transient Frame frame;
  private final Engine engine;
  /// The engine leaves its loop when [#clock] reaches this.
  long limit;
  /// The scheduler wants the core back at this time.
  long until;
  /// [#userMode()], as of the last change of mode.
  boolean user;
  /// [#codeMode()], as of then.
  Mode codeMode = Mode.CODE_64;
  /// Privilege and interrupt bits of the info column, as of then.
  int mode;
  /// The core is in HLT or WFI.
  boolean waiting;
  /// Since when.
  long waitingSince;
  /// Mode, mapping or mask may have changed: ask for interrupts before the next instruction.
  boolean resync = true;
  /// As [#watchesData] and [#steps] said last.
  boolean watched;

  boolean stepping;
  /// [#stackMask()], as of the last change of mode, and whether the stack pointer has one of its bits set. If so, the
  /// core is [#watched].
  long stackMask;

  boolean stackMisaligned;
  /// Hears of every instruction, or nobody does.
  transient @Nullable Follower follower;
  /// A helper runs: rows it reports come after the instruction's own.
  boolean inHelper;

  long retired;
  long tlbMisses;
  long exceptions;
  long interrupts;
  long staleExecutions;
  private long randomState;
  private final transient TimingModel timing;

  /// Called by the machine, which has its memory and timing table by then. A core without vector registers.
  protected Core(Uncore machine, int id) {
    this(machine, id, 0);
  }

  /// Called by the machine, which has its memory and timing table by then.
  ///
  /// @param vectorWords room for the vector registers ([#v]), in words of 64 bits
  @SuppressWarnings("this-escape") // the parts only keep the reference
  protected Core(Uncore machine, int id, int vectorWords) {
    super(id, vectorWords);
    this.machine = machine;
    probe = machine.probe();
    timing = machine.timing();
    clocks = timing.table().clocks();
    caches = new CacheMaintenance(this, machine);
    translations = new Translations(this, machine);
    monitor = new ExclusiveMonitor(this, machine);
    data = new DataPort(this, machine);
    blocks = new BlockMoves(this, data);
    fetch = new FetchUnit(this, machine);
    PipelineTable table = machine.pipeline();
    pipeline = table == null ? null : new Pipeline(table, timing.cost(EventCost.MISPREDICT));
    predictor = new Predictor(timing, pipeline);
    frame = new Frame(this);
    engine = new Engine(this, machine);
    randomState = SplitMix64.mix(id);
  }

  // ---- what the engine asks of the ISA

  /// Runs a complex micro-op ([Uop#HELPER]): calls `helper`, one of the ISA's own, with the micro-op's `word` and
  /// `imm`. Returns an [Outcome].
  protected abstract int helper(Helper helper, long word, long imm);

  /// Translates `va` for `access`, made with user privilege if `user`; fills the TLB and returns the physical address,
  /// or records a fault with [#fault] and returns -1. Page tables are read with [#readTable] and marked with
  /// [#markTable], the cost of the walk itself is an [EventCost#TLB_MISS].
  protected abstract long walk(long va, int access, boolean user);

  /// How the core reads its text now. Asked when the mode may have changed.
  protected Mode codeMode() {
    return Mode.CODE_64;
  }

  /// Whether data accesses of the current privilege are user accesses.
  protected abstract boolean userMode();

  /// Enters the handler of fault `code` (as recorded by [#fault]) raised at [#pc]: pushes a frame or sets ELR, SPSR and
  /// ESR, sets [#pc] to the handler, calls [#synchronizeContext] where the architecture has one, and tells
  /// [#entered(int, long, int)]. The engine has added [EventCost#EXCEPTION] by then; stores made here may fault in turn
  /// and say so by their result.
  ///
  /// @param text the faulting instruction's bytes as they were fetched, which memory may no longer hold; those of the
  ///             one that has just retired with [Outcome#CALL]; none if the fetch faulted, or if it was not the
  ///             instruction that raised this ([#beforeStep], [#afterStep])
  protected abstract void deliver(int code, long address, byte[] text);

  /// Whether an interrupt is pending and not masked. Asked when [#machine] delivered an event, after [Outcome#RESYNC],
  /// [Outcome#BRANCH] or [Outcome#WAIT] from a helper, after an exception, and when the ISA asked by [#resynchronize].
  /// (An ISA that holds interrupts off for one instruction calls [#resynchronize] from here and returns false.)
  protected abstract boolean interruptReady();

  /// Takes the highest-priority pending interrupt: as [#deliver]. The engine has added [EventCost#INTERRUPT].
  protected abstract void interrupt();

  /// Whether a waiting core (HLT, WFI) goes on. Asked when an event was delivered to it.
  protected boolean wakes() {
    return interruptReady();
  }

  /// Whether an instruction that would cross from one page to the next by a data access of `1 << width` bytes at `va`
  /// may do so; else a fault is recorded. Asked before either page is translated.
  protected boolean mayCross(long va, int width) {
    return true;
  }

  /// Whether data accesses are to be told to [#accessing]. Asked when the mode may have changed; costs nothing while it
  /// says no.
  protected boolean watchesData() {
    return false;
  }

  /// A data access of `1 << width` bytes is about to be made, of kind [#READ] or [#WRITE], with user privilege if
  /// `user`. False with a fault recorded if it may not be (x86: alignment check). A debugger's data breakpoint is noted
  /// here.
  protected boolean accessing(long va, int width, int access, boolean user) {
    return true;
  }

  /// Whether the core is to be asked before and told after each instruction ([#beforeStep], [#afterStep]). Asked as
  /// [#watchesData].
  protected boolean steps() {
    return false;
  }

  /// The instruction at [#pc] is about to be executed. False with a fault recorded if it may not be (instruction
  /// breakpoint).
  protected boolean beforeStep() {
    return true;
  }

  /// An instruction has been executed, or a part of one that is repeated; or it has faulted if not `done`. True with a
  /// trap recorded as by [#fault] if the core is to enter its handler at [#pc] (single step).
  protected boolean afterStep(boolean done) {
    return false;
  }

  /// Whether the instruction at [#pc], which lies in a guarded page ([Translations#GUARDED]), may be executed behind
  /// the one before it; else a fault is recorded. Asked where that one said so by [#enters], behind exceptions and
  /// behind [Outcome#BRANCH]; it may be asked elsewhere, too.
  ///
  /// @param text the instruction's bytes as they were fetched
  protected boolean mayEnter(byte[] text) {
    return true;
  }

  /// Bits of the stack pointer that must be zero where it is the base of an access, or 0. Asked when the mode may have
  /// changed.
  protected long stackMask() {
    return 0;
  }

  /// Records the fault of an access with a stack pointer that is not aligned.
  protected int stackFault() {
    throw new IllegalStateException(machine.traits().decoder().name() + " has no fault of the stack's alignment");
  }

  /// Where a branch to `target`, no canonical address, goes.
  protected long branchAddress(long target) {
    return target;
  }

  /// Records the fault of a data access that must be aligned and is not.
  protected int alignmentFault(long va, int access) {
    throw new IllegalStateException(
        String.format("%s has no alignment fault, wanted for access %d at 0x%x", machine.traits().decoder().name(),
            access, va));
  }

  /// Records the fault of a fetch from [#pc] if it is no multiple of the ISA's alignment.
  protected int misalignedFetch() {
    throw new IllegalStateException(String.format("%s fetches from 0x%x", machine.traits().decoder().name(), pc));
  }

  /// An event posted with [Uncore#post] has arrived (IPI, timer); numbers are the ISA's.
  protected abstract void event(int kind, long value);

  /// Interrupt `number` has come, from nobody: [#raise]. It is pending now.
  protected void raised(int number) {
    throw new IllegalStateException(
        String.format("%s takes no interrupts from outside, wanted %d", machine.traits().decoder().name(), number));
  }

  /// Whether interrupt `number` would be taken before the next instruction if it came now: nothing masks it.
  public boolean accepts(int number) {
    return false;
  }

  /// Whether interrupt `number` is pending: it has come, and no handler has acknowledged it yet.
  public boolean isRaised(int number) {
    return false;
  }

  // ---- what the ISA asks of the engine

  /// Reads `1 << width` bytes at virtual address `va`, zero-extended, with all costs of the access. On a fault
  /// [#faultCode] is not 0 and the result means nothing.
  ///
  /// @param flags [Uop#F_RMW], [Uop#F_ALIGNED], [Uop#F_USER], [Uop#F_SYSTEM]
  public final long load(long va, int width, int flags) {
    user = userMode();
    return data.load(va, width, flags);
  }

  /// Writes the low `1 << width` bytes of `value` at `va`. Returns false on a fault, with nothing written.
  public final boolean store(long va, long value, int width, int flags) {
    user = userMode();
    return data.store(va, value, width, flags);
  }

  /// Does at once what loads from `from` and stores to `to` of `1 << width` bytes each, both going upward, would do in
  /// turn, as far as they would do nothing else: no miss, no fault, nobody who hears of them. Returns how many
  /// elements, 0 to `count`; only [#spend] is left to the caller.
  public final int copy(long from, long to, int width, int count) {
    user = userMode();
    return blocks.copy(from, to, width, count);
  }

  /// As [#copy], of stores of one `value` alone.
  public final int fill(long to, long value, int width, int count) {
    user = userMode();
    return blocks.fill(to, value, width, count);
  }

  /// Reads an aligned entry of 8 bytes of a page table at physical address `pa`, as a load through this core's data
  /// cache; 0 outside RAM. What it holds is what memory holds, but an entry that leads on to another table may take no
  /// time ([dev.crosspatch.core.time.Structure#WALK_CACHE]).
  ///
  /// @param leads whether it may lead on, as all levels but the last do
  public final long readTable(long pa, boolean leads) {
    return data.loadEntry(pa, leads);
  }

  /// Sets bits of an entry that [#readTable] has read, by a locked read-modify-write: a store through this core's data
  /// cache as any other, of which monitors, listeners and fetch hear.
  public final void markTable(long pa, long bits) {
    spend(CostClass.ATOMIC);
    data.markEntry(pa, bits);
  }

  /// Adds the cost of an instruction of this class to the clock, for what a helper does besides its own.
  public final void spend(CostClass cost) {
    clock += timing.cost(cost);
  }

  /// Adds the cost of so many of them.
  public final void spend(CostClass cost, int times) {
    clock += (long) timing.cost(cost) * times;
  }

  /// Adds an event's cost to the clock.
  public final void spend(EventCost cost) {
    if (cost == EventCost.TLB_MISS) {
      elapse(timing.cost(cost));
    } else {
      clock += timing.cost(cost);
    }
  }

  /// Adds what a part of the core worked out to the clock: misses of caches, wrong predictions. In a pipeline only who
  /// needs the data waits.
  final void elapse(long units) {
    if (pipeline == null) {
      clock += units;
    } else {
      pipeline.late(units);
    }
  }

  /// The core is to do what others can see, or to see what others may have done: its clock comes to where theirs may
  /// have got to, and theirs to its own where they meet it. So nothing is seen before its cause, however far cores run
  /// ahead of each other ([dev.crosspatch.core.machine.RunLimits#ahead]); where they take turns this does nothing.
  public final void meet(Meeting where) {
    catchUp(where);
    machine.reached(id, clock);
  }

  private void catchUp(Meeting where) {
    clock = Math.max(clock, machine.front(id, where));
  }

  /// A line was asked for, which others may have had; they need not wait in turn.
  ///
  /// @param units what that cost; 0 if the core had it
  final void refill(int units) {
    if (units != 0) {
      elapse(units);
      catchUp(Meeting.REFILL);
    }
  }

  /// A fetch off the short way begins, or ends: in a pipeline the front end waits for it.
  final void fetching(boolean ends) {
    if (pipeline != null) {
      pipeline.fetching(ends);
    }
  }

  /// An instruction is next, which is a block of its own: where its chain's sums count from.
  ///
  /// @param line address of its code line
  /// @param base the same, if time is additive
  final long issue(Instruction next, long line, long base) {
    Pipeline model = pipeline;
    PipelineOp timed = next.timed;
    return model == null || timed == null ? base : model.step(timed, r, line + next.end, clock) - next.sum;
  }

  /// Local time in [ClockUnit]s.
  public final long clock() {
    return clock;
  }

  /// Tells the sinks that the core entered a handler at the present [#pc].
  ///
  /// @param kind   [dev.crosspatch.core.event.RetireRow#TRAP], `FAULT`, `INTERRUPT` or `CALL`
  /// @param from   the row's pc
  /// @param vector the row's vector
  public final void entered(int kind, long from, int vector) {
    if (inHelper) {
      log.defer(kind, from, vector);
      leaveLoop();
    } else {
      refreshMode();
      log.row(kind, from, pc, cycles(), mode | vector << RetireRow.VECTOR_SHIFT);
    }
    if (probe.diversions.isHeard()) {
      probe.diversions.tell(new Event.Diverted(id, cycles(), kind, from, pc, vector));
    }
  }

  /// Tells the sinks that the address-space register was written.
  public final void contextWritten(long value) {
    if (inHelper) {
      log.defer(RetireRow.CONTEXT, value, 0);
      leaveLoop();
    } else {
      refreshMode();
      log.row(RetireRow.CONTEXT, 0, value, cycles(), mode);
    }
  }

  /// A context synchronization event (x86: serializing instruction or event): everything fetched ahead is dropped.
  public final void synchronizeContext() {
    fetch.synchronize();
    if (probe.synchronizations.isHeard()) {
      probe.synchronizations.tell(new Event.ContextSynchronized(id, cycles()));
    }
  }

  /// Tells that a fence was executed.
  ///
  /// @param stores       whether it waits for the core's earlier stores
  /// @param instructions whether all later instructions wait for it
  /// @param maintenance  for which of the core's earlier cache maintenance it waits
  public final void fenced(boolean stores, boolean instructions, Event.Completed maintenance) {
    if (probe.fences.isHeard()) {
      probe.fences.tell(new Event.FenceExecuted(id, cycles(), stores, instructions, maintenance));
    }
  }

  /// Sends an interrupt to core `target`: [#event] is called there with `kind` and `value`, behind what
  /// [TimingModel#interrupt] says.
  ///
  /// @param vector number of the interrupt, as it is told
  public final void sendInterrupt(int target, int kind, long value, int vector) {
    meet(Meeting.INTERRUPT);
    machine.post(target, clock + timing.interrupt(id, target), kind, value);
    if (probe.interruptsSent.isHeard()) {
      probe.interruptsSent.tell(new Event.InterruptSent(id, cycles(), target, vector));
    }
  }

  /// The next of the numbers that the core's random number generator gives its guest: a sequence for each core, the
  /// same in every run.
  public final long randomNumber() {
    randomState += SplitMix64.GAMMA;
    return SplitMix64.mix(randomState);
  }

  /// Whether the instruction that is being executed lies in a guarded page.
  public final boolean isGuarded() {
    return fetch.isGuarded(pc);
  }

  /// The instruction that is being executed branches to `target` and, if that lies in a guarded page, [#mayEnter] is
  /// to be asked there.
  public final void enters(long target) {
    if (!fetch.isOpen(target)) {
      leaveLoop();
    }
  }

  /// Decides what the manual leaves open.
  ///
  /// @param options how many there are
  /// @return 0..options-1
  public final int choose(Choice what, int options) {
    return machine.choices().choose(what, id, options);
  }

  /// Whether an access with the stack pointer as its base would fault.
  public final boolean stackMisaligned() {
    return stackMisaligned;
  }

  /// Translates `va` for an access by the current privilege, through the TLB; -1 on a fault (recorded).
  public final long translate(long va, int access) {
    user = userMode();
    return data.translate(va, access, user);
  }

  /// Local time in whole cycles.
  public final long cycles() {
    return ClockUnit.cycles(clock);
  }

  /// Ticks of the trace clock (TSC, generic timer) at the local time.
  public final long ticks() {
    return clocks.ticks(cycles());
  }

  /// The first local time at which [#ticks] is `ticks`.
  public final long clockAt(long ticks) {
    return ClockUnit.units(clocks.cycles(ticks));
  }

  /// Makes the engine look up everything anew before the next instruction and ask for interrupts.
  public final void resynchronize() {
    resync = true;
    leaveLoop();
    machine.touch(id);
  }

  /// The engine leaves its loop after the current instruction, to attend to something; it comes back by itself.
  final void leaveLoop() {
    limit = Long.MIN_VALUE;
  }

  // ---- what the machine asks of the engine

  /// Runs the core until its clock reaches `time`, it waits with no event due before that, or the machine
  /// stops.
  public final void run(long time) {
    engine.run(time);
  }

  /// Ends [#run] after the current instruction.
  public final void giveWay() {
    until = Long.MIN_VALUE;
    leaveLoop();
  }

  /// Whether [#giveWay] ended the last [#run].
  public final boolean isCalledAway() {
    return until == Long.MIN_VALUE;
  }

  /// When the core can next do something: its clock, or the time of its next event if it waits; [Long#MAX_VALUE] if
  /// there is none.
  public final long readyAt() {
    return waiting && !resync ? Math.max(clock, events.next()) : clock;
  }

  /// Posts an event to this core.
  public final void post(long time, int kind, long value) {
    events.post(time, kind, value);
    limit = Math.min(limit, time);
    machine.touch(id);
  }

  /// Forgets events of this kind.
  public final void cancel(int kind) {
    events.cancel(kind);
    machine.touch(id);
  }

  /// Adds a listener to what retires.
  public final void attach(RetireSink sink) {
    log.attach(sink);
    leaveLoop();
  }

  /// From now on `who` goes along with this core. Without followers a core runs as fast as it can; with one it runs one
  /// instruction at a time, and does the same.
  public final void follow(Follower who) {
    follower = who;
    resynchronize();
  }

  /// An interrupt comes from outside at this moment, as if another core or a device had sent it: a vector or an
  /// interrupt number in the ISA's numbering (x86: 2 is NMI; AArch64: an SGI or PPI).
  public final void raise(int number) {
    raised(number);
    resynchronize();
  }

  /// The stack pointer in use.
  public long stackPointer() {
    return r[STACK];
  }

  /// Interrupts taken so far.
  public final long interrupts() {
    return interrupts;
  }

  /// Hands sinks the rows so far, and tells them that no more will come if `end`.
  public final void flushRows(boolean end) {
    log.flush();
    if (end) {
      log.end();
    }
  }

  /// A line changed at the point of unification by `writer`'s store or maintenance.
  public final void lineChanged(CodeLine old, Core writer) {
    fetch.lineChanged(old, writer.id, writer.clock, writer.data.storeAddress, writer.data.storeWhole);
  }

  /// A line changed at the point of unification by a device.
  public final void lineChangedByDevice(CodeLine old, long time) {
    fetch.lineChanged(old, Event.NO_CPU, time, DataPort.NO_ADDRESS, false);
  }

  /// A line this core may be executing no longer equals memory: it has to look at every instruction of it.
  public final void lineSuperseded(int line) {
    fetch.takeCare(line);
  }

  /// A loader wrote a line: nothing fetched of it is left.
  public final void discard(int line) {
    fetch.discard(line);
    data.cache.hot.forgetWrites(line);
  }

  /// Instructions retired so far.
  public final long retired() {
    return retired;
  }

  /// All counters as of now.
  public final Counters counters() {
    return new Counters(
        retired, cycles(), fetch.hits, fetch.misses, data.cache.misses(), tlbMisses, predictor.mispredicts,
        exceptions, interrupts,
        staleExecutions);
  }

  /// Runs a helper micro-op for the engine.
  final int help(MicroOp op) {
    inHelper = true;
    int outcome = helper(op.helper, op.word, op.imm);
    inHelper = false;
    if (outcome == Outcome.FAULT) {
      return outcome;
    }
    if (outcome != Outcome.CALL) {
      faultCode = 0; // of an access whose failure the helper took for an answer
    }
    if (outcome != Outcome.OK) {
      refreshMode();
      waiting = outcome == Outcome.WAIT;
      waitingSince = clock;
      resynchronize();
    }
    return outcome;
  }

  /// Whether it has waited for so long that waking takes longer.
  final boolean sleepsDeeply() {
    int after = timing.cost(EventCost.DEEP_AFTER);
    return after != 0 && clock - waitingSince >= after;
  }

  /// Works out anew what hangs on the mode.
  final void refreshMode() {
    user = userMode();
    if (codeMode != codeMode()) {
      codeMode = codeMode();
      fetch.forgetDecoded();
    }
    stepping = steps();
    stackMask = stackMask();
    stackMisaligned = (r[STACK] & stackMask) != 0;
    if (watched != (watchesData() || stackMisaligned)) {
      watched = !watched;
      data.cache.hot.forgetAll();
    }
    mode = privilege << RetireRow.PRIVILEGE_SHIFT | (interruptsEnabled ? RetireRow.INTERRUPTS_ENABLED : 0);
  }
}
