package dev.crosspatch.sim.race;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.event.Event.Maintenance;
import dev.crosspatch.core.event.Probe;
import dev.crosspatch.core.event.RetireBatch;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.core.event.RetireRun;
import dev.crosspatch.core.event.RetireSink;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.mem.PhysicalMemory;
import dev.crosspatch.sim.race.TextRace.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Finds fetches that nothing orders behind stores to what is fetched, whether this run fetched the old bytes or not.
///
/// Behind a store a CPU may fetch what stood there before until the store has reached instruction fetch (x86-64: at
/// once; AArch64: cleaned, then invalidated, each behind the other, as far as CTR_EL0 asks for it) and the CPU
/// synchronizes its context behind that. *Behind* is what [Clocks] tell, not what happened later in this run. Until
/// then every byte (x86-64) or word (AArch64) it fetches is any of the versions since; that they are of one instruction
/// that was there whole, or a breakpoint, is what a protocol has to see to.
///
/// It hears what happens on the machine and what the kernel reports, and knows no protocol.
public final class RaceDetector {
  private static final int LINE = PhysicalMemory.LINE;

  private final transient Machine machine;
  private final transient Isa isa;
  /// Bytes that are fetched in one.
  private final transient int unit;
  private final transient boolean cleans;
  private final transient boolean invalidates;
  /// Fetch keeps up with stores by itself, so who fetches a version learns nothing of what else it may fetch.
  private final transient boolean coherent;
  private final transient Consumer<TextRace> found;
  private final transient RetireRow[] rows = RetireRun.room();

  private final Clocks clocks;
  private final List<WatchedText> watched = new ArrayList<>();
  /// What the kernel has said of text, by its address.
  private final Map<Long, Claim> claims = new HashMap<>();
  /// Breakpoints that were taken away, by address.
  private final Map<Long, TextWrite> removed = new HashMap<>();
  /// By address of a breakpoint, with which step of its own each CPU met it last.
  private final Map<Long, long[]> met = new HashMap<>();
  /// By address of an instruction, after how many writes each CPU fetched it last while there was something to be seen.
  private final Map<Long, long[]> fetches = new HashMap<>();
  /// By CPU: maintenance that it has asked for and that no barrier has completed.
  private final List<List<Pending>> pending = new ArrayList<>();
  /// By CPU: the newest of its writes that is not behind a fence that waits for stores, or null.
  private final @Nullable TextWrite[] unfenced;
  /// By CPU: the newest that is behind such a fence, but that later instructions need not wait for.
  private final @Nullable TextWrite[] fenced;
  /// By CPU: the newest of all writes when its own were last visible to all, and the same at its last synchronization.
  private final long[] drained;
  private final long[] synced;
  /// By CPU: what comes before its next instruction's having been fetched, and so before what it fetches behind that.
  private final long[] @Nullable [] fetchedBehind;
  private final Set<Place> told = new HashSet<>();
  private long writes;
  /// How often maintenance was completed.
  private long completions;
  /// By CPU: how often it has come to know more of what it fetches.
  private final long[] learned;
  /// By CPU: lines of which it may fetch what memory does not hold, and when that was looked at.
  private final List<List<Long>> open = new ArrayList<>();
  private final long[] looked;

  /// An event of the kernel's: from here on nobody runs `before` at that address.
  private record Claim(byte[] before, byte[] after) {

    /// Whether of these bytes, the first of which is `offset` behind that address, those that it is of are the old ones
    /// and not the new ones.
    boolean isBroken(int offset, byte[] bytes) {
      boolean old = false;
      for (int i = Math.max(0, -offset); i < bytes.length && offset + i < before.length; i++) {
        if (bytes[i] != before[offset + i]) {
          return false;
        }
        old |= offset + i >= after.length || bytes[i] != after[offset + i];
      }
      return old;
    }
  }

  /// Maintenance on its way: the writes that it brings along.
  private record Pending(boolean clean, List<TextWrite> writes) {}

  /// A race is told once.
  private record Place(Kind kind, int cpu, long address) {}

  /// Listens to a machine.
  ///
  /// @param found hears of races
  public RaceDetector(Machine machine, Consumer<TextRace> found) {
    this.machine = machine;
    this.found = found;
    isa = machine.config().isa();
    unit = isa.alignment();
    cleans = !machine.memory().isCoherent();
    invalidates = !machine.traits().fetch().snooped();
    coherent = isa.coherentFetch();
    int cpus = machine.cpus();
    clocks = new Clocks(cpus);
    learned = new long[cpus];
    looked = new long[cpus];
    fetchedBehind = new long[cpus] @Nullable [];
    drained = new long[cpus];
    synced = new long[cpus];
    unfenced = new @Nullable TextWrite[cpus];
    fenced = new @Nullable TextWrite[cpus];
    hear(machine.probe());
    for (int cpu = 0; cpu < cpus; cpu++) {
      pending.add(new ArrayList<>());
      open.add(new ArrayList<>());
      machine.attach(cpu, new Fetches(cpu));
    }
  }

  private void hear(Probe probe) {
    probe.textStores.hear(this::stored);
    probe.versions.hear(this::executed);
    probe.maintenanceBegun.hear(this::begun);
    probe.fences.hear(this::fenced);
    probe.synchronizations.hear(e -> synchronize(e.cpu()));
    probe.lineMoves.hear(e -> clocks.load(e.cpu(), e.line(), e.from()));
    probe.linesTaken.hear(e -> clocks.take(e.cpu(), e.line(), e.others()));
    probe.sharedStores.hear(e -> clocks.store(e.cpu(), e.line()));
    probe.interruptsSent.hear(this::sent);
    probe.diversions.hear(e -> {
      switch (e.kind()) {
        case RetireRow.INTERRUPT -> interrupted(e);
        case RetireRow.TRAP -> met.computeIfAbsent(e.from(), from -> new long[clocks.cpus()])[e.cpu()] =
            clocks.step(e.cpu());
        default -> {}
      }
    });
  }

  private void synchronize(int cpu) {
    clocks.synchronize(cpu);
    synced[cpu] = drained[cpu];
    learned[cpu]++;
  }

  /// An interrupt is taken behind what its sender did before. Where fetch does not keep up by itself, that synchronizes
  /// the context, and the row does not say which interrupt it is (AArch64: the handler asks for its number).
  private void interrupted(Event.Diverted e) {
    if (coherent) {
      clocks.take(e.cpu(), e.vector());
    } else {
      clocks.takeAll(e.cpu());
      synchronize(e.cpu());
    }
  }

  /// From now on text that lies here is watched, as it is now. The machine tells of its stores
  /// ([Machine#watchText]).
  ///
  /// @param physical address of its first byte, at the beginning of a line
  /// @param running  where that is executed
  public void watch(long physical, long running, int length) {
    PhysicalMemory memory = machine.memory();
    int offset = memory.offset(physical);
    watched.add(WatchedText.of(physical, running, Arrays.copyOfRange(memory.data(), offset, offset + length)));
  }

  /// How many races were found, each counted once.
  public long count() {
    return told.size();
  }

  private @Nullable StoredLine line(long address) {
    for (int i = 0; i < watched.size(); i++) {
      StoredLine line = watched.get(i).line(address);
      if (line != null) {
        return line;
      }
    }
    return null;
  }

  private void settle() {
    for (int cpu = 0; cpu < clocks.cpus(); cpu++) {
      machine.core(cpu).flushRows(false);
    }
  }

  // ---- what happens to text

  private void stored(Event.TextStored e) {
    settle();
    if (e.cpu() != Event.NO_CPU) {
      for (WatchedText text : watched) {
        if (text.holds(e.address())) {
          stored(text, (int) (e.address() - text.physical), e);
        }
      }
    }
  }

  private void stored(WatchedText text, int at, Event.TextStored e) {
    byte[] after = new byte[e.length()];
    for (int i = 0; i < after.length; i++) {
      after[i] = (byte) (e.value() >>> (8 * i));
    }
    byte[] before = Arrays.copyOfRange(text.bytes, at, at + after.length);
    if (Arrays.equals(before, after)) {
      return;
    }
    long address = text.running + at;
    StoredLine line = text.stored(at);
    int cpus = clocks.cpus();
    long step = clocks.step(e.cpu());
    TextWrite write = new TextWrite(e.cpu(), e.cycle(), ++writes, step, clocks.now(e.cpu()),
        (int) (address & LINE - 1), before, after, new long[cpus], new long[cpus]);
    if (!cleans) {
      write.cleaned[e.cpu()] = write.step;
      if (!invalidates) {
        write.published[e.cpu()] = write.step;
      }
    }
    if (line.isClaimed()) {
      dropClaims(text, address, after.length);
    }
    System.arraycopy(after, 0, text.bytes, at, after.length);
    for (int i = 0; i + unit <= after.length; i += unit) {
      if (!isTrap(Arrays.copyOfRange(after, i, i + unit), address + i)) {
        line.set(write.offset + i, write.offset + i + unit, false);
      }
    }
    line.forget(this::isSeenByAll);
    line.add(write);
    open(line, address);
    unfenced[e.cpu()] = write;
    trapStored(address, write);
  }

  /// What the kernel has said of text is true of it until it changes again.
  private void dropClaims(WatchedText text, long address, int length) {
    for (long at = address - isa.maxLength() + 1; at - address < length; at++) {
      Claim claim = claims.get(at);
      int from = (int) (at - text.running);
      if (claim != null && from >= 0 && at + claim.after().length > address
          && Arrays.equals(text.bytes, from, Math.min(from + claim.after().length, text.bytes.length),
              claim.after(), 0, claim.after().length)) {
        claims.remove(at);
      }
    }
  }

  /// A CPU asks for maintenance: of the writes that come before that, and where it invalidates, that are clean before
  /// that.
  private void begun(Event.MaintenanceBegun e) {
    boolean clean = switch (e.what()) {
      case CLEAN, FLUSH -> true;
      case INVALIDATE, INVALIDATE_ALL -> false;
    };
    List<TextWrite> concerned = new ArrayList<>();
    for (WatchedText text : watched) {
      for (StoredLine line : e.line() == 0 ? Arrays.asList(text.lines())
          : Collections.singletonList(text.line(e.line() - text.physical + text.running))) {
        if (line != null) {
          line.writes().stream().filter(w -> clean ? clocks.isBefore(w.cpu, w.step, e.cpu()) : isClean(w, e.cpu()))
              .forEach(concerned::add);
        }
      }
    }
    if (!concerned.isEmpty()) {
      pending.get(e.cpu()).add(new Pending(clean, concerned));
    }
  }

  private boolean isClean(TextWrite w, int cpu) {
    for (int by = 0; by < w.cleaned.length; by++) {
      if (w.cleaned[by] != 0 && clocks.isBefore(by, w.cleaned[by], cpu)) {
        return true;
      }
    }
    return false;
  }

  private void fenced(Event.FenceExecuted e) {
    int cpu = e.cpu();
    if (!pending.get(cpu).isEmpty()) {
      switch (e.maintenance()) {
        case NOTHING -> {}
        case CLEANS -> complete(cpu, Pending::clean);
        case ALL -> complete(cpu, p -> true);
      }
    }
    if (e.stores() && e.instructions()) {
      drained[cpu] = writes;
    }
    if (e.stores() && unfenced[cpu] != null) {
      fenced[cpu] = unfenced[cpu];
      unfenced[cpu] = null;
    }
    if (e.instructions()) {
      fenced[cpu] = null;
    }
  }

  private void complete(int cpu, Predicate<Pending> which) {
    List<Pending> done = pending.get(cpu).stream().filter(which).toList();
    if (!done.isEmpty()) {
      long step = clocks.step(cpu);
      done.forEach(p -> p.writes().forEach(w -> complete(w, p.clean(), cpu, step)));
      pending.get(cpu).removeAll(done);
      completions++;
    }
  }

  private void complete(TextWrite w, boolean clean, int cpu, long step) {
    if (clean && w.cleaned[cpu] == 0) {
      w.cleaned[cpu] = step;
    }
    if ((!clean || !invalidates) && w.published[cpu] == 0) {
      w.published[cpu] = step;
    }
  }

  private void sent(Event.InterruptSent e) {
    int cpu = e.cpu();
    if (cpu == Event.NO_CPU || e.target() == cpu) {
      return;
    }
    clocks.send(cpu, e.target(), e.vector());
    TextWrite loose = unfenced[cpu] == null ? fenced[cpu] : unfenced[cpu];
    if (loose != null) {
      tell(Kind.INTERRUPT_OVERTAKES, e.target(), e.cycle(), 0, List.of(), loose);
    }
  }

  // ---- what CPUs fetch

  /// What one CPU retires.
  private final class Fetches implements RetireSink {
    private final int cpu;

    Fetches(int cpu) {
      this.cpu = cpu;
    }

    @Override
    public void retired(RetireBatch batch) {
      long[] clock = fetchedBehind[cpu];
      if (clock != null && batch.runs() > 0) {
        begin(batch.run(0), clock);
      }
      if (!mayBeOpen(cpu)) {
        return;
      }
      for (int i = 0; i < batch.runs(); i++) {
        RetireRun run = batch.run(i);
        if (run.kind() <= RetireRow.FAULT && isOpen(cpu, run.startPc(), end(run))) {
          look(run);
        }
      }
    }

    /// The first that is of another version: that it was fetched tells of what comes behind it, not of itself.
    private void begin(RetireRun run, long[] clock) {
      if (mayBeOpen(cpu) && run.kind() <= RetireRow.FAULT && isOpen(cpu, run.startPc(), run.startPc() + unit)) {
        fetched(cpu, run.startPc(), run.startTime());
      }
      fetchedBehind[cpu] = null;
      clocks.learnByFetch(cpu, clock);
      learned[cpu]++;
    }

    /// Of what did not retire no length is known.
    private long end(RetireRow row) {
      return row.pc + Math.max(unit, row.length());
    }

    private void look(RetireRun run) {
      int number = run.expand(rows, 0);
      for (int i = 0; i < number; i++) {
        RetireRow row = rows[i];
        if (isOpen(cpu, row.pc, end(row))) {
          fetches.computeIfAbsent(row.pc, pc -> new long[clocks.cpus()])[cpu] = writes;
          fetched(cpu, row.pc, row.time);
        }
      }
    }
  }

  /// Whether there is a line of which a CPU may fetch anything but what memory holds, or text that has gone.
  private boolean mayBeOpen(int cpu) {
    List<Long> lines = open.get(cpu);
    if (lines.isEmpty()) {
      return false;
    }
    long stamp = completions + learned[cpu];
    if (looked[cpu] != stamp) {
      looked[cpu] = stamp;
      lines.removeIf(at -> isClosed(line(at), cpu));
    }
    return !lines.isEmpty();
  }

  private boolean isClosed(@Nullable StoredLine line, int cpu) {
    if (line == null) {
      return true;
    }
    boolean newest = line.writes().isEmpty() || isSeen(line.writes().getLast(), cpu);
    if (line.gone() != 0 || !newest || view(line, cpu).open() != 0) {
      return false;
    }
    line.close(cpu);
    return true;
  }

  /// From now on CPUs may fetch of a line what memory does not hold.
  private void open(StoredLine line, long address) {
    for (int cpu = 0; cpu < clocks.cpus(); cpu++) {
      if (line.open(cpu)) {
        open.get(cpu).add(address & -LINE);
      }
    }
  }

  /// Whether a CPU may fetch anything but what memory holds between two addresses, or there is no text any more.
  private boolean isOpen(int cpu, long start, long end) {
    for (long at = start & -LINE; at - end < 0; at += LINE) {
      StoredLine line = line(at);
      if (line != null && line.isOpen(cpu) && ((view(line, cpu).open() | line.gone())
          & StoredLine.bits((int) Math.max(0, start - at), (int) Math.min(LINE, end - at))) != 0) {
        return true;
      }
    }
    return false;
  }

  private LineView view(StoredLine line, int cpu) {
    return line.view(cpu, unit, seen(cpu), completions + learned[cpu]);
  }

  /// Whether what was there before a write is not fetched by a CPU any more. Where fetch does not keep up by itself, a
  /// CPU's own stores have to be visible before it synchronizes.
  private boolean isSeen(TextWrite w, int cpu) {
    if (w.cpu == cpu && !coherent && w.number > synced[cpu]) {
      return false;
    }
    for (int by = 0; by < w.published.length; by++) {
      if (w.published[by] != 0 && clocks.isBeforeFetch(by, w.published[by], cpu)) {
        return true;
      }
    }
    return false;
  }

  private boolean isSeenByAll(TextWrite w) {
    for (int cpu = 0; cpu < clocks.cpus(); cpu++) {
      if (!isSeen(w, cpu)) {
        return false;
      }
    }
    return true;
  }

  private Predicate<TextWrite> seen(int cpu) {
    return w -> isSeen(w, cpu);
  }

  /// A CPU has fetched a version: whatever came before the store that made it comes before the CPU's next instruction.
  /// Where fetch does not keep up by itself, what it fetches from now on is younger, too: than invalidations that were
  /// complete before that store.
  private void executed(Event.VersionExecuted e) {
    StoredLine line = line(e.address());
    TextWrite w = line == null ? null : line.made(e.bytes());
    if (line == null || w == null || w.cpu == e.cpu()) {
      return;
    }
    clocks.learn(e.cpu(), w.clock);
    if (!coherent) {
      long[] before = fetchedBehind[e.cpu()];
      fetchedBehind[e.cpu()] = before == null ? w.clock : Clocks.join(before, w.clock);
    }
  }

  /// A CPU fetches the instruction at an address.
  private void fetched(int cpu, long pc, long cycle) {
    StoredLine line = line(pc);
    if (line != null && (line.gone() >>> (pc & LINE - 1) & 1) != 0) {
      tell(Kind.OLD_AFTER_EVENT, cpu, cycle, pc, List.of(), null);
      return;
    }
    List<byte[]> first = versions(cpu, pc);
    for (int i = 0; i < first.size(); i++) {
      Insn insn = instruction(cpu, pc, first.get(i));
      if (insn.flow() != FlowClass.TRAP && checkWhole(cpu, pc, insn.length(), first.get(i), cycle)) {
        return;
      }
      if (i > 0 && !isa.patchKit().replaceableLive(first.get(i - 1), first.get(i))) {
        tell(Kind.NOT_EXCHANGEABLE, cpu, cycle, pc, first, unseen(cpu, pc, unit));
        return;
      }
    }
  }

  /// Looks whether what begins with that unit can only be of one piece. Tells if not.
  private boolean checkWhole(int cpu, long pc, int length, byte[] first, long cycle) {
    byte[] whole = Arrays.copyOf(first, Math.max(length, unit));
    for (int at = unit; at < length; at += unit) {
      List<byte[]> more = versions(cpu, pc + at);
      if (more.size() > 1) {
        tell(Kind.TORN, cpu, cycle, pc,
            List.of(bytes(cpu, pc, first, true, length), bytes(cpu, pc, first, false, length)),
            unseen(cpu, pc + at, unit));
        return true;
      }
      System.arraycopy(more.getFirst(), 0, whole, at, unit);
    }
    return checkClaims(cpu, pc, Arrays.copyOf(whole, length), cycle);
  }

  /// Looks whether the kernel has said that this is not run any more. Tells if so.
  private boolean checkClaims(int cpu, long pc, byte[] whole, long cycle) {
    for (long at = pc - isa.maxLength() + 1; at - pc < whole.length; at++) {
      Claim claim = claims.get(at);
      if (claim != null && claim.isBroken((int) (pc - at), whole)) {
        tell(Kind.OLD_AFTER_EVENT, cpu, cycle, pc, List.of(whole), unseen(cpu, pc, whole.length));
        return true;
      }
    }
    return false;
  }

  /// What may be fetched of the unit at an address.
  private List<byte[]> versions(int cpu, long address) {
    StoredLine line = line(address);
    return line == null ? List.of(memory(address, unit))
        : view(line, cpu).versions((int) (address & LINE - 1), unit);
  }

  private byte[] memory(long address, int length) {
    for (WatchedText text : watched) {
      if (text.holdsRunning(address)) {
        int at = (int) (address - text.running);
        return Arrays.copyOf(Arrays.copyOfRange(text.bytes, at, Math.min(at + length, text.bytes.length)), length);
      }
    }
    return new byte[length];
  }

  /// The instruction that begins with that unit and goes on with the newest that may be fetched.
  private Insn instruction(int cpu, long pc, byte[] first) {
    byte[] code = bytes(cpu, pc, first, false, isa.maxLength());
    Insn insn = isa.classify(code, 0, code.length, pc, Mode.CODE_64);
    return insn == null ? new Insn(unit, FlowClass.OTHER, 0) : insn;
  }

  private byte[] bytes(int cpu, long pc, byte[] first, boolean oldest, int length) {
    byte[] code = Arrays.copyOf(first, Math.max(length, unit));
    for (int at = unit; at < code.length; at += unit) {
      List<byte[]> more = versions(cpu, pc + at);
      System.arraycopy(oldest ? more.getFirst() : more.getLast(), 0, code, at, unit);
    }
    return code;
  }

  // ---- what the kernel says, and breakpoints

  /// The kernel says that text changes: from now on nobody runs what stood there before.
  ///
  /// @param by      who says so
  /// @param address where it runs
  public void reported(int by, long address, byte[] before, byte[] after) {
    settle();
    int length = Math.max(before.length, after.length);
    if (before.length == 0 || after.length == 0) {
      claims.keySet().removeIf(at -> at - address >= 0 && at - address < length);
      linesOf(address, length, (line, at, from, to) -> {
        line.set(from, to, after.length == 0);
        open(line, at);
      });
      return;
    }
    checkPromptness(address, after);
    if (isTrap(before, address)) {
      return; // it may still be met, whatever the event says
    }
    Claim claim = new Claim(before, after);
    claims.put(address, claim);
    linesOf(address, after.length, (line, at, from, to) -> line.claim());
    byte[] now = memory(address, before.length);
    if (Arrays.equals(now, before) && !Arrays.equals(now, after)) {
      tell(Kind.OLD_AFTER_EVENT, by, machine.core(by).cycles(), address, List.of(before), null);
    }
    for (int cpu = 0; cpu < clocks.cpus(); cpu++) {
      TextWrite unseen = unseen(cpu, address, before.length);
      if (unseen != null && hasFetched(cpu, address, unseen)) {
        fetched(cpu, address, machine.core(cpu).cycles()); // and might again
      }
    }
  }

  /// Looks whether the breakpoint gave way to what an event tells of only now, and somebody met it: nothing orders that
  /// before the store, so whoever met it then may have met what is there instead.
  private void checkPromptness(long address, byte[] after) {
    TextWrite write = removed.get(address);
    long[] steps = met.get(address);
    if (write == null || steps == null || isTrap(after, address)
        || !Arrays.equals(memory(address, after.length), after)) {
      return;
    }
    for (int cpu = 0; cpu < steps.length; cpu++) {
      if (steps[cpu] > write.clock[cpu]) {
        tell(Kind.NEW_BEFORE_EVENT, cpu, machine.core(cpu).cycles(), address, List.of(after), write);
      }
    }
  }

  /// Some bytes of a line.
  private interface Part {
    void of(StoredLine line, long address, int from, int to);
  }

  private void linesOf(long address, int length, Part part) {
    for (long at = address & -LINE; at - address < length; at += LINE) {
      StoredLine line = line(at);
      if (line != null) {
        part.of(line, at, (int) Math.max(0, address - at), (int) Math.min(LINE, address + length - at));
      }
    }
  }

  /// Whether a CPU has been there since the store, so that it may be there at any moment.
  private boolean hasFetched(int cpu, long address, TextWrite since) {
    long[] last = fetches.get(address);
    return last != null && last[cpu] >= since.number;
  }

  /// A CPU came to a breakpoint that nobody owns.
  public void unclaimed(int cpu, long address) {
    settle();
    StoredLine line = line(address);
    if (line != null) {
      int at = (int) (address & LINE - 1);
      line.writes().stream().filter(w -> w.offset == at && isTrap(w.before, address) && !isSeen(w, cpu))
          .findFirst().ifPresent(
              w -> tell(Kind.STALE_TRAP, cpu, machine.core(cpu).cycles(), address, versions(cpu, address), w));
    }
  }

  private @Nullable TextWrite unseen(int cpu, long address, int length) {
    for (long at = address & -LINE; at - address < length; at += LINE) {
      StoredLine line = line(at);
      TextWrite write = line == null ? null
          : line.unseen((int) Math.max(0, address - at), (int) Math.min(LINE, address + length - at), seen(cpu));
      if (write != null) {
        return write;
      }
    }
    return null;
  }

  /// Whoever sets a breakpoint has done with those that were taken away before.
  private void trapStored(long address, TextWrite write) {
    if (write.after.length < unit || address % unit != 0) {
      return;
    }
    boolean now = isTrap(write.after, address);
    if (!now && isTrap(write.before, address)) {
      removed.put(address, write);
    } else if (now && !isTrap(write.before, address)) {
      List.copyOf(removed.keySet()).forEach(this::checkRemoved);
    }
  }

  private boolean isTrap(byte[] bytes, long address) {
    Insn insn = isa.classify(bytes, 0, bytes.length, address, Mode.CODE_64);
    return insn != null && insn.flow() == FlowClass.TRAP;
  }

  private void checkRemoved(long address) {
    TextWrite write = removed.remove(address);
    StoredLine line = line(address);
    for (int cpu = 0; write != null && line != null && cpu < clocks.cpus(); cpu++) {
      if (!isSeen(write, cpu) && hasFetched(cpu, address, write)) {
        tell(Kind.STALE_TRAP, cpu, machine.core(cpu).cycles(), address, List.of(write.before, write.after), write);
      }
    }
  }

  // ---- reports

  private void tell(Kind kind, int cpu, long cycle, long address, List<byte[]> possible, @Nullable TextWrite write) {
    if (told.add(new Place(kind, cpu, address))) {
      found.accept(new TextRace(kind, cpu, cycle, address, possible, write == null ? Event.NO_CPU : write.cpu,
          write == null ? -1 : write.cycle, missing(kind, write, cpu), rule(kind, write)));
    }
  }

  private String rule(Kind kind, @Nullable TextWrite write) {
    return switch (kind) {
      case TORN -> isa.patchKit().rules().order();
      case NOT_EXCHANGEABLE -> isa.patchKit().rules().exchange();
      case OLD_AFTER_EVENT -> write == null ? "the contract of text events" : isa.patchKit().rules().order();
      case NEW_BEFORE_EVENT -> "the contract of text events";
      case STALE_TRAP -> isa.patchKit().rules().order() + "; kernel practice: its owner has forgotten it";
      case INTERRUPT_OVERTAKES -> isa.patchKit().rules().interrupt();
    };
  }

  private String missing(Kind kind, @Nullable TextWrite write, int cpu) {
    return switch (kind) {
      case INTERRUPT_OVERTAKES -> "no fence is between";
      case NEW_BEFORE_EVENT -> "the event came later, and nothing keeps CPU " + cpu + " away in between";
      default -> write == null ? "the event came before it was replaced, or before whoever ran it was gone"
          : missing(write, cpu);
    };
  }

  private String missing(TextWrite write, int cpu) {
    return Arrays.stream(write.cleaned).allMatch(s -> s == 0)
        ? "nothing has brought the store to the point of unification since"
        : Arrays.stream(write.published).allMatch(s -> s == 0)
            ? "no invalidation of instruction caches behind that has completed since"
            : "CPU " + cpu + " has no context synchronization behind that";
  }
}
