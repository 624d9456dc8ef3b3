package dev.crosspatch.sim.window;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.event.RetireRow;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.run.EventLog;
import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.run.TextLog;
import dev.crosspatch.sim.run.Truth;
import dev.crosspatch.sim.scenario.StoreKind;
import dev.crosspatch.sim.truth.TruthReader;
import dev.crosspatch.tracer.text.Poke;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What happened around one poke of a finished run, on which CPU and in which order: stores, synchronizations asked for
/// and done, maintenance, the report, and the first and the last time that each CPU ran the old text, a breakpoint, or
/// the new text. It begins with the patch's first store, or its report if that comes first, and ends where the next
/// patch of the site begins; of what goes on for ever behind it, the new text, it tells the first time.
public final class PatchTimeline {
  /// Marks, the rarest last.
  private static final String RARE = ".siIcvontWR!#";
  /// Marks of what may be about another patch when this one is over.
  private static final String OTHERS = "iIcv";

  /// Something that happened.
  ///
  /// @param cycle when
  /// @param cpu   on which CPU; -1: a device
  /// @param mark  one letter for a drawing
  /// @param what  for people
  public record Moment(long cycle, int cpu, char mark, String what) {
    /// That a run failed there.
    ///
    /// @param kind what sort of failure
    public static Moment failure(int cpu, long cycle, String kind) {
      return new Moment(cycle, cpu, '!', "fails: " + kind);
    }
  }

  private final RunDirectory run;
  private final int number;
  private final Poke poke;
  private final Site site;
  private final int first;
  private final int last;
  private final long begin;
  private final long reported;
  private final long end;
  private final List<Moment> moments = new ArrayList<>();
  private final List<Store> stores = new ArrayList<>();
  private final List<Sent> sent = new ArrayList<>();
  /// When others were last interrupted behind the last store; -1: not yet.
  private long asked = -1;
  /// By CPU and what it ran: the first and the last time, and how often.
  private final Map<String, Runs> runs = new TreeMap<>();

  private static final class Runs {
    private final int cpu;
    private final String outcome;
    private long first;
    private long last;
    private long count;
    private long stale;

    Runs(int cpu, String outcome, long cycle) {
      this.cpu = cpu;
      this.outcome = outcome;
      first = cycle;
    }
  }

  /// A store of the patch.
  ///
  /// @param cycle when
  /// @param cpu   who; -1: a device
  /// @param kind  what it did
  /// @param bytes what was stored
  public record Store(long cycle, int cpu, StoreKind kind, byte[] bytes) {}

  /// An interrupt from one CPU to another.
  public record Sent(long cycle, int cpu, int to) {}

  /// What a CPU ran at the site.
  ///
  /// @param outcome what it was: `old`, `new`, `trap`, or of which parts
  /// @param first   the first time
  /// @param last    the last time
  /// @param count   how often
  /// @param stale   how often memory held it no longer
  public record Ran(int cpu, String outcome, long first, long last, long count, long stale) {}

  /// That of one poke.
  ///
  /// @param number of the poke in the log, from 1
  /// @throws BadInput if there is none of that number, or no truth was kept
  public static PatchTimeline of(RunDirectory run, int number) {
    List<Poke> pokes = run.pokes().pokes();
    if (pokes.isEmpty()) {
      throw new BadInput(run.path() + ": the poke log is empty, so there is no timeline");
    }
    if (number < 1 || number > pokes.size()) {
      throw new BadInput("--poke: " + number + " is not within 1.." + pokes.size() + ", the pokes of " + run.path());
    }
    return read(run, pokes, number);
  }

  /// The one of the poke that is nearest to a cycle at an address, or of stores there that nobody reported.
  ///
  /// @throws BadInput if there is none, or no truth was kept
  public static PatchTimeline at(RunDirectory run, long address, long cycle) {
    List<Poke> pokes = run.pokes().pokes();
    checkTruth(run);
    return find(run, Sites.of(run, run.image(), pokes), pokes, address, cycle)
        .orElseThrow(() -> new BadInput(run.path() + ": no poke is of the text at " + Json.address(address)
            + ", so there is no timeline of it; --poke N shows another"));
  }

  /// The same, of a run that has been read.
  ///
  /// @param sites of the run, which kept its truth
  /// @param pokes of the run
  public static Optional<PatchTimeline> find(RunDirectory run, Sites sites, List<Poke> pokes, long address,
      long cycle) {
    int number = nearest(run, pokes, address, cycle);
    int index = sites.at(address);
    return number > 0 ? find(run, sites, pokes, number, address)
        : index < 0 || sites.all().get(index).last(cycle) < 0 ? Optional.empty()
            : Optional.of(unreported(run, sites.all().get(index), cycle));
  }

  /// That of the last stores to a site before a cycle.
  private static PatchTimeline unreported(RunDirectory run, Site site, long cycle) {
    int first = site.begin(site.last(cycle));
    int last = site.end(first);
    Poke poke = new Poke(run.config().ticks(site.cycle(last)), site.cpu(last), site.address, site.text(first - 1),
        site.text(last), "", name(run.image(), site.address));
    return new PatchTimeline(run, site, first, Long.MAX_VALUE, poke, 0);
  }

  /// What nobody reported is named by the innermost symbol that it lies in: `site_3`, `work_0+0x86`.
  private static String name(Image image, long address) {
    return image.symbols().stream().filter(s -> Long.compareUnsigned(address - s.address(), s.size()) < 0)
        .min(Comparator.comparingLong(s -> address - s.address()))
        .map(s -> s.name() + (s.address() == address ? "" : "+0x" + Long.toHexString(address - s.address())))
        .orElse("text");
  }

  /// Number of the poke, from 1, that is nearest to a cycle at an address; 0 if none is at that address.
  public static int nearest(RunDirectory run, List<Poke> pokes, long address, long cycle) {
    long ticks = run.config().ticks(cycle);
    return pokes.stream()
        .filter(p -> address >= p.address() && address < p.address() + Math.max(p.before().length, p.after().length))
        .min(Comparator.comparingLong(p -> Math.abs(p.time() - ticks))).map(p -> pokes.indexOf(p) + 1).orElse(0);
  }

  private static void checkTruth(RunDirectory run) {
    if (run.kept() != Truth.WHOLE) {
      throw new BadInput(run.path() + ": the truth was not kept (--no-truth), so there is no timeline");
    }
  }

  private static PatchTimeline read(RunDirectory run, List<Poke> pokes, int number) {
    checkTruth(run);
    return find(run, Sites.of(run, run.image(), pokes), pokes, number)
        .orElseThrow(() -> new BadInput(run.path() + ": the poke at " + Json.address(pokes.get(number - 1).address())
            + " is of text to which nothing was stored"));
  }

  /// The one of a poke, if something was stored to its text. Of text that appears or goes away it is that of the first
  /// instruction.
  ///
  /// @param sites  of the run, which kept its truth
  /// @param pokes  of the run
  /// @param number of the poke, from 1
  public static Optional<PatchTimeline> find(RunDirectory run, Sites sites, List<Poke> pokes, int number) {
    return find(run, sites, pokes, number, pokes.get(number - 1).address());
  }

  /// @param address of which instruction, if the poke is of more
  private static Optional<PatchTimeline> find(RunDirectory run, Sites sites, List<Poke> pokes, int number,
      long address) {
    Poke poke = pokes.get(number - 1);
    int index = sites.at(poke.address());
    Site site = index < 0 ? LoadedText.site(run, pokes, poke, address) : sites.all().get(index);
    if (site.count() == 0) {
      return Optional.empty();
    }
    long reported = reported(run, poke);
    if (index < 0) {
      return Optional.of(new PatchTimeline(run, site, LoadedText.patch(site, poke, reported), reported, poke, number));
    }
    long earlier = pokes.subList(0, number - 1).stream().filter(p -> p.address() == poke.address()).count();
    return Optional.of(new PatchTimeline(run, site, site.patchOf((int) earlier), reported, poke, number));
  }

  /// @param first    its first store
  /// @param reported when the guest told of it
  private PatchTimeline(RunDirectory run, Site site, int first, long reported, Poke poke, int number) {
    this.run = run;
    this.site = site;
    this.first = first;
    this.reported = reported;
    this.poke = poke;
    this.number = number;
    last = site.end(first);
    begin = Math.min(site.cycle(first), first > 0 && reported < site.cycle(first - 1) ? Long.MAX_VALUE : reported);
    end = end(site, last);
    readStores();
    events();
    executions();
    moments.sort(Comparator.comparingLong(Moment::cycle).thenComparingInt(Moment::cpu));
    long over = moments.stream().filter(m -> OTHERS.indexOf(m.mark()) < 0).mapToLong(Moment::cycle).max().orElse(end);
    moments.removeIf(m -> m.cycle() > over);
  }

  /// When the next patch begins. Of a store across lines each part is told, at one time, and in text that nobody
  /// reported each is a patch by itself.
  private static long end(Site site, int last) {
    int next = last + 1;
    while (next < site.count() && site.cycle(next) == site.cycle(last)) {
      next++;
    }
    return next < site.count() ? site.cycle(next) : Long.MAX_VALUE;
  }

  /// When exactly the guest reported a poke, of whose time the log has the tick.
  private static long reported(RunDirectory run, Poke poke) {
    long[] cycle = {Long.MAX_VALUE};
    run.events().forEach(e -> {
      if (e.kind() == EventLog.Kind.REPORTED && e.address() == poke.address()
          && run.config().ticks(e.cycle()) == poke.time()) {
        cycle[0] = Math.min(cycle[0], e.cycle());
      }
    });
    return cycle[0];
  }

  private void add(long cycle, int cpu, char mark, String what) {
    moments.add(new Moment(cycle, cpu, mark, what));
  }

  private void readStores() {
    run.stores().forEach(s -> {
      if (site.overlaps(s.address(), s.length()) && s.cycle() >= begin && s.cycle() < end) {
        StoreKind kind = site.kind(s.cpu(), s.cycle());
        stores.add(new Store(s.cycle(), s.cpu(), kind, s.bytes()));
        add(s.cycle(), s.cpu(), 'W', "stores " + HexFormat.of().formatHex(s.bytes()) + " at "
            + Json.address(s.address()) + " (" + kind.label() + ")");
      }
      return s.cycle() < end;
    });
  }

  /// Synchronizations are told once for each CPU and store: only the first behind it matters. When all have
  /// synchronized behind the last store, the next interrupts are the last that may belong to the patch.
  private void events() {
    int[] told = new int[run.config().cpus()];
    Arrays.fill(told, first - 1);
    run.events().forEach(e -> {
      int index = site.last(e.cycle());
      if (e.cycle() < begin || e.cycle() >= end) {
        return;
      }
      switch (e.kind()) {
        case SYNCHRONIZED -> {
          if (told[e.cpu()] < index) {
            told[e.cpu()] = index;
            add(e.cycle(), e.cpu(), 's', "synchronizes its context");
          }
        }
        case SENT -> {
          boolean over = Arrays.stream(told).allMatch(t -> t >= last);
          if (!over || asked < 0 || asked == e.cycle()) {
            sent(e);
            asked = index >= last ? e.cycle() : asked;
          }
        }
        case DIVERTED -> {
          if (e.detail() == RetireRow.INTERRUPT && told[e.cpu()] < index) {
            add(e.cycle(), e.cpu(), 'I', "takes an interrupt");
          }
        }
        case CLEANED, INVALIDATED -> {
          if (site.isOn(e.address())) {
            boolean clean = e.kind() == EventLog.Kind.CLEANED;
            add(e.cycle(), e.cpu(), clean ? 'c' : 'v', clean ? "has cleaned its line to the point of unification"
                : "has invalidated its line in the instruction caches");
          }
        }
        case REPORTED -> {
          if (e.cycle() == reported && e.address() == poke.address()) {
            add(e.cycle(), e.cpu(), 'R', "reports the poke");
          }
        }
        case BARRIER -> {}
      }
    });
  }

  private void sent(EventLog.Entry e) {
    sent.add(new Sent(e.cycle(), e.cpu(), e.detail()));
    Moment before = moments.isEmpty() ? null : moments.getLast();
    boolean joins = before != null && before.mark() == 'i' && before.cpu() == e.cpu() && before.cycle() == e.cycle();
    if (joins && before != null) {
      moments.removeLast();
    }
    add(e.cycle(), e.cpu(), 'i', (joins && before != null ? before.what() + ", " : "interrupts CPU ") + e.detail());
  }

  private void executions() {
    run.stale(s -> ran(s.cpu(), s.cycle(), s.address(), s.executed(), !s.isFresh()));
    for (int cpu = 0; cpu < run.config().cpus(); cpu++) {
      fresh(cpu);
    }
    for (Runs r : runs.values()) {
      String stale = r.stale == 0 ? "" : r.stale == r.count ? ", stale" : ", " + r.stale + " of them stale";
      boolean goesOn = r.outcome.equals("new");
      String times = goesOn || r.count == 1 ? "" : " (" + r.count + " times" + stale + ")";
      char mark = r.outcome.indexOf('+') >= 0 ? '#' : r.outcome.charAt(0);
      add(r.first, r.cpu, mark, (goesOn ? "first runs " : "runs ") + r.outcome + times
          + (times.isEmpty() && !goesOn ? stale : ""));
      if (!times.isEmpty()) {
        add(r.last, r.cpu, mark, "runs " + r.outcome + " for the last time");
      }
    }
  }

  private void fresh(int cpu) {
    try (TextLog versions = run.text();
        ExecutedRows rows = new ExecutedRows(run, run.image(), cpu, versions, line -> {})) {
      TruthReader row = rows.row();
      while (row.time() < end && rows.next()) {
        long address = row.address();
        if (!rows.isRecorded() && site.overlaps(address, 1) && rows.began() >= begin
            && row.kind() <= RetireRow.FAULT) {
          ran(cpu, rows.began(), address, rows.text().instruction(address), false);
        }
      }
    }
  }

  private void ran(int cpu, long cycle, long address, byte[] bytes, boolean stale) {
    if (cycle < begin || cycle >= end || !site.overlaps(address, 1)) {
      return;
    }
    String outcome = site.outcome(Math.clamp(site.last(cycle), first, last), address, bytes);
    Runs r = runs.computeIfAbsent(cpu + " " + outcome, key -> new Runs(cpu, outcome, cycle));
    r.first = Math.min(r.first, cycle);
    r.last = Math.max(r.last, cycle);
    r.count++;
    r.stale += stale ? 1 : 0;
  }

  /// The poke; of what nobody reported what the poke would have been, and of one of more text than is looked at what it
  /// says of that.
  public Poke poke() {
    return within().isEmpty() ? poke : new Poke(poke.time(), poke.cpu(), site.address, site.text(first - 1),
        site.text(last), poke.mechanism(), poke.site());
  }

  /// Of what a part is looked at, for people, with a blank before it; empty if it is the whole poke.
  public String within() {
    int size = Math.max(poke.before().length, poke.after().length);
    String happens = poke.before().length == 0 ? "appear" : poke.after().length == 0 ? "go away" : "change";
    return number == 0 || (happens.equals("change") && size == site.length) ? ""
        : String.format(" (of %,d bytes at %s that %s)", size, Json.address(poke.address()), happens);
  }

  /// What happened, in order of time.
  public List<Moment> moments() {
    return moments(null);
  }

  /// What happened, in order of time.
  ///
  /// @param failure is told among it, behind what happened at that cycle
  public List<Moment> moments(@Nullable Moment failure) {
    if (failure == null) {
      return Collections.unmodifiableList(moments);
    }
    return Stream.concat(moments.stream(), Stream.of(failure)).sorted(Comparator.comparingLong(Moment::cycle)).toList();
  }

  /// Number of the poke in the log, from 1; 0 if nobody reported it.
  public int number() {
    return number;
  }

  /// When the patch began: its first store, or its report.
  public long begin() {
    return begin;
  }

  /// CPUs of the run.
  public int cpus() {
    return run.config().cpus();
  }

  /// The stores, in order of time.
  public List<Store> stores() {
    return Collections.unmodifiableList(stores);
  }

  /// Interrupts to other CPUs meanwhile, in order of time.
  public List<Sent> sent() {
    return Collections.unmodifiableList(sent);
  }

  /// What each CPU ran at the site, by CPU.
  public List<Ran> ran() {
    return runs.values().stream().map(r -> new Ran(r.cpu, r.outcome, r.first, r.last, r.count, r.stale))
        .sorted(Comparator.comparingInt(Ran::cpu).thenComparingLong(Ran::first)).toList();
  }

  /// Lines for people: what happened, one to a line.
  public List<String> table(@Nullable Moment failure) {
    List<String> lines = new ArrayList<>();
    for (Moment m : moments(failure)) {
      lines.add(String.format("%12d %+8d  %-8s %s", m.cycle(), m.cycle() - begin, m.cpu() < 0 ? "device"
          : "CPU " + m.cpu(), m.what()));
    }
    return lines;
  }

  /// A line of `width` columns for each CPU, time from left to right, one letter for what happened in a column: the
  /// rarest where there is more than one. A failure is drawn if it is not so late that the rest would have no room.
  public List<String> drawing(int width, @Nullable Moment failure) {
    long patched = moments.stream().mapToLong(Moment::cycle).max().orElse(begin);
    boolean late = failure != null && failure.cycle() > 2 * patched - begin;
    List<Moment> drawn = moments(late ? null : failure);
    long until = drawn.stream().mapToLong(Moment::cycle).max().orElse(begin);
    List<String> lines = new ArrayList<>();
    for (int cpu = 0; cpu < run.config().cpus(); cpu++) {
      char[] lane = new char[width];
      Arrays.fill(lane, '.');
      for (Moment m : drawn) {
        int at = (int) (Math.max(0, m.cycle() - begin) * (width - 1) / Math.max(1, until - begin));
        if (m.cpu() == cpu && RARE.indexOf(m.mark()) >= RARE.indexOf(lane[at])) {
          lane[at] = m.mark();
        }
      }
      lines.add(String.format("CPU %-3d ", cpu) + new String(lane));
    }
    return lines;
  }

  /// What the marks of the drawing mean.
  public static String legend() {
    return "W store, R report, i sends and I takes an interrupt, s synchronizes, c cleaned, v invalidated; "
        + "runs: o old, t trap, n new, # parts of both; ! fails";
  }
}
