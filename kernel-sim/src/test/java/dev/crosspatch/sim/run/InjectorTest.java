package dev.crosspatch.sim.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.sim.guest.Counter;
import dev.crosspatch.sim.guest.GuestKernel;
import dev.crosspatch.sim.guest.SitePath;
import dev.crosspatch.sim.scenario.ScenarioReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Interrupts come in exactly where they are injected, and kernels bear them.
final class InjectorTest {

  private static Run scenario(String isa, int cpus, String more) {
    boolean x86 = isa.equals("x86-64");
    return new Run(ScenarioReader.parse("test", "test.yaml", String.format("""
        isa: %s
        cpus: %d
        protocol: %s
        trace: {protocol: %s}
        %s
        """, isa, cpus, x86 ? "int3-batch" : "brk", x86 ? "pt" : "etm", more)));
  }

  /// Runs it; the kernel ends well, and what it counted is whole.
  private static Run run(Run run) {
    run.execute(r -> {});
    assertTrue(run.end().good(), run.end()::text);
    for (int cpu = 0; cpu < run.machine().cpus(); cpu++) {
      long iterations = run.lab().counter(cpu, Counter.ITERATIONS);
      assertEquals(GuestKernel.expectedChecksum(run.scenario().guest(), iterations),
          run.lab().counter(cpu, Counter.CHECKSUM), "checksum of CPU " + cpu);
      for (SitePath path : SitePath.values()) {
        long counted = path.counter().isEmpty() ? 0 : run.lab().counter(cpu, path.counter().get());
        assertTrue(GuestKernel.isWhole(run.scenario().guest(), path, counted), path + " on CPU " + cpu);
      }
    }
    return run;
  }

  private static Injector injected(Run run) {
    return run.outcome().injector().orElseThrow();
  }

  private static long passes(Run run, SitePath path) {
    return run.lab().total(path.counter().orElseThrow()) / SitePath.PASS;
  }

  @ParameterizedTest
  @CsvSource({"x86-64,nmi", "x86-64,call", "x86-64,tick", "aarch64,nmi", "aarch64,call", "aarch64,tick"})
  void everyInstructionOfAFlipIsHitInTurn(String isa, String interrupt) {
    String flips = "sites: [{count: 2}]\nflips: {total: 22, interval: 1000}\n";
    Run run = run(scenario(isa, 1, flips + "inject: {interrupt: " + interrupt + ", every: 11}"));
    Injector.Victim cpu = injected(run).victims().getFirst();
    assertEquals(22, injected(run).openings());
    assertTrue(cpu.instructions() > 100, () -> "only " + cpu.instructions());
    if (isa.equals("x86-64") && !interrupt.equals("nmi")) {
      assertTrue(cpu.masked() > 0, "the poking address space is no place for them");
      assertEquals(cpu.instructions(), cpu.hit() + cpu.masked());
    } else {
      assertEquals(cpu.instructions(), cpu.hit());
      assertEquals(0, cpu.masked());
      assertEquals(cpu.positions(), cpu.firstMissed());
    }
    Counter counter = switch (interrupt) {
      case "nmi" -> Counter.NMIS;
      case "call" -> Counter.IPIS;
      default -> Counter.TICKS;
    };
    assertEquals(cpu.taken(), run.lab().counter(0, counter));
    assertEquals(cpu.raised(), cpu.taken());
  }

  /// An injected tick goes on in another task, in which ticks come in, too: between any two instructions tasks take
  /// turns, in flips as well, and no other ticks are needed for that.
  @ParameterizedTest
  @ValueSource(strings = {"x86-64", "aarch64"})
  void tasksTakeTurnsAtInjectedTicks(String isa) {
    Run run = run(scenario(isa, 2, "sites: [{count: 2}]\nflips: {total: 22, interval: 1000}\ntasks: 3\n"
        + "inject: {interrupt: tick, on: all, every: 11}"));
    assertEquals(22, injected(run).openings());
    for (Injector.Victim cpu : injected(run).victims()) {
      assertTrue(cpu.taken() > 1000, () -> "only " + cpu.taken());
      assertTrue(cpu.hit() > cpu.instructions() / 2, () -> cpu.hit() + " of " + cpu.instructions());
      assertTrue(cpu.wasHit(run.image().address("work_iteration")));
    }
    assertTrue(injected(run).victims().getFirst().wasHit(run.image().address("mechanism_flip")));
  }

  private static Run optprobe(int every, String more) {
    return new Run(ScenarioReader.parse("test", "test.yaml", String.format("""
        isa: x86-64
        cpus: 2
        staleness: adversarial
        mechanism: optprobe
        protocol: int3-optprobe
        sites: [{length: 5, count: 6}]
        flips: {total: 28, interval: 2000}
        tasks: 3
        inject: {interrupt: tick, on: all, every: %d}
        trace: {protocol: pt}
        %s
        """, every, more)));
  }

  /// Tasks are preempted before each of the instructions that a jump covers, and behind it.
  @Test
  void tasksArePreemptedBeforeEachInstructionThatAJumpCovers() {
    Run run = run(optprobe(31, ""));
    for (int offset : new int[] {0, 1, 3, 5, 7}) {
      assertTrue(injected(run).victims().getLast().wasHit(run.image().address("site_0") + offset), "byte " + offset);
    }
  }

  @Test
  void tasksThatSleepThereMustBeWaitedFor() {
    run(optprobe(1009, ""));
    Run early = optprobe(1009, "leave-out: [rcu-tasks]").execute(r -> {});
    assertFalse(early.end().good(), early.end()::text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x86-64", "aarch64"})
  void fewerOpeningsThanEveryLeaveSomeOut(String isa) {
    Run run = run(scenario(isa, 1,
        "sites: [{}]\nflips: {total: 4, interval: 1000}\ninject: {interrupt: nmi, every: 11}"));
    Injector.Victim cpu = injected(run).victims().getFirst();
    assertTrue(cpu.hit() < cpu.instructions(), () -> cpu.hit() + " of " + cpu.instructions());
    assertEquals(4, cpu.firstMissed());
  }

  /// Also the handler that answers the sync, from its first instruction to its return. On AArch64
  /// NMIs are masked where the handler is entered and left.
  @ParameterizedTest
  @ValueSource(strings = {"x86-64", "aarch64"})
  void othersAreHitWithinTheirHandlers(String isa) {
    boolean x86 = isa.equals("x86-64");
    Run run = run(scenario(isa, 2, "sites: [{count: 2}]\nflips: {total: 6, interval: 1000}\n"
        + "inject: {interrupt: nmi, into: sync, on: others, every: 1}"));
    Injector.Victim cpu = injected(run).victims().getFirst();
    assertEquals(x86 ? 18 : 12, injected(run).openings());
    assertTrue(run.lab().counter(1, Counter.NMIS) > 100);
    assertEquals(0, run.lab().counter(0, Counter.NMIS));
    assertEquals(cpu.instructions(), cpu.hit() + cpu.masked());
    assertTrue(cpu.wasHit(run.image().address("answer_call")), "before its first instruction");
    assertEquals(x86, cpu.masked() == 0);
    assertEquals(x86, cpu.wasHit(run.image().address(x86 ? "answer_call" : "irq_entry")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x86-64", "aarch64"})
  void sitesOnEveryPathAreEmulatedAndCounted(String isa) {
    Run run = run(scenario(isa, 2, """
        staleness: adversarial
        keys: 2
        tick: %d
        sites: [{}, {in: nmi}, {in: tick}, {in: call}, {in: patcher}, {in: trap-outer}, {count: 2, in: nmi}, {in: patcher}]
        flips: {total: 30, interval: 1000}
        inject: {interrupt: nmi, on: all, every: 31}
        """.formatted(isa.equals("x86-64") ? 60_000 : 3000)));
    for (SitePath path : SitePath.values()) {
      if (path != SitePath.WORK && path != SitePath.TRAP) {
        assertTrue(passes(run, path) > 0, path + " was never run");
      }
    }
    assertEquals(run.lab().total(Counter.NMIS), passes(run, SitePath.NMI));
    assertEquals(run.lab().total(Counter.IPIS), passes(run, SitePath.CALL));
    assertTrue(passes(run, SitePath.TRAP_OUTER) < run.lab().total(Counter.TRAPS), "some trap interrupted another");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x86-64", "aarch64"})
  void aBreakpointOnThePathOfItsOwnHandlerEndsTheKernel(String isa) {
    Run run = scenario(isa, 2, "sites: [{in: trap}, {}]\nflips: {total: 4, interval: 1000}").execute(r -> {});
    assertTrue(run.end().text().contains("the handler of breakpoints runs into breakpoints of its own"),
        run.end()::text);
  }

  /// The IRET of a breakpoint within an NMI unblocks NMIs (SDM vol. 3 6.7.1): another one comes in within the first.
  /// Without a breakpoint none does.
  @ParameterizedTest
  @CsvSource({"[{}],false", "'[{in: nmi}, {}]',true"})
  void nmisNestBehindABreakpoint(String sites, boolean nested) {
    Run run = scenario("x86-64", 2, "sites: " + sites + "\nflips: {total: 12, interval: 1000}\n"
        + "inject: {interrupt: nmi, on: others, every: 201}");
    Injector usual = injected(run);
    Symbol handler = run.image().find("nmi_entry").orElseThrow();
    long iret = handler.address() + handler.size() - 2;
    long[] last = new long[1];
    int[] inHandler = new int[2];
    run.machine().core(1).follow(core -> {
      usual.before(core);
      if (core.pc == iret && inHandler[0]++ % 4 == 0) {
        core.raise(2);
      }
      inHandler[1] += core.pc == handler.address() && last[0] == iret ? 1 : 0;
      last[0] = core.pc;
    });
    run(run);
    assertTrue(inHandler[0] > 20, "there were NMIs");
    assertEquals(nested, inHandler[1] > 0, () -> inHandler[1] + " NMIs came in within another");
  }
}
