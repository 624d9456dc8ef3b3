package dev.crosspatch.core.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.core.lab.Code;
import dev.crosspatch.core.lab.Lab;
import dev.crosspatch.core.lab.MicroCore;
import dev.crosspatch.core.lab.MicroIsa;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.uop.Cond;
import dev.crosspatch.core.uop.Uop;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// Litmus tests of stale code: CPU 0 changes the function that CPU 1 has been calling, tells so by a flag, and CPU 1
/// calls again. Each test lists all outcomes over many seeds, so every rule stands beside its twin with a step left
/// out.
final class StaleCodeTest {
  private static final int SEEDS = 60;
  private static final int OLD = 7;
  private static final int NEW = 9;
  private static final long SITE = Lab.TEXT + 0x1000;
  private static final long READER = Lab.TEXT + 0x4000;
  private static final long FLAG = Lab.DATA + 0x800;
  private static final long LOG = Lab.DATA + 0x2000;
  private static final int LOG_OFFSET = 0x12000;

  private static final Lab.Setup X86 = Lab.Setup.X86.cpus(2);
  private static final Lab.Setup ARM = Lab.Setup.ARM.cpus(2);
  private static final Lab.Setup ARM_IDC = ARM.caches(true, false);
  private static final Lab.Setup ARM_DIC = ARM.caches(true, true);

  private static final Consumer<Code> NOTHING = helpers();
  private static final Consumer<Code> SYNC = helpers(MicroCore.SYNC);
  private static final Consumer<Code> CLEAN = helpers(MicroCore.CLEAN);
  private static final Consumer<Code> INVALIDATE = helpers(MicroCore.INVALIDATE);
  private static final Consumer<Code> CLEAN_INVALIDATE = helpers(MicroCore.CLEAN, MicroCore.INVALIDATE);
  private static final Consumer<Code> INVALIDATE_ALL = helpers(MicroCore.INVALIDATE_ALL);
  private static final Consumer<Code> INVALIDATE_ALL_OWN = helpers(MicroCore.INVALIDATE_ALL_OWN);
  private static final Consumer<Code> INVALIDATE_CLEAN = helpers(MicroCore.INVALIDATE, MicroCore.CLEAN);

  /// Code that calls these helpers with the site as their argument.
  private static Consumer<Code> helpers(int... ids) {
    return code -> {
      for (int id : ids) {
        code.helper(id, SITE);
      }
    };
  }

  private static long alias(long text) {
    return text - Lab.TEXT + Lab.ALIAS;
  }

  /// `count` turns of a loop that takes a few cycles each.
  private static void delay(Code code, int count) {
    code.li(12, count);
    long loop = code.here();
    code.opi(Uop.SUBFI, 12, 12, 1, 3).jcc(Cond.NE, loop);
  }

  private static void store(Code code, long va, long value, int width) {
    code.li(4, va).li(5, value).store(5, 4, 0, width, 0);
  }

  private static void awaitFlag(Code code) {
    code.li(4, FLAG);
    long loop = code.here();
    code.load(5, 4, 0, 3, 0).opi(Uop.SUBFI, Uop.SINK, 5, 1, 3).jcc(Cond.NE, loop);
  }

  /// CPU 0: patches one byte of the site, does `maintenance`, raises the flag and waits.
  private static Code writer(Consumer<Code> maintenance) {
    Code code = Lab.text();
    delay(code, 300);
    store(code, alias(SITE) + 1, NEW, 0);
    maintenance.accept(code);
    store(code, FLAG, 1, 3);
    return code.helper(MicroCore.WAIT);
  }

  /// CPU 1: calls the site until the flag is up, does `step`, calls once more; r0 is the outcome.
  private static Code reader(Consumer<Code> step) {
    Code code = new Code(READER);
    code.li(4, FLAG);
    long loop = code.here();
    code.call(SITE).load(5, 4, 0, 3, 0).opi(Uop.SUBFI, Uop.SINK, 5, 1, 3).jcc(Cond.NE, loop);
    step.accept(code);
    return code.call(SITE).stop();
  }

  private static Lab start(Lab.Setup setup, Code writer, Code reader) {
    Lab lab = setup.lab().put(writer).put(reader);
    lab.core(1).pc = READER;
    return lab;
  }

  private static Set<Long> outcomes(Lab.Setup setup, Consumer<Code> maintenance, Consumer<Code> step) {
    Set<Long> seen = new TreeSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      Lab lab = start(setup.seed(seed), writer(maintenance), reader(step)).put(new Code(SITE).set0(OLD).ret());
      lab.run();
      seen.add(lab.core(1).r[0]);
    }
    return seen;
  }

  private static final Set<Long> ONLY_NEW = Set.of((long) NEW);
  private static final Set<Long> ONLY_OLD = Set.of((long) OLD);
  private static final Set<Long> BOTH = Set.of((long) OLD, (long) NEW);

  @Test
  void coherentFetch() {
    assertEquals(ONLY_NEW, outcomes(X86, NOTHING, SYNC));
    assertEquals(ONLY_NEW, outcomes(X86.adversarial(), NOTHING, SYNC));
    assertEquals(BOTH, outcomes(X86, NOTHING, NOTHING));
    assertEquals(BOTH, outcomes(X86.adversarial(), NOTHING, NOTHING));
  }

  @Test
  void withoutInstructionCacheInvalidation() {
    assertEquals(ONLY_OLD, outcomes(ARM, CLEAN, SYNC));
    assertEquals(BOTH, outcomes(ARM.adversarial(), CLEAN, SYNC));
    assertEquals(ONLY_OLD, outcomes(ARM_IDC, NOTHING, SYNC));
    assertEquals(BOTH, outcomes(ARM_IDC.adversarial(), NOTHING, SYNC));
  }

  @Test
  void withoutCleaningRefillSeesOld() {
    assertEquals(ONLY_OLD, outcomes(ARM, INVALIDATE, SYNC));
    assertEquals(ONLY_OLD, outcomes(ARM.adversarial(), INVALIDATE, SYNC));
  }

  @Test
  void fullSequence() {
    assertEquals(ONLY_NEW, outcomes(ARM, CLEAN_INVALIDATE, SYNC));
    assertEquals(ONLY_NEW, outcomes(ARM.adversarial(), CLEAN_INVALIDATE, SYNC));
    assertEquals(BOTH, outcomes(ARM, CLEAN_INVALIDATE, NOTHING));
    assertEquals(BOTH, outcomes(ARM.adversarial(), CLEAN_INVALIDATE, NOTHING));
  }

  /// IC IALLUIS invalidates the instruction caches of all PEs in the Inner Shareable domain, IC IALLU this PE's alone
  /// (DDI0487 D7.5.8).
  @Test
  void invalidationOfAllReachesOthersIfItSaysSo() {
    for (Lab.Setup setup : List.of(ARM, ARM.adversarial())) {
      assertEquals(ONLY_NEW, outcomes(setup, CLEAN.andThen(INVALIDATE_ALL), SYNC), setup.toString());
    }
    assertEquals(ONLY_OLD, outcomes(ARM, CLEAN.andThen(INVALIDATE_ALL_OWN), SYNC));
    assertEquals(BOTH, outcomes(ARM.adversarial(), CLEAN.andThen(INVALIDATE_ALL_OWN), SYNC));
  }

  @Test
  void wrongOrderOfMaintenance() {
    assertEquals(BOTH, outcomes(ARM.adversarial(), INVALIDATE_CLEAN, SYNC));
  }

  @Test
  void coherenceFlagsReplaceMaintenance() {
    assertEquals(ONLY_NEW, outcomes(ARM_IDC, INVALIDATE, SYNC));
    assertEquals(ONLY_NEW, outcomes(ARM_IDC.adversarial(), INVALIDATE, SYNC));
    assertEquals(ONLY_NEW, outcomes(ARM_DIC, NOTHING, SYNC));
    assertEquals(ONLY_NEW, outcomes(ARM_DIC.adversarial(), NOTHING, SYNC));
    assertEquals(BOTH, outcomes(ARM_DIC.adversarial(), NOTHING, NOTHING));
  }

  @Test
  void trapIsContextSynchronization() {
    Consumer<Code> trap = Code::breakpoint;
    for (boolean synchronizes : new boolean[] {true, false}) {
      Set<Long> seen = new TreeSet<>();
      for (int seed = 0; seed < SEEDS; seed++) {
        Lab lab = start(ARM_DIC.adversarial().seed(seed), writer(NOTHING), reader(trap));
        lab.put(new Code(SITE).set0(OLD).ret()).put(Lab.text(0x8000).call(SITE).stop());
        lab.core(1).vector = Lab.TEXT + 0x8000;
        lab.core(1).synchronizeOnTrap = synchronizes;
        lab.run();
        seen.add(lab.core(1).r[0]);
      }
      assertEquals(synchronizes ? ONLY_NEW : BOTH, seen);
    }
  }

  // ---- ways of the new code to the point of unification and of the old out of the caches

  /// Stores, does not clean, but loads enough lines of the same set to push the line out of the L1 data cache; then IC,
  /// ISB, call.
  private static Set<Long> afterEviction(Lab.Setup setup, int lines) {
    Consumer<Code> evict = code -> {
      code.li(4, Lab.DATA);
      for (int i = 0; i < lines; i++) {
        code.load(5, 4, 0x1000L * i, 3, 0);
      }
    };
    return outcomes(setup, evict.andThen(INVALIDATE), SYNC);
  }

  @Test
  void evictedLineReachesUnificationOnTypicalCoreOnly() {
    assertEquals(ONLY_NEW, afterEviction(ARM, 12));
    assertEquals(ONLY_OLD, afterEviction(ARM, 4));
    assertEquals(ONLY_OLD, afterEviction(ARM.adversarial(), 12));
  }

  /// CPU 1 calls enough functions of the site's set to push the site out of the instruction cache, after the flag.
  @Test
  void evictedInstructionLineIsRefilledWithNew() {
    Consumer<Code> evict = code -> {
      for (int i = 0; i < 10; i++) {
        code.call(Lab.TEXT + 0x5020 + 0x1000L * i);
      }
    };
    Set<Long> seen = new TreeSet<>();
    Lab lab = start(ARM_IDC, writer(NOTHING), reader(evict)).put(new Code(SITE).set0(OLD).ret());
    for (int i = 0; i < 10; i++) {
      lab.put(new Code(Lab.TEXT + 0x5020 + 0x1000L * i).ret());
    }
    lab.run();
    seen.add(lab.core(1).r[0]);
    assertEquals(ONLY_NEW, seen);
  }

  @Test
  void loaderIsSeenByAll() {
    for (Lab.Setup setup : List.of(X86, X86.adversarial(), ARM, ARM.adversarial())) {
      Code code = Lab.text().call(SITE).helper(MicroCore.WAIT).call(SITE);
      Lab lab = setup.lab().put(code.jump(code.here())).put(new Code(SITE).set0(OLD).ret());
      lab.run();
      lab.put(new Code(SITE).set0(NEW).ret());
      lab.machine.post(0, 0, 1, 0);
      lab.machine.post(1, 0, 1, 0);
      lab.machine.run(RunLimits.ofCycles(10_000));
      assertEquals(NEW, lab.core(0).r[0]);
      assertEquals(NEW, lab.core(1).r[0]);
    }
  }

  // ---- straddling sites

  private static final long STRADDLER = Lab.TEXT + 0x103a;
  private static final long ONES = 0x1111_1111_1111_1111L;

  /// CPU 1 loads an immediate that lies across two lines while CPU 0 replaces it by one store.
  private static Set<Long> straddlingOutcomes(Lab.Setup setup, Consumer<Code> step) {
    Set<Long> seen = new TreeSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      Code writer = Lab.text();
      delay(writer, 300);
      store(writer, alias(STRADDLER) + 2, 2 * ONES, 3);
      store(writer, FLAG, 1, 3);
      Code reader = new Code(READER).li(6, FLAG);
      long loop = reader.here();
      reader.call(STRADDLER).load(5, 6, 0, 3, 0).opi(Uop.SUBFI, Uop.SINK, 5, 1, 3).jcc(Cond.NE, loop);
      step.accept(reader);
      Lab lab = start(setup.seed(seed), writer.helper(MicroCore.WAIT), reader.call(STRADDLER).stop());
      lab.put(new Code(STRADDLER).li(0, ONES).ret());
      lab.run();
      seen.add(lab.core(1).r[0]);
    }
    return seen;
  }

  private static final long NEW_LOW = 0x1111_1111_2222_2222L;
  private static final long NEW_HIGH = 0x2222_2222_1111_1111L;

  @Test
  void straddlingSiteTearsEveryWay() {
    assertEquals(Set.of(ONES, 2 * ONES, NEW_LOW, NEW_HIGH), straddlingOutcomes(X86.adversarial(), NOTHING));
    assertEquals(Set.of(ONES, 2 * ONES, NEW_LOW, NEW_HIGH), straddlingOutcomes(ARM_DIC.adversarial(), NOTHING));
    assertEquals(Set.of(2 * ONES), straddlingOutcomes(X86.adversarial(), SYNC));
  }

  @Test
  void straddlingSiteTearsOnTypicalCoreToo() {
    Set<Long> seen = straddlingOutcomes(X86, NOTHING);
    assertTrue(seen.contains(NEW_LOW) || seen.contains(NEW_HIGH), seen.toString());
    assertEquals(Set.of(2 * ONES), straddlingOutcomes(X86, SYNC));
  }

  // ---- what a core sees over time

  /// CPU 1 calls the site 400 times while CPU 0 makes it give 8, then 9.
  private static List<Long> sequence(Lab.Setup setup, Consumer<Code> maintenance) {
    Code writer = Lab.text();
    for (int value = OLD + 1; value <= NEW; value++) {
      delay(writer, 300);
      store(writer, alias(SITE) + 1, value, 0);
      maintenance.accept(writer);
    }
    Code reader = new Code(READER).li(6, LOG).li(7, 400);
    long loop = reader.here();
    reader.call(SITE).store(0, 6, 0, 0, 0).opi(Uop.ADDI, 6, 6, 1, 3).opi(Uop.SUBFI, 7, 7, 1, 3)
        .jcc(Cond.NE, loop).stop();
    Lab lab = start(setup, writer.helper(MicroCore.WAIT), reader).put(new Code(SITE).set0(OLD).ret());
    lab.run();
    List<Long> seen = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      seen.add((long) lab.machine.memory().data()[LOG_OFFSET + i]);
    }
    return seen;
  }

  private static boolean ascending(List<Long> values) {
    for (int i = 1; i < values.size(); i++) {
      if (values.get(i) < values.get(i - 1)) {
        return false;
      }
    }
    return true;
  }

  @Test
  void onlyAdversarialArmGoesBackInTime() {
    boolean wentBack = false;
    for (int seed = 0; seed < SEEDS; seed++) {
      assertTrue(ascending(sequence(X86.seed(seed), NOTHING)), "seed " + seed);
      assertTrue(ascending(sequence(X86.adversarial().seed(seed), NOTHING)), "seed " + seed);
      assertTrue(ascending(sequence(ARM.seed(seed), CLEAN_INVALIDATE)), "seed " + seed);
      wentBack |= !ascending(sequence(ARM_DIC.adversarial().seed(seed), NOTHING));
    }
    assertTrue(wentBack);
  }

  @Test
  void typicalCoreSeesTheChangeInTheEnd() {
    for (int seed = 0; seed < SEEDS; seed++) {
      List<Long> seen = sequence(X86.seed(seed), NOTHING);
      assertEquals(NEW, seen.get(399), "seed " + seed);
    }
  }

  @Test
  void adversarialCoreMayNeverSeeTheChange() {
    boolean never = false;
    for (int seed = 0; seed < SEEDS; seed++) {
      never |= sequence(X86.adversarial().seed(seed), NOTHING).get(399) == OLD;
    }
    assertTrue(never);
  }

  // ---- two sites in order

  private static final long SECOND = Lab.TEXT + 0x1800;

  /// Whether CPU 1 ever gets the new second site, then the old first one, when CPU 0 changed the first, did `between`,
  /// and changed the second (AArch64 litmus MP.FF+dmb+fpo and MP.FF+cachesync+fpo).
  private static boolean newThenOld(Lab.Setup setup, Consumer<Code> between) {
    boolean found = false;
    for (int seed = 0; seed < SEEDS; seed++) {
      Code writer = Lab.text();
      delay(writer, 300);
      store(writer, alias(SITE) + 1, NEW, 0);
      between.accept(writer);
      store(writer, alias(SECOND) + 1, NEW, 0);
      writer.helper(MicroCore.CLEAN, SECOND).helper(MicroCore.INVALIDATE, SECOND).helper(MicroCore.WAIT);
      Code reader = new Code(READER).li(7, 200).li(6, LOG);
      long loop = reader.here();
      reader.call(SECOND).opi(Uop.SHLI, 8, 0, 8, 3).call(SITE).op(Uop.OR, 8, 8, 0, 3);
      reader.store(8, 6, 0, 1, 0).opi(Uop.ADDI, 6, 6, 2, 3).opi(Uop.SUBFI, 7, 7, 1, 3).jcc(Cond.NE, loop).stop();
      Lab lab = start(setup.seed(seed), writer, reader);
      lab.put(new Code(SITE).set0(OLD).ret()).put(new Code(SECOND).set0(OLD).ret());
      lab.run();
      for (int i = 0; i < 200; i++) {
        byte[] data = lab.machine.memory().data();
        found |= data[LOG_OFFSET + 2 * i + 1] == NEW && data[LOG_OFFSET + 2 * i] == OLD;
      }
    }
    return found;
  }

  @Test
  void maintenanceOrdersLaterFetches() {
    for (Lab.Setup setup : List.of(ARM, ARM_IDC, ARM_DIC)) {
      assertTrue(newThenOld(setup.adversarial(), NOTHING), setup.toString());
      assertFalse(newThenOld(setup.adversarial(), CLEAN_INVALIDATE), setup.toString());
    }
  }

  // ---- a core that changes its own code

  /// Stores to its own next function through `at`, does `step`, calls it.
  private static Set<Long> own(Lab.Setup setup, long at, Consumer<Code> step) {
    Set<Long> seen = new TreeSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      Code code = Lab.text().call(SITE);
      store(code, at + 1, NEW, 0);
      step.accept(code);
      Lab lab = setup.cpus(1).seed(seed).lab().put(code.call(SITE).stop()).put(new Code(SITE).set0(OLD).ret());
      Lab.map(lab.core(0), SITE, MicroIsa.RAM + SITE - Lab.TEXT, Lab.R | Lab.W | Lab.X);
      lab.run();
      seen.add(lab.core(0).r[0]);
    }
    return seen;
  }

  @Test
  void selfModifyingCode() {
    assertEquals(ONLY_NEW, own(X86, SITE, NOTHING));
    assertEquals(ONLY_NEW, own(X86, alias(SITE), NOTHING));
    assertEquals(ONLY_NEW, own(X86.adversarial(), SITE, NOTHING));
    assertEquals(BOTH, own(X86.adversarial(), alias(SITE), NOTHING));
    assertEquals(ONLY_NEW, own(X86.adversarial(), alias(SITE), SYNC));
    assertEquals(ONLY_OLD, own(ARM, SITE, NOTHING));
    assertEquals(ONLY_OLD, own(ARM, SITE, SYNC));
    assertEquals(ONLY_NEW, own(ARM, SITE, CLEAN_INVALIDATE.andThen(SYNC)));
    assertEquals(BOTH, own(ARM.adversarial(), SITE, CLEAN));
    assertEquals(ONLY_NEW, own(ARM.adversarial(), SITE, CLEAN_INVALIDATE));
    assertEquals(ONLY_NEW, own(ARM.adversarial(), SITE, CLEAN.andThen(INVALIDATE_ALL)));
    assertEquals(ONLY_NEW, own(ARM.adversarial(), SITE, CLEAN.andThen(INVALIDATE_ALL_OWN)));
    assertEquals(BOTH, own(ARM_DIC.adversarial(), SITE, NOTHING));
    assertEquals(ONLY_NEW, own(ARM_DIC.adversarial(), SITE, SYNC));
  }

  @Test
  void selfModifyingCodeCostsAClear() {
    long[] cycles = new long[2];
    for (int k = 0; k < 2; k++) {
      Code code = Lab.text().call(SITE).call(SITE).li(4, alias(SITE)).load(5, 4, 1, 0, 0).load(5, 4, 0x41, 0, 0);
      store(code, alias(SITE + (k == 0 ? 0x40 : 0)) + 1, NEW, 0);
      Lab lab = Lab.Setup.X86.lab().put(code.stop()).put(new Code(SITE).set0(OLD).ret());
      cycles[k] = lab.run().cycles();
    }
    assertEquals(125, cycles[1] - cycles[0]);
  }

  // ---- what is reported

  @Test
  void staleExecutionIsRecorded() {
    Lab lab = start(ARM, writer(CLEAN), reader(SYNC)).put(new Code(SITE).set0(OLD).ret());
    List<StaleExecution> stale = new ArrayList<>();
    lab.machine.probe().staleExecutions.hear(stale::add);
    lab.run();
    assertEquals(lab.machine.counters(1).staleExecutions(), stale.size());
    StaleExecution last = stale.get(stale.size() - 1);
    assertEquals(1, last.cpu());
    assertEquals(SITE, last.address());
    assertArrayEquals(new byte[] {10, OLD}, last.executed());
    assertArrayEquals(new byte[] {10, NEW}, last.memory());
    assertEquals(0, lab.machine.counters(0).staleExecutions());
  }

  @Test
  void everyStaleExecutionIsTold() {
    int calls = 150_000;
    Consumer<Code> many = code -> {
      code.li(7, calls);
      long loop = code.here();
      code.call(SITE).opi(Uop.SUBFI, 7, 7, 1, 3).jcc(Cond.NE, loop);
    };
    Lab lab = start(ARM, writer(CLEAN), reader(many)).put(new Code(SITE).set0(OLD).ret());
    long[] told = new long[1];
    lab.machine.probe().staleExecutions.hear(s -> told[0]++);
    lab.run();
    assertEquals(lab.machine.counters(1).staleExecutions(), told[0]);
    assertTrue(told[0] > calls, "the old code ran to the end: " + told[0]);
  }

  @Test
  void storeThatIsNotCleanedMakesExecutionStale() {
    Lab lab = start(ARM, writer(NOTHING), reader(NOTHING)).put(new Code(SITE).set0(OLD).ret());
    lab.run();
    assertTrue(lab.machine.counters(1).staleExecutions() > 0);
  }

  @Test
  void currentCodeIsNeverStale() {
    Lab lab = start(X86, writer(NOTHING), reader(SYNC)).put(new Code(SITE).set0(NEW).ret());
    lab.run();
    assertEquals(0, lab.machine.counters(1).staleExecutions());
  }

  @Test
  void tornExecutionIsStale() {
    boolean found = false;
    for (int seed = 0; seed < SEEDS && !found; seed++) {
      Code writer = Lab.text();
      delay(writer, 300);
      store(writer, alias(STRADDLER) + 2, 2 * ONES, 3);
      Code reader = new Code(READER).li(7, 400);
      long loop = reader.here();
      reader.call(STRADDLER).opi(Uop.SUBFI, 7, 7, 1, 3).jcc(Cond.NE, loop).stop();
      Lab lab = start(X86.seed(seed), writer.helper(MicroCore.WAIT), reader).put(new Code(STRADDLER).li(0, ONES).ret());
      List<StaleExecution> stale = new ArrayList<>();
      lab.machine.probe().staleExecutions.hear(stale::add);
      lab.run();
      for (StaleExecution s : stale) {
        found |= s.executed()[2] == 0x22 && s.executed()[9] == 0x11 && s.memory()[9] == 0x22;
      }
    }
    assertTrue(found);
  }

  @Test
  void awaitedFlagOrdersData() {
    Code writer = Lab.text();
    store(writer, LOG, 5, 3);
    store(writer, FLAG, 1, 3);
    Code reader = new Code(READER);
    awaitFlag(reader);
    Lab lab = start(X86, writer.helper(MicroCore.WAIT), reader.li(4, LOG).load(0, 4, 0, 3, 0).stop());
    lab.run();
    assertEquals(5, lab.core(1).r[0]);
  }
}
