package dev.crosspatch.sim.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.scenario.Expectation;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.sweep.Row;
import dev.crosspatch.sim.sweep.Row.Cycles;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// A bug is found by whom the catalogue names, or it is not found.
final class FaultTableTest {
  private static final Catalogue CATALOGUE = Catalogue.parse("two.yaml", """
      faults:
        - number: 1
          class: Torn
          seen: here
          twins:
            - {scenario: twin, injected: A store too few, symptom: half of it, finder: [torn, race], right: whole}
        - number: 2
          class: Slow
          seen: there
          why-not: Nobody looks.
      """);

  private static Row row(String name, Verdict verdict, boolean expected, FailureKind... kinds) {
    Cycles none = new Cycles(0, 0, 0, 0);
    return new Row(name, List.of(), List.of(), 1, Expectation.of(verdict), 1, "", "", expected, "",
        new Row.Found(verdict, 1, 0, 0, none, none, Optional.empty(), Set.of(kinds), List.of()));
  }

  private static FaultTable table(Row... rows) {
    FaultTable table = new FaultTable(CATALOGUE, CATALOGUE);
    List.of(rows).forEach(table::add);
    return table;
  }

  private static String cells(FaultTable table) {
    return table.lines().get(3).strip().replaceAll(" {2,}", "|");
  }

  @Test
  void foundByWhomItSays() {
    FaultTable table = table(row("twin", Verdict.FAIL, true, FailureKind.PANIC, FailureKind.RACE),
        row("whole", Verdict.PASS, true));
    assertTrue(table.isComplete());
    assertEquals("twin|torn, race|race|whole|PASS|ok|panic", cells(table));
    assertEquals(List.of(" 1  Torn (here)", "    A store too few: half of it"), table.lines().subList(1, 3));
    assertEquals(List.of(" 2  Slow (there)", "    Not here: Nobody looks.", "1 of 1 classes found, 1 not here"),
        table.lines().subList(4, 7));
  }

  @Test
  void notFoundByAnother() {
    FaultTable table = table(row("twin", Verdict.FAIL, true, FailureKind.PANIC), row("whole", Verdict.PASS, true));
    assertFalse(table.isComplete());
    assertEquals("twin|torn, race|-|whole|PASS|NOT|panic", cells(table));
    assertEquals("0 of 1 classes found, 1 not here", table.lines().getLast());
  }

  @Test
  void notFoundWhereThereIsNone() {
    FaultTable table = table(row("twin", Verdict.FAIL, true, FailureKind.TORN),
        row("whole", Verdict.FAIL, false, FailureKind.TORN));
    assertFalse(table.isComplete());
    assertEquals("twin|torn, race|torn|whole|FAIL|NOT|-", cells(table));
  }

  @Test
  void notFoundIfTheTwinEndsOtherwise() {
    Row whole = row("whole", Verdict.PASS, true);
    assertFalse(table(row("twin", Verdict.FAIL, false, FailureKind.TORN), whole).isComplete());
    assertFalse(table(row("twin", Verdict.PASS, false), whole).isComplete());
    assertFalse(table(whole).isComplete(), "it was not run");
  }

  @Test
  void aPartLooksLikeTheWhole() {
    FaultTable part = new FaultTable(CATALOGUE, CATALOGUE.only(List.of(2L)));
    assertTrue(part.isComplete());
    assertEquals(List.of(table().lines().getFirst(), " 2  Slow (there)", "    Not here: Nobody looks.",
        "0 of 0 classes found, 1 not here"), part.lines());
  }
}
