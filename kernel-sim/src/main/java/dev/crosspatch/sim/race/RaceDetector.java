package dev.crosspatch.sim.race;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.event.Event;
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
  /// Fetch keeps up with stores by itself, so who fetches a version learns nothing of what else it may fetch.
  private final transient boolean coherent;
  private final transient Consumer<TextRace> found;
  private final transient RetireRow[] rows = RetireRun.room();

  private final Clocks clocks;
  private final Publication publication;
  private final FetchedText text;
  private final Claims claims;
  /// Breakpoints that were taken away, by address.
  private final Map<Long, TextWrite> removed = new HashMap<>();
  /// By address of a breakpoint, with which step of its own each CPU met it last.
  private final Map<Long, long[]> met = new HashMap<>();
  /// By address of a breakpoint, how each CPU met it last where it might still fetch older text behind it.
  private final Map<Long, @Nullable Meeting[]> meetings = new HashMap<>();
  /// By address of an instruction, after how many writes each CPU fetched it last while there was something to be seen.
  private final Map<Long, long[]> fetches = new HashMap<>();
  /// By CPU: what comes before its next instruction's having been fetched, and so before what it fetches behind that.
  private final long[] @Nullable [] fetchedBehind;
  private final Set<Place> told = new HashSet<>();

  /// A race is told once.
  private record Place(Kind kind, int cpu, long address) {}

  /// That a CPU met a breakpoint.
  ///
  /// @param step   of its own
  /// @param behind what it might fetch there, by unit
  private record Meeting(long step, long cycle, List<Unit> behind) {}

  /// What a CPU may fetch of a unit.
  ///
  /// @param versions the oldest first
  /// @param unseen   the oldest write behind which it may still fetch what was there before, or null
  private record Unit(List<byte[]> versions, @Nullable TextWrite unseen) {}

  /// Listens to a machine.
  ///
  /// @param found hears of races
  public RaceDetector(Machine machine, Consumer<TextRace> found) {
    this.machine = machine;
    this.found = found;
    isa = machine.config().isa();
    unit = isa.alignment();
    coherent = isa.coherentFetch();
    int cpus = machine.cpus();
    clocks = new Clocks(cpus);
    publication =
        new Publication(clocks, !machine.memory().isCoherent(), !machine.traits().fetch().snooped(), coherent);
    text = new FetchedText(publication, cpus, unit);
    claims = new Claims(isa.maxLength());
    fetchedBehind = new long[cpus] @Nullable [];
    hear(machine.probe());
    for (int cpu = 0; cpu < cpus; cpu++) {
      machine.attach(cpu, new Fetches(cpu));
    }
  }

  private void hear(Probe probe) {
    probe.textStores.hear(this::stored);
    probe.versions.hear(this::executed);
    probe.maintenanceBegun.hear(this::begun);
    probe.fences.hear(publication::fence);
    probe.synchronizations.hear(e -> synchronize(e.cpu()));
    probe.lineMoves.hear(e -> clocks.load(e.cpu(), e.line(), e.from()));
    probe.linesTaken.hear(e -> clocks.take(e.cpu(), e.line(), e.others()));
    probe.sharedStores.hear(e -> clocks.store(e.cpu(), e.line()));
    probe.interruptsSent.hear(this::sent);
    probe.diversions.hear(e -> {
      switch (e.kind()) {
        case RetireRow.INTERRUPT -> interrupted(e);
        case RetireRow.TRAP -> trapped(e.cpu(), e.cycle(), e.from());
        default -> {}
      }
    });
  }

  private void synchronize(int cpu) {
    clocks.synchronize(cpu);
    publication.synchronize(cpu);
    text.learn(cpu);
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
    text.watch(WatchedText.of(physical, running, Arrays.copyOfRange(memory.data(), offset, offset + length)));
  }

  /// How many races were found, each counted once.
  public long count() {
    return told.size();
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
      for (WatchedText stretch : text.watched()) {
        if (stretch.holds(e.address())) {
          stored(stretch, (int) (e.address() - stretch.physical), e);
        }
      }
    }
  }

  private void stored(WatchedText stretch, int at, Event.TextStored e) {
    byte[] after = new byte[e.length()];
    for (int i = 0; i < after.length; i++) {
      after[i] = (byte) (e.value() >>> (8 * i));
    }
    byte[] before = Arrays.copyOfRange(stretch.bytes, at, at + after.length);
    if (Arrays.equals(before, after)) {
      return;
    }
    long address = stretch.running + at;
    StoredLine line = stretch.stored(at);
    TextWrite write = publication.store(e.cpu(), e.cycle(), (int) (address & LINE - 1), before, after);
    if (line.isClaimed()) {
      claims.changed(stretch, address, after.length);
    }
    System.arraycopy(after, 0, stretch.bytes, at, after.length);
    for (int i = 0; i + unit <= after.length; i += unit) {
      if (!isTrap(Arrays.copyOfRange(after, i, i + unit), address + i)) {
        line.set(write.offset + i, write.offset + i + unit, false);
      }
    }
    line.forget(publication::isSeenByAll);
    line.add(write);
    text.open(line, address);
    trapStored(address, write);
  }

  private void begun(Event.MaintenanceBegun e) {
    for (WatchedText stretch : text.watched()) {
      publication.begin(e.cpu(), e.what(), e.line() == 0 ? Arrays.asList(stretch.lines())
          : Collections.singletonList(stretch.line(e.line() - stretch.physical + stretch.running)));
    }
  }

  private void sent(Event.InterruptSent e) {
    int cpu = e.cpu();
    if (cpu == Event.NO_CPU || e.target() == cpu) {
      return;
    }
    clocks.send(cpu, e.target(), e.vector());
    TextWrite loose = publication.loose(cpu);
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
      if (!text.isAnyOpen(cpu)) {
        return;
      }
      for (int i = 0; i < batch.runs(); i++) {
        RetireRun run = batch.run(i);
        if (run.kind() <= RetireRow.FAULT && text.isOpen(cpu, run.startPc(), end(run))) {
          look(run);
        }
      }
    }

    /// The first that is of another version: that it was fetched tells of what comes behind it, not of itself.
    private void begin(RetireRun run, long[] clock) {
      if (text.isAnyOpen(cpu) && run.kind() <= RetireRow.FAULT
          && text.isOpen(cpu, run.startPc(), run.startPc() + unit)) {
        fetched(cpu, run.startPc(), run.startTime());
      }
      fetchedBehind[cpu] = null;
      clocks.learnByFetch(cpu, clock);
      text.learn(cpu);
    }

    /// Of what did not retire no length is known.
    private long end(RetireRow row) {
      return row.pc + Math.max(unit, row.length());
    }

    private void look(RetireRun run) {
      int number = run.expand(rows, 0);
      for (int i = 0; i < number; i++) {
        RetireRow row = rows[i];
        if (text.isOpen(cpu, row.pc, end(row))) {
          fetches.computeIfAbsent(row.pc, pc -> new long[clocks.cpus()])[cpu] = publication.writes();
          fetched(cpu, row.pc, row.time);
        }
      }
    }
  }

  /// A CPU has fetched a version: whatever came before the store that made it comes before the CPU's next instruction.
  /// Where fetch does not keep up by itself, what it fetches from now on is younger, too: than invalidations that were
  /// complete before that store.
  private void executed(Event.VersionExecuted e) {
    StoredLine line = text.line(e.address());
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
    StoredLine line = text.line(pc);
    if (line != null && (line.gone() >>> (pc & LINE - 1) & 1) != 0) {
      tell(Kind.OLD_AFTER_EVENT, cpu, cycle, pc, List.of(), null);
      return;
    }
    List<byte[]> first = text.versions(cpu, pc);
    for (int i = 0; i < first.size(); i++) {
      Insn insn = instruction(cpu, pc, first.get(i));
      if (insn.flow() != FlowClass.TRAP && checkWhole(cpu, pc, insn.length(), first.get(i), cycle)) {
        return;
      }
      if (i > 0 && !isa.patchKit().replaceableLive(first.get(i - 1), first.get(i))) {
        tell(Kind.NOT_EXCHANGEABLE, cpu, cycle, pc, first, text.unseen(cpu, pc, unit));
        return;
      }
    }
  }

  /// Looks whether what begins with that unit can only be of one piece. Tells if not.
  private boolean checkWhole(int cpu, long pc, int length, byte[] first, long cycle) {
    byte[] whole = Arrays.copyOf(first, Math.max(length, unit));
    for (int at = unit; at < length; at += unit) {
      List<byte[]> more = text.versions(cpu, pc + at);
      if (more.size() > 1) {
        tell(Kind.TORN, cpu, cycle, pc,
            List.of(text.bytes(cpu, pc, first, true, length), text.bytes(cpu, pc, first, false, length)),
            text.unseen(cpu, pc + at, unit));
        return true;
      }
      System.arraycopy(more.getFirst(), 0, whole, at, unit);
    }
    return checkClaims(cpu, pc, Arrays.copyOf(whole, length), cycle);
  }

  /// Looks whether the kernel has said that this is not run any more. Tells if so.
  private boolean checkClaims(int cpu, long pc, byte[] whole, long cycle) {
    boolean broken = claims.isBroken(pc, whole);
    if (broken) {
      tell(Kind.OLD_AFTER_EVENT, cpu, cycle, pc, List.of(whole), text.unseen(cpu, pc, whole.length));
    }
    return broken;
  }

  /// The instruction that begins with that unit and goes on with the newest that may be fetched.
  private Insn instruction(int cpu, long pc, byte[] first) {
    byte[] code = text.bytes(cpu, pc, first, false, isa.maxLength());
    Insn insn = isa.classify(code, 0, code.length, pc, Mode.CODE_64);
    return insn == null ? new Insn(unit, FlowClass.OTHER, 0) : insn;
  }

  // ---- what the kernel says, and breakpoints

  /// The kernel says that text changes: from now on nobody runs what stood there before.
  ///
  /// @param address where it runs
  public void reported(long address, byte[] before, byte[] after) {
    settle();
    int length = Math.max(before.length, after.length);
    if (before.length == 0 || after.length == 0) {
      claims.forget(address, length);
      text.lines(address, length, (line, at, from, to) -> {
        line.set(from, to, after.length == 0);
        text.open(line, at);
      });
      return;
    }
    checkPromptness(address, after);
    if (isTrap(before, address)) {
      return; // it may still be met, whatever the event says
    }
    claims.put(address, before, after);
    text.claim(address, after.length);
    for (int cpu = 0; cpu < clocks.cpus(); cpu++) {
      TextWrite unseen = text.unseen(cpu, address, before.length);
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
        || !Arrays.equals(text.memory(address, after.length), after)) {
      return;
    }
    for (int cpu = 0; cpu < steps.length; cpu++) {
      if (steps[cpu] > write.clock[cpu]) {
        tell(Kind.NEW_BEFORE_EVENT, cpu, machine.core(cpu).cycles(), address, List.of(after), write);
      }
    }
  }

  /// A CPU meets a breakpoint.
  private void trapped(int cpu, long cycle, long pc) {
    long step = clocks.step(cpu);
    met.computeIfAbsent(pc, at -> new long[clocks.cpus()])[cpu] = step;
    int longest = isa.maxLength();
    if (longest > unit && text.isAnyOpen(cpu) && text.isOpen(cpu, pc + unit, pc + longest)) {
      List<Unit> behind = new ArrayList<>();
      for (long at = pc + unit; at - pc < longest; at += unit) {
        behind.add(new Unit(text.versions(cpu, at), text.unseen(cpu, at, unit)));
      }
      meetings.computeIfAbsent(pc, at -> new @Nullable Meeting[clocks.cpus()])[cpu] =
          new Meeting(step, cycle, behind);
    }
  }

  /// A breakpoint gives way to an instruction. Looks whether somebody met it of whom nothing orders that before the
  /// store: he may have met what is there instead, in front of what he might fetch behind it then.
  private void checkMeetings(long address, TextWrite write) {
    @Nullable Meeting[] all = meetings.remove(address);
    if (all == null) {
      return;
    }
    byte[] now = text.memory(address, isa.maxLength());
    Insn insn = isa.classify(now, 0, now.length, address, Mode.CODE_64);
    int length = insn == null ? unit : insn.length();
    for (int cpu = 0; cpu < all.length; cpu++) {
      Meeting meeting = all[cpu];
      if (meeting != null && meeting.step() > write.clock[cpu]) {
        checkMeeting(cpu, address, Arrays.copyOf(now, length), meeting, write);
      }
    }
  }

  private void checkMeeting(int cpu, long address, byte[] whole, Meeting meeting, TextWrite write) {
    byte[] oldest = whole.clone();
    TextWrite torn = null;
    for (int at = unit; at < whole.length; at += unit) {
      Unit behind = meeting.behind().get(at / unit - 1);
      System.arraycopy(behind.versions().getFirst(), 0, oldest, at, unit);
      torn = torn == null && behind.versions().size() > 1 ? behind.unseen() : torn;
    }
    if (torn != null) {
      tell(Kind.TORN, cpu, meeting.cycle(), address, List.of(oldest, whole), torn, missing(torn, cpu)
          + " when it meets the breakpoint, and nothing orders that before CPU " + write.cpu
          + " takes the breakpoint away at cycle " + write.cycle);
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
    StoredLine line = text.line(address);
    if (line != null) {
      int at = (int) (address & LINE - 1);
      line.writes().stream().filter(w -> w.offset == at && isTrap(w.before, address) && !publication.isSeen(w, cpu))
          .findFirst().ifPresent(
              w -> tell(Kind.STALE_TRAP, cpu, machine.core(cpu).cycles(), address, text.versions(cpu, address), w));
    }
  }

  /// Whoever sets a breakpoint has done with those that were taken away before.
  private void trapStored(long address, TextWrite write) {
    if (write.after.length < unit || address % unit != 0) {
      return;
    }
    boolean now = isTrap(write.after, address);
    if (!now && isTrap(write.before, address)) {
      removed.put(address, write);
      checkMeetings(address, write);
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
    StoredLine line = text.line(address);
    for (int cpu = 0; write != null && line != null && cpu < clocks.cpus(); cpu++) {
      if (!publication.isSeen(write, cpu) && hasFetched(cpu, address, write)) {
        tell(Kind.STALE_TRAP, cpu, machine.core(cpu).cycles(), address, List.of(write.before, write.after), write);
      }
    }
  }

  // ---- reports

  private void tell(Kind kind, int cpu, long cycle, long address, List<byte[]> possible, @Nullable TextWrite write) {
    tell(kind, cpu, cycle, address, possible, write, missing(kind, write, cpu));
  }

  private void tell(Kind kind, int cpu, long cycle, long address, List<byte[]> possible, @Nullable TextWrite write,
      String missing) {
    if (told.add(new Place(kind, cpu, address))) {
      found.accept(new TextRace(kind, cpu, cycle, address, possible, write == null ? Event.NO_CPU : write.cpu,
          write == null ? -1 : write.cycle, missing, rule(kind, write)));
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
