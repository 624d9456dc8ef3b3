package dev.crosspatch.core.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.crosspatch.core.choice.Choice;
import dev.crosspatch.core.choice.Choices;
import dev.crosspatch.core.choice.SeededChoices;
import dev.crosspatch.core.lab.Code;
import dev.crosspatch.core.lab.Lab;
import dev.crosspatch.core.lab.MicroBench;
import dev.crosspatch.core.lab.MicroCore;
import dev.crosspatch.core.lab.MicroIsa;
import dev.crosspatch.core.time.ClockRatio;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.uop.Cond;
import dev.crosspatch.core.uop.Uop;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Several cores: order, events, waiting, exclusive access, determinism.
final class SmpTest {
  private static final Lab.Setup TWO = Lab.Setup.X86.cpus(2);
  private static final int DATA_OFFSET = 0x10000;
  /// In turns; apart, with clocks that agree, and with clocks that do not.
  private static final List<RunLimits> APART =
      List.of(RunLimits.NONE, apart(0, 8), apart(0, 50), apart(0, 3000), apart(50, 0), apart(3000, 0));

  private static RunLimits apart(int slack, int ahead) {
    return new RunLimits(Long.MAX_VALUE, Long.MAX_VALUE, slack, ahead);
  }

  /// Adds 1 to a shared counter `turns` times with the exclusive monitor.
  private static Code adder(long at, int turns) {
    Code code = new Code(at).li(7, turns).li(4, Lab.DATA);
    long loop = code.here();
    code.helper(MicroCore.MONITOR, Lab.DATA).load(2, 4, 0, 3, 0).opi(Uop.ADDI, 2, 2, 1, 3);
    code.helper(MicroCore.STORE_EXCLUSIVE, Lab.DATA).opi(Uop.SUBFI, Uop.SINK, 3, 0, 3).jcc(Cond.NE, loop);
    code.opi(Uop.SUBFI, 7, 7, 1, 3).jcc(Cond.NE, loop);
    return code.helper(MicroCore.WAIT);
  }

  @Test
  void exclusiveAdditionsAreNotLost() {
    for (RunLimits limits : APART) {
      Lab lab = Lab.Setup.X86.cpus(4).lab().put(adder(Lab.TEXT, 500));
      RunResult result = lab.machine.run(limits);
      assertEquals(RunResult.End.DEADLOCK, result.end());
      assertEquals("all CPUs wait for an event that cannot come", result.reason());
      assertEquals(2000, lab.ram(DATA_OFFSET));
    }
  }

  @Test
  void plainAdditionsAreLost() {
    Code code = Lab.text().li(7, 500).li(4, Lab.DATA);
    long loop = code.here();
    code.load(2, 4, 0, 3, 0).opi(Uop.ADDI, 2, 2, 1, 3).store(2, 4, 0, 3, 0).opi(Uop.SUBFI, 7, 7, 1, 3)
        .jcc(Cond.NE, loop);
    Lab lab = TWO.lab().put(code.helper(MicroCore.WAIT));
    lab.run();
    assertTrue(lab.ram(DATA_OFFSET) < 1000);
  }

  @Test
  void storesHappenInOrderOfTime() {
    Lab lab = Lab.Setup.X86.cpus(3).lab();
    for (int cpu = 0; cpu < 3; cpu++) {
      long at = Lab.TEXT + 0x1000L * cpu;
      Code code = new Code(at).li(7, 200).li(4, Lab.DATA + 0x100L * cpu);
      long loop = code.here();
      code.store(7, 4, 0, 3, 0);
      for (int k = 0; k < 3 * cpu; k++) {
        code.nop();
      }
      lab.put(code.opi(Uop.SUBFI, 7, 7, 1, 3).jcc(Cond.NE, loop).helper(MicroCore.WAIT));
      lab.core(cpu).pc = at;
    }
    List<long[]> stores = new ArrayList<>();
    lab.machine.watchText(MicroIsa.RAM + DATA_OFFSET, 0x1000);
    lab.machine.probe().textStores.hear(e -> stores.add(new long[] {e.cpu(), e.cycle(), e.value()}));
    lab.run();
    assertEquals(600, stores.size());
    boolean interleaved = false;
    for (int i = 1; i < stores.size(); i++) {
      long[] last = stores.get(i - 1);
      long[] now = stores.get(i);
      boolean warm = last[2] < 190 && now[2] < 190;
      assertTrue(!warm || now[1] >= last[1], "store " + i);
      interleaved |= now[0] != last[0];
    }
    assertTrue(interleaved);
  }

  @Test
  void tiesGoToTheLowerNumber() {
    assertEquals(List.of(0, 1), orderOfStores(new SeededChoices(1, 2)));
  }

  @Test
  void tiesGoWhereTheChoicesSay() {
    assertEquals(List.of(1, 0), orderOfStores((what, cpu, options) -> what == Choice.TURN ? options - 1 : 0));
  }

  private static List<Integer> orderOfStores(Choices choices) {
    Lab lab = TWO.lab(choices)
        .put(Lab.text().li(4, Lab.DATA).li(5, 1).helper(MicroCore.WAIT).store(5, 4, 0, 3, 0).helper(MicroCore.STOP));
    lab.machine.post(1, ClockUnit.units(5000), 1, 0);
    lab.machine.post(0, ClockUnit.units(5000), 1, 0);
    List<Integer> order = new ArrayList<>();
    lab.machine.watchText(MicroIsa.RAM + DATA_OFFSET, 64);
    lab.machine.probe().textStores.hear(e -> order.add(e.cpu()));
    lab.run();
    return order;
  }

  private static final long HANDLER = Lab.TEXT + 0x2000;

  /// CPU 1 waits; CPU 0 sends it an interrupt; the handler stops.
  private static Lab interruptLab() {
    Code sender = Lab.text().pad(Lab.TEXT + 40).helper(MicroCore.IPI, 1).helper(MicroCore.WAIT);
    Code target = new Code(Lab.TEXT + 0x1000).helper(MicroCore.INTERRUPTS_ON).helper(MicroCore.WAIT).stop();
    Lab lab = TWO.lab().put(sender).put(target).put(new Code(HANDLER).helper(MicroCore.TICKS).stop());
    lab.core(1).pc = Lab.TEXT + 0x1000;
    lab.core(1).interruptVector = HANDLER;
    return lab;
  }

  @Test
  void interruptWakesWaitingCore() {
    Lab lab = interruptLab();
    List<String> rows = lab.rows(1);
    RunResult result = lab.run();
    assertEquals("CPU 1 stops with " + lab.core(1).r[2], result.reason());
    assertEquals(List.of("0 1000 1002", "0 1002 1004", "6 1004 1004", "3 1004 2000", "0 2000 2002", "0 2002 2004"),
        rows);
    assertEquals(1, lab.machine.counters(1).interrupts());
    long sent = lab.core(0).cycles() - 10;
    assertEquals(List.of(sent + 1000 + ":1:0"), lab.core(1).delivered);
    assertEquals(sent + 1000 + 100 + 300 + 232 + 10, lab.core(1).cycles() - 10,
        "wake, interrupt, page walk and cold line, one row");
    assertEquals(lab.core(1).r[2], (sent + 1000 + 100 + 300 + 232) / 20);
  }

  @Test
  void interruptWaitsForItsMask() {
    Code sender = Lab.text().helper(MicroCore.IPI, 1).helper(MicroCore.WAIT);
    Code target = new Code(Lab.TEXT + 0x1000).li(7, 3000);
    long loop = target.here();
    target.opi(Uop.SUBFI, 7, 7, 1, 3).jcc(Cond.NE, loop).helper(MicroCore.INTERRUPTS_ON);
    long after = target.here();
    Lab lab = TWO.lab().put(sender).put(target.set0(1).stop()).put(new Code(HANDLER).stop());
    lab.core(1).pc = Lab.TEXT + 0x1000;
    lab.core(1).interruptVector = HANDLER;
    lab.run();
    assertEquals(after, lab.core(1).r[20]);
    assertEquals(0, lab.core(1).r[0]);
  }

  @Test
  void eventsComeInOrderOfTimeThenPosting() {
    Lab lab = Lab.Setup.X86.lab();
    lab.machine.post(0, ClockUnit.units(500), 5, 1);
    lab.machine.post(0, ClockUnit.units(100), 6, 2);
    lab.machine.post(0, ClockUnit.units(500), 7, 3);
    lab.machine.post(0, ClockUnit.units(300), 8, 4);
    lab.machine.cancel(0, 8);
    Code code = Lab.text().helper(MicroCore.INTERRUPTS_ON);
    long loop = code.here();
    lab.put(code.helper(MicroCore.WAIT).jump(loop)).put(new Code(HANDLER).helper(MicroCore.RETURN_FROM_TRAP));
    lab.core(0).interruptVector = HANDLER;
    RunResult result = lab.run();
    assertEquals(RunResult.End.DEADLOCK, result.end());
    List<String> kinds = new ArrayList<>();
    for (String event : lab.core(0).delivered) {
      kinds.add(event.substring(event.indexOf(':') + 1));
    }
    assertEquals(List.of("6:2", "5:1", "7:3"), kinds);
  }

  @Test
  void eventInterruptsRunningCoreOnTime() {
    Lab lab = Lab.Setup.X86.lab();
    Code code = Lab.text().helper(MicroCore.INTERRUPTS_ON);
    lab.put(code.jump(code.here())).put(new Code(HANDLER).stop());
    lab.core(0).interruptVector = HANDLER;
    lab.machine.post(0, ClockUnit.units(5000), 1, 0);
    lab.run();
    assertEquals("5000:1:0", lab.core(0).delivered.getFirst());
  }

  @Test
  void runsEndWhereTheyShould() {
    Lab lab = Lab.Setup.X86.lab();
    Code code = Lab.text();
    lab.put(code.jump(code.here()));
    RunResult byCount = lab.machine.run(RunLimits.ofRetired(1000));
    assertEquals(1000, byCount.retired());
    assertEquals("limit of 1000 instructions reached", byCount.reason());
    RunResult byTime = lab.machine.run(RunLimits.ofCycles(byCount.cycles() + 500));
    assertEquals(RunResult.End.CYCLE_LIMIT, byTime.end());
    assertEquals(byCount.cycles() + 500, byTime.cycles());
    assertEquals(1500, byTime.retired());
  }

  @Test
  void ticksDoNotOverflow() {
    ClockRatio clocks = Lab.Setup.X86.lab().machine.timing().table().clocks();
    assertEquals(100_000_000L * 3600 * 24, clocks.ticks(2_000_000_000L * 3600 * 24 + 19));
    assertEquals(100_000_000L * 3600 * 24 + 1, clocks.ticks(2_000_000_000L * 3600 * 24 + 20));
  }

  // ---- rows

  @Test
  void rowsOfTrapsCallsAndContext() {
    Lab lab = Lab.Setup.X86.lab();
    lab.core(0).vector = HANDLER;
    lab.put(Lab.text().helper(MicroCore.SYSTEM_CALL).helper(MicroCore.CONTEXT).breakpoint());
    lab.put(new Code(HANDLER).opi(Uop.SUBFI, Uop.SINK, 22, 3, 3).jcc(Cond.E, HANDLER + 25)
        .helper(MicroCore.RETURN_FROM_TRAP).stop());
    List<String> rows = lab.rows(0);
    lab.run();
    assertEquals(
        List.of("0 0 2000 taken", "4 2 2000", "0 2000 2011", "0 2011 2017", "0 2017 2 taken", "0 2 4",
            "5 4 0", "1 4 2000",
            "0 2000 2011", "0 2011 2019 taken", "0 2019 201b"),
        rows);
    assertEquals(1, lab.machine.counters(0).exceptions());
  }

  // ---- determinism

  /// Patches under way on four adversarial cores; the rows of all.
  private static long hash(long seed, RunLimits limits) {
    return hash(seed, limits, Long.MAX_VALUE);
  }

  /// The same, run in pieces of `piece` cycles.
  private static long hash(long seed, RunLimits limits, long piece) {
    Lab lab = Lab.Setup.X86.adversarial().cpus(4).seed(seed).lab();
    long site = Lab.TEXT + 0x1000;
    Code writer = new Code(Lab.TEXT).li(4, Lab.ALIAS + 0x1001).li(7, 200);
    long loop = writer.here();
    writer.store(7, 4, 0, 0, 0).opi(Uop.SUBFI, 7, 7, 1, 3).jcc(Cond.NE, loop).stop();
    Code reader = new Code(Lab.TEXT + 0x2000);
    lab.put(writer).put(reader.call(site).op(Uop.ADD, 9, 9, 0, 3).jump(reader.start)).put(new Code(site).set0(1).ret());
    Lab.Hash[] hashes = new Lab.Hash[4];
    for (int i = 0; i < 4; i++) {
      hashes[i] = new Lab.Hash();
      lab.machine.attach(i, hashes[i]);
      lab.core(i).pc = i == 0 ? Lab.TEXT : Lab.TEXT + 0x2000;
    }
    long end = 0;
    RunResult result;
    do {
      end = piece == Long.MAX_VALUE ? piece : end + piece;
      result = lab.machine.run(new RunLimits(end, 1_000_000, limits.slack(), limits.ahead()));
    } while (result.end() == RunResult.End.CYCLE_LIMIT);
    long all = 0;
    for (int i = 0; i < 4; i++) {
      all = (all ^ hashes[i].value ^ lab.core(i).r[9] ^ lab.core(i).clock()) * 31;
    }
    return all;
  }

  @Test
  void sameSeedSameRun() {
    for (RunLimits limits : APART) {
      assertEquals(hash(42, limits), hash(42, limits), limits::toString);
    }
    assertNotEquals(hash(42, RunLimits.NONE), hash(43, RunLimits.NONE));
    assertNotEquals(hash(42, RunLimits.NONE), hash(42, apart(50, 0)));
    assertNotEquals(hash(42, apart(0, 50)), hash(42, apart(50, 0)));
  }

  @Test
  void inPiecesTheSameRun() {
    for (RunLimits limits : APART) {
      assertEquals(hash(42, limits), hash(42, limits, 777), limits::toString);
    }
  }

  // ---- allocation

  @Test
  void engineDoesNotAllocate() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Lab lab = Lab.Setup.X86.lab().put(MicroBench.loop());
    Lab.Hash sink = new Lab.Hash();
    lab.machine.attach(0, sink);
    lab.machine.run(RunLimits.ofRetired(200_000));
    long before = threads.getCurrentThreadAllocatedBytes();
    lab.machine.run(RunLimits.ofRetired(2_200_000));
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < 20_000, allocated + " bytes for 2 million instructions");
    assertEquals(2_200_000, sink.rows);
  }
}
