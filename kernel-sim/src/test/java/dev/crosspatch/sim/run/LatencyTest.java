package dev.crosspatch.sim.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.guest.Counter;
import dev.crosspatch.sim.guest.GuestConfig;
import dev.crosspatch.sim.guest.GuestLayout;
import dev.crosspatch.sim.guest.Keys;
import dev.crosspatch.sim.guest.SpanLog;
import dev.crosspatch.sim.guest.Work;
import dev.crosspatch.sim.mechanism.Mechanism;
import dev.crosspatch.sim.mechanism.Mechanisms;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.sim.scenario.Expectation;
import dev.crosspatch.sim.scenario.Scenario;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a run says of how long patching took, held against what happened on its machine, told over again.
class LatencyTest {
  private static final int FLIPS = 8;

  private static Run run(GuestConfig guest) {
    Isa isa = Plugins.isa(guest.patching().protocol().isa());
    MachineConfig machine = new MachineConfig(isa, guest.work().cpus(), isa.presets().getFirst(),
        MachineConfig.Staleness.TYPICAL, isa.coherentFetch(), isa.coherentFetch(), GuestLayout.ramBytes(guest), 1);
    return new Run(new Scenario("test", "", machine, guest,
        new Scenario.Trace(Plugins.traceUnits(isa.tracedBy().getFirst()).configure((name, otherwise) -> otherwise)),
        new RunLimits(400_000_000, Long.MAX_VALUE, 0), Expectation.PASS));
  }

  private static Run executed(Run run) {
    run.execute(r -> {});
    assertTrue(run.end().good(), run.end()::text);
    return run;
  }

  private static GuestConfig.Builder keys(String protocol) {
    return Keys.builder(protocol).cpus(3).iterations(Work.ENDLESS).sites(6).flips(FLIPS).flipInterval(0);
  }

  /// What happened, in order: stores to text and synchronizations, and where flips begin and end.
  private static final class Course implements SpanLog.Listener {
    private final List<Event> events = new ArrayList<>();
    private final List<long[]> flips = new ArrayList<>();
    private final List<int[]> places = new ArrayList<>();

    Course(Run run) {
      run.machine().probe().textStores.hear(events::add);
      run.machine().probe().synchronizations.hear(events::add);
      run.machine().probe().maintenanceCompleted.hear(e -> {
        if (e.what() == Event.Maintenance.INVALIDATE) {
          events.add(e);
        }
      });
      run.machine().attach(0,
          new SpanLog(Map.of(Span.FLIP, List.of(run.image().address("mechanism_flip"))), this));
    }

    @Override
    public void begun(Span span, long cycle) {
      flips.add(new long[] {cycle, 0});
      places.add(new int[] {events.size(), 0});
    }

    @Override
    public void ended(Span span, long begin, long end) {
      flips.getLast()[1] = end;
      places.getLast()[1] = events.size();
    }

    /// Cycles from the begin of each flip until all have synchronized behind its last store or invalidation.
    Histogram newText(int cpus) {
      Histogram found = new Histogram(1, 1L << 40, 3);
      for (int i = 0; i < flips.size(); i++) {
        int last = places.get(i)[1] - 1;
        while (events.get(last) instanceof Event.ContextSynchronized) {
          last--;
        }
        assertTrue(last >= places.get(i)[0], "every flip stores");
        BitSet waiting = new BitSet();
        waiting.set(0, cpus);
        long until = 0;
        for (int e = last + 1; !waiting.isEmpty(); e++) {
          Event event = events.get(e);
          if (event instanceof Event.ContextSynchronized && waiting.get(event.cpu())) {
            waiting.clear(event.cpu());
            until = Math.max(until, event.cycle());
          }
        }
        found.recordValue(until - flips.get(i)[0]);
      }
      return found;
    }
  }

  @ParameterizedTest
  @CsvSource({"jump-label, int3-batch", "jump-label, brk", "jump-label, nosync-kick",
      "stop-machine, caller-patches", "stop-machine, last-patches"})
  void theLastCpuIsOnNewTextWhenAllHaveSynchronizedBehindTheLastStore(String name, String protocol) {
    Mechanism mechanism = Mechanisms.shipped(name);
    Run run = run(GuestConfig.builder(mechanism, mechanism.protocol(protocol)).cpus(3).iterations(Work.ENDLESS)
        .sites(6).flips(FLIPS).flipInterval(0).build());
    Course course = new Course(run);
    executed(run);
    assertEquals(FLIPS, run.latency().newText().getTotalCount());
    assertEquals(course.newText(3), run.latency().newText());
    assertTrue(run.latency().newText().getMaxValue() <= run.latency().of(Span.FLIP).getMaxValue(),
        "nobody returns before");
  }

  /// An image is old from the withdrawal on: what fills its room is nobody's new text, what is copied there is.
  @ParameterizedTest
  @ValueSource(strings = {"pack", "pages"})
  void whatIsWrittenWhereNoTextIsCountsWhenTextAppears(String protocol) {
    Mechanism images = Mechanisms.shipped("jit-images");
    Run run = executed(run(GuestConfig.builder(images, images.protocol(protocol)).cpus(3).iterations(Work.ENDLESS)
        .sites(2).flips(FLIPS).flipInterval(0).build()));
    Latency latency = run.latency();
    assertEquals(FLIPS, latency.newText().getTotalCount());
    assertTrue(latency.newText().getMaxValue() < latency.of(Span.FLIP).getMaxValue());
    assertTrue(latency.newText().getMinValue() > latency.of(Span.SYNC).getMinValue(), "it is behind a sync");
  }

  /// 56 sites one by one, as Linux had it until 2019, and in one batch: 168 and 3 rounds.
  @ParameterizedTest
  @CsvSource({"int3-batch, 1, 168", "int3-batch, 256, 3", "brk, 1, 112", "brk, 256, 2"})
  void roundsOfAFlip(String protocol, int batch, int rounds) {
    Run run = executed(run(keys(protocol).sites(56).batchLimit(batch).flips(2).build()));
    assertEquals(rounds, run.latency().roundsPerFlip());
    assertEquals(2.0 * rounds, run.latency().ipisPerFlip());
    long bystanders = run.lab().total(Counter.TRAPS) - run.lab().counter(0, Counter.TRAPS);
    assertEquals(bystanders / 2.0, run.latency().trapsPerFlip());
    assertEquals(run.latency().of(Span.FLIP), run.latency().locked(), "one CPU needs no mutex");
  }

  /// Of two that flip without pause one waits while the other is at it.
  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void underTheMutex(String protocol) {
    Run run = executed(run(keys(protocol).patchingCpus(List.of(0, 2)).build()));
    Latency latency = run.latency();
    assertEquals(FLIPS, latency.of(Span.LOCK).getTotalCount());
    assertEquals(FLIPS, latency.locked().getTotalCount());
    assertTrue(latency.locked().getValueAtPercentile(50) >= latency.of(Span.FLIP).getValueAtPercentile(50));
    long waited = latency.cycles(Span.LOCK);
    assertTrue(waited > latency.cycles(Span.FLIP) / 2, waited + " cycles");
    assertEquals(Keys.isX86(protocol) ? 3 : 2, latency.roundsPerFlip(), "the other's are not counted");
  }

  /// One count for all CPUs is a line that they take from each other; those of their own stay where they are.
  @Test
  void aSharedReferenceCountMakesEachBreakpointDearer() {
    double[] cycles = new double[2];
    for (int i = 0; i < 2; i++) {
      Set<String> leftOut = i == 0 ? Set.of() : Set.of("shared-refcount");
      Run run = executed(run(keys("int3-batch").cpus(8).leftOut(leftOut).build()));
      cycles[i] = (double) run.latency().stolen().trapCycles() / run.latency().stolen().traps();
      assertEquals(3, run.latency().roundsPerFlip());
    }
    assertTrue(cycles[1] > cycles[0] + 100, cycles[0] + " and " + cycles[1] + " cycles");
  }

  @Test
  void aFlipOfNoSitesChangesNothing() {
    Run run = executed(run(keys("int3-batch").keys(2).flipOrder(List.of(1)).build()));
    assertEquals(0, run.latency().newText().getTotalCount());
    assertEquals(0, run.latency().roundsPerFlip());
  }
}
