package dev.crosspatch.core.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.event.Event;
import dev.crosspatch.core.lab.Code;
import dev.crosspatch.core.lab.Lab;
import dev.crosspatch.core.lab.MicroCore;
import dev.crosspatch.core.lab.MicroIsa;
import dev.crosspatch.core.state.Snapshot;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.uop.Uop;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What no core does: things that happen at a time, and a device's stores.
final class AgendaTest {
  private static final long SITE = Lab.TEXT + 0x1000;
  private static final long SITE_FRAME = MicroIsa.RAM + 0x1000;
  private static final long DATA_FRAME = MicroIsa.RAM + 0x10000;

  private static long at(long cycle) {
    return ClockUnit.units(cycle);
  }

  /// Cores that count in r0 for ever.
  private static Lab counting(int cpus) {
    Code code = Lab.text();
    code.inc0().jump(code.start);
    return Lab.Setup.X86.cpus(cpus).lab().put(code);
  }

  @Test
  void somethingHappensWhenAllCoresHaveReachedItsTime() {
    Lab lab = counting(3);
    List<String> happened = new ArrayList<>();
    Agenda.Alarm alarm = lab.machine.agenda().alarm((clock, value) -> {
      long late = 0;
      for (int i = 0; i < 3; i++) {
        assertTrue(lab.core(i).clock() >= clock, "core " + i + " is at " + lab.core(i).clock());
        late = Math.max(late, lab.core(i).clock() - clock);
      }
      assertTrue(late < at(10), "a core is ahead by " + late);
      happened.add(ClockUnit.cycles(clock) + ":" + value);
    });
    alarm.at(at(2000), 1);
    alarm.at(at(1000), 2);
    alarm.at(at(2000), 3);
    alarm.at(at(9000), 4);
    lab.machine.run(RunLimits.ofCycles(5000));
    assertEquals(List.of("1000:2", "2000:1", "2000:3"), happened);
    alarm.cancel();
    lab.machine.run(RunLimits.ofCycles(10_000));
    assertEquals(3, happened.size());
  }

  /// A core writes to a device, which asks for a time that comes before the core's turn would end by itself.
  @Test
  void aTimeThatIsAskedForCallsTheRunningCoreBack() {
    Code code = Lab.text().li(4, Lab.DEVICE).store(5, 4, 0, 3, 0);
    Lab lab = Lab.Setup.X86.lab().put(code.inc0().jump(code.here() - 1));
    List<Long> late = new ArrayList<>();
    Agenda.Alarm alarm = lab.machine.agenda().alarm((clock, value) -> late.add(lab.core(0).clock() - clock));
    lab.machine.probe().deviceWrites.hear(e -> alarm.at(at(e.cycle() + 20), 0));
    lab.machine.run(RunLimits.ofCycles(10_000));
    assertEquals(1, late.size());
    assertTrue(late.getFirst() >= 0 && late.getFirst() < at(10), "it came " + late + " late");
  }

  @Test
  void whileAllCoresWaitTheRunGoesOnToIt() {
    Lab lab = Lab.Setup.X86.cpus(2).lab().put(Lab.text().helper(MicroCore.WAIT).li(5, 7).stop());
    Agenda.Alarm alarm = lab.machine.agenda().alarm((clock, value) -> lab.machine.post(1, clock, 1, value));
    alarm.at(at(3000), 0);
    assertEquals(RunResult.End.CYCLE_LIMIT, lab.machine.run(RunLimits.ofCycles(3000)).end());
    assertEquals(List.of(), lab.core(1).delivered);
    RunResult result = lab.run();
    assertEquals(RunResult.End.STOPPED, result.end());
    assertEquals(List.of("3000:1:0"), lab.core(1).delivered);
    assertEquals(0, lab.core(0).r[5]);
    assertEquals(7, lab.core(1).r[5]);
  }

  @Test
  void whereRunsAreCutChangesNothing() {
    Lab whole = counting(2);
    Lab cut = counting(2);
    for (Lab lab : List.of(whole, cut)) {
      Agenda.Alarm again = lab.machine.agenda().alarm((clock, value) -> {
        lab.core((int) value).r[0] += 1000 * lab.core((int) value).r[0];
        lab.machine.post((int) value, clock + at(5), 1, value);
      });
      for (int i = 0; i < 20; i++) {
        again.at(at(100 + 37 * i), i & 1);
      }
    }
    whole.machine.run(RunLimits.ofCycles(2000));
    for (int to = 0; to < 2000; to += 50) {
      cut.machine.run(RunLimits.ofCycles(to + 50));
    }
    for (int i = 0; i < 2; i++) {
      assertEquals(whole.core(i).r[0], cut.core(i).r[0]);
      assertEquals(whole.core(i).delivered, cut.core(i).delivered);
    }
  }

  @Test
  void whatIsToHappenIsInSnapshots() throws IOException {
    List<List<Long>> heard = List.of(new ArrayList<>(), new ArrayList<>());
    List<Lab> labs = List.of(counting(1), counting(1));
    List<Agenda.Alarm> alarms = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      List<Long> here = heard.get(i);
      alarms.add(labs.get(i).machine.agenda().alarm((clock, value) -> here.add(value)));
    }
    alarms.getFirst().at(at(500), 5);
    labs.getFirst().machine.run(RunLimits.ofCycles(300));
    ByteArrayOutputStream saved = new ByteArrayOutputStream();
    Snapshot.save(labs.getFirst().machine, saved);
    Snapshot.load(labs.getLast().machine, new ByteArrayInputStream(saved.toByteArray()));
    labs.getLast().machine.run(RunLimits.ofCycles(600));
    assertEquals(List.of(5L), heard.getLast());
  }

  // ---- a device's stores

  private static byte[] bytes(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  @Test
  void aDevicesStoreTakesTheLineFromTheCachesAndBreaksMonitors() {
    Lab lab = Lab.Setup.X86.lab().put(Lab.text().helper(MicroCore.MONITOR, Lab.DATA).li(4, Lab.DATA)
        .load(5, 4, 0, 3, 0).load(5, 4, 0, 3, 0).helper(MicroCore.STORE_EXCLUSIVE, Lab.DATA).helper(MicroCore.WAIT));
    lab.machine.run(RunLimits.ofRetired(4));
    long misses = lab.core(0).counters().dcacheMisses();
    lab.machine.storeFromDevice(DATA_FRAME + 8, bytes(1), lab.core(0).clock());
    lab.run();
    assertEquals(misses + 1, lab.core(0).counters().dcacheMisses());
    assertEquals(1, lab.core(0).r[3], "the exclusive store failed");

    Lab twin = Lab.Setup.X86.lab().put(Lab.text().helper(MicroCore.MONITOR, Lab.DATA).li(4, Lab.DATA)
        .load(5, 4, 0, 3, 0).load(5, 4, 0, 3, 0).helper(MicroCore.STORE_EXCLUSIVE, Lab.DATA).helper(MicroCore.WAIT));
    twin.machine.run(RunLimits.ofRetired(4));
    twin.machine.storeFromDevice(DATA_FRAME + 64, bytes(1), twin.core(0).clock());
    twin.run();
    assertEquals(0, twin.core(0).r[3], "another line was stored to");
  }

  /// Runs a site twice, a device storing to it between; what it left each time, and behind INVALIDATE.
  private static List<Long> patched(Lab.Setup setup, List<Event> events) {
    Lab lab = setup.lab().put(Lab.text().call(SITE).op(Uop.ADD, 9, 0, Uop.ZERO, 3).call(SITE)
        .op(Uop.ADD, 10, 0, Uop.ZERO, 3).helper(MicroCore.INVALIDATE, SITE).helper(MicroCore.SYNC).call(SITE)
        .op(Uop.ADD, 11, 0, Uop.ZERO, 3).helper(MicroCore.WAIT));
    lab.put(new Code(SITE).set0(1).ret());
    lab.machine.watchText(SITE_FRAME, 64);
    lab.machine.probe().textStores.hear(events::add);
    lab.machine.probe().staleExecutions.hear(events::add);
    lab.machine.run(RunLimits.ofRetired(4));
    lab.machine.storeFromDevice(SITE_FRAME + 1, new byte[] {2}, lab.core(0).clock());
    lab.run();
    return List.of(lab.core(0).r[9], lab.core(0).r[10], lab.core(0).r[11]);
  }

  @Test
  void textThatADeviceWritesIsStaleAsTheIsaSays() {
    List<Event> events = new ArrayList<>();
    assertEquals(List.of(1L, 1L, 2L), patched(Lab.Setup.ARM, events));
    assertTrue(events.get(0) instanceof Event.TextStored s && s.cpu() == Event.NO_CPU && s.length() == 1
        && s.value() == 2 && s.address() == SITE_FRAME + 1, events.toString());
    assertTrue(events.get(1) instanceof Event.StaleExecution s && s.cpu() == 0, events.toString());
    assertEquals(2, events.size());
  }

  @Test
  void coherentFetchSeesItOnceItsPipelineIsEmpty() {
    List<Event> events = new ArrayList<>();
    List<Long> seen = patched(Lab.Setup.X86, events);
    assertEquals(2, seen.getLast());
    Lab lab = Lab.Setup.X86.lab().put(Lab.text().call(SITE).helper(MicroCore.SYNC).call(SITE).helper(MicroCore.WAIT));
    lab.put(new Code(SITE).set0(1).ret());
    lab.machine.run(RunLimits.ofRetired(3));
    lab.machine.storeFromDevice(SITE_FRAME + 1, new byte[] {2}, lab.core(0).clock());
    lab.run();
    assertEquals(2, lab.core(0).r[0]);
    assertNotEquals(0, lab.core(0).counters().icacheMisses());
  }
}
