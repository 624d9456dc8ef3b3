package dev.crosspatch.core.choice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.core.lab.Code;
import dev.crosspatch.core.lab.Lab;
import dev.crosspatch.core.lab.MicroCore;
import dev.crosspatch.core.uop.Cond;
import dev.crosspatch.core.uop.Uop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Every decision a machine makes is asked for by name; a record of them tells the run, and one of them forced makes
/// another.
final class ChoiceTest {
  private static final long SITE = Lab.TEXT + 0x4000;
  private static final int CALLS = 200;

  private record Decision(Choice what, int cpu, int options, int taken) {}

  /// A run: what was decided, and what each CPU executed.
  private record Run(List<Decision> decisions, List<String> rows) {}

  /// CPU 0 rewrites a function ten times; CPU 1 calls it all the while, on adversarial cores.
  private static Run run(long seed, Map<Long, Integer> forced) {
    List<Decision> decisions = new ArrayList<>();
    ForcedChoices choices = new ForcedChoices(new SeededChoices(seed, 2), forced,
        (number, what, cpu, options, taken) -> {
          assertEquals(decisions.size(), number);
          decisions.add(new Decision(what, cpu, options, taken));
        });
    List<String> rows = run(seed, choices);
    assertEquals(decisions.size(), choices.count());
    return new Run(decisions, rows);
  }

  private static List<String> run(long seed, Choices choices) {
    Lab lab = Lab.Setup.X86.cpus(2).adversarial().seed(seed).lab(choices);
    Code writer = Lab.text().li(4, SITE - Lab.TEXT + Lab.ALIAS).li(7, 10);
    long again = writer.here();
    writer.store(7, 4, 1, 0, 0);
    for (int i = 0; i < 30; i++) {
      writer.nop();
    }
    writer.opi(Uop.SUBFI, 7, 7, 1, 3).jcc(Cond.NE, again).helper(MicroCore.WAIT);
    Code reader = new Code(Lab.TEXT + 0x1000).li(7, CALLS);
    long loop = reader.here();
    reader.call(SITE).opi(Uop.SUBFI, 7, 7, 1, 3).jcc(Cond.NE, loop).helper(MicroCore.WAIT);
    lab.put(writer).put(reader).put(new Code(SITE).set0(99).ret());
    lab.core(1).pc = Lab.TEXT + 0x1000;
    List<String> heard = new ArrayList<>();
    lab.machine.probe().staleExecutions.hear(s -> heard.add(s.cpu() + ":" + s.cycle() + ":" + s.executed()[1]));
    lab.run();
    heard.add("cycles " + lab.machine.counters(0).cycles() + " " + lab.machine.counters(1).cycles());
    return heard;
  }

  /// A core's draws are its own: what others draw, and what is not drawn at all, does not move them.
  @Test
  void everyCoreDrawsForItself() {
    SeededChoices alone = new SeededChoices(7, 2);
    SeededChoices both = new SeededChoices(7, 2);
    List<Integer> first = new ArrayList<>();
    List<Integer> second = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int drawn = alone.choose(Choice.VERSION, 0, 1000);
      second.add(both.choose(Choice.VERSION, 1, 1000));
      assertEquals(0, both.choose(Choice.MAINTENANCE, 0, 2));
      assertEquals(0, both.choose(Choice.TURN, 0, 4));
      assertEquals(drawn, both.choose(Choice.VERSION, 0, 1000));
      first.add(drawn);
    }
    assertNotEquals(first, second);
  }

  @Test
  void aRecordTellsTheRun() {
    Run first = run(3, Map.of());
    assertEquals(first, run(3, Map.of()));
    assertEquals(first.rows, run(3, new SeededChoices(3, 2)), "who records changes nothing");
    assertTrue(first.decisions.stream().anyMatch(d -> d.what == Choice.FETCHED_AHEAD), first.decisions::toString);
    assertTrue(first.decisions.stream().anyMatch(d -> d.what == Choice.TURN), first.decisions::toString);
  }

  @Test
  void aForcedChoiceMakesAnotherRunAndAlwaysTheSame() {
    Run first = run(3, Map.of());
    long number = 0;
    while (first.decisions.get((int) number).what != Choice.FETCHED_AHEAD) {
      number++;
    }
    Decision old = first.decisions.get((int) number);
    int other = old.taken == 2 ? 0 : 2;
    Run second = run(3, Map.of(number, other));
    assertEquals(first.decisions.subList(0, (int) number), second.decisions.subList(0, (int) number));
    assertEquals(new Decision(old.what, old.cpu, old.options, other), second.decisions.get((int) number));
    assertNotEquals(first.rows, second.rows);
    assertEquals(second, run(3, Map.of(number, other)));
  }

  @Test
  void whatIsDrawnBehindAForcedChoiceStaysAsItWas() {
    int[] drawn = new int[1];
    Choices choices = new ForcedChoices(
        (what, cpu, options) -> drawn[0]++, Map.of(1L, 50), (number, what, cpu, options, option) -> { });
    List<Integer> taken = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      taken.add(choices.choose(Choice.VERSION, 0, 100));
    }
    assertEquals(List.of(0, 50, 2, 3), taken);
  }

  @Test
  void anOptionThatThereIsNotIsRefused() {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> run(3, Map.of(0L, 2)));
    assertEquals("decision 0 (turn of CPU 0) has options 0..1, not 2", e.getMessage());
  }
}
