package dev.crosspatch.sim.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.ScenarioReader;
import dev.crosspatch.sim.scenario.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The catalogue that ships has every class, and says of each where it is or why it is not.
final class CatalogueTest {
  private static final int CLASSES = 27;

  private static final String ONE = """
      faults:
        - number: 3
          class: What it is
          seen: somewhere
          twins:
            - {scenario: twin, injected: this, symptom: that, finder: [torn, guest], right: whole}
      """;

  private static Scenario read(String name) {
    return ScenarioReader.read(Path.of("../scenarios", name + ".yaml"));
  }

  @Test
  void everyClassIsThere() {
    assertEquals(IntStream.rangeClosed(1, CLASSES).boxed().toList(),
        Catalogue.shipped().faults().stream().map(Fault::number).toList());
    for (Fault fault : Catalogue.shipped().faults()) {
      assertTrue(fault.twins().isEmpty() != fault.whyNot().isEmpty(), fault::toString);
      assertFalse(fault.what().isEmpty() || fault.seen().isEmpty(), fault::toString);
      assertTrue(fault.whyNot().isEmpty() || fault.whyNot().endsWith("."), "a sentence: " + fault.whyNot());
    }
  }

  /// A twin fails, and beside it stands what passes on the same ISA by the same mechanism.
  @Test
  void twinsStandBesideWhatIsRight() {
    for (Fault.Twin twin : Catalogue.shipped().twins().toList()) {
      Scenario wrong = read(twin.scenario());
      Scenario right = read(twin.right());
      assertEquals(Verdict.FAIL, wrong.expect().verdict(), twin::toString);
      assertEquals(Verdict.PASS, right.expect().verdict(), twin::toString);
      assertEquals(right.guest().patching().protocol().isa(), wrong.guest().patching().protocol().isa());
      assertEquals(right.guest().patching().mechanism().name(), wrong.guest().patching().mechanism().name());
    }
  }

  @Test
  void aClassIsRead() {
    Catalogue catalogue = Catalogue.parse("one.yaml", ONE);
    assertEquals(List.of("twin", "whole"), catalogue.scenarios());
    assertEquals(Set.of(FailureKind.TORN, FailureKind.UNOWNED_TRAP, FailureKind.PANIC, FailureKind.BAD_ACCESS,
        FailureKind.EXIT, FailureKind.LIMIT, FailureKind.DEADLOCK),
        catalogue.faults().getFirst().twins().getFirst().finders());
    assertEquals(catalogue, catalogue.only(List.of(3L)));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "number: 3 | number: 0 | one.yaml:2: faults[0].number: 0 is not within 1..1000",
      "- number: 3 | - x: 3 | one.yaml:2: faults[0].number: missing",
      "seen: somewhere | why-not: so | one.yaml:6: faults[0].twins: needs either 'twins', scenarios that have it, or "
          + "'why-not', why none can",
      "[torn, guest] | bad luck | one.yaml:6: faults[0].twins[0].finder: 'bad luck' is none of torn",
      "[torn, guest] | [] | one.yaml:6: faults[0].twins[0].finder: an empty list",
      "finder: [torn, guest], | '' | one.yaml:6: faults[0].twins[0].finder: missing; it is a kind of failure"})
  void mistakesHaveTheirLine(String what, String with, String message) {
    BadInput e = assertThrows(BadInput.class, () -> Catalogue.parse("one.yaml", ONE.replace(what, with)));
    assertTrue(e.line().startsWith(message), e.line());
  }

  @Test
  void classesStandInOrder() {
    String second = ONE.substring(ONE.indexOf("  - ")).replace("number: 3", "number: 2");
    BadInput e = assertThrows(BadInput.class, () -> Catalogue.parse("one.yaml", ONE + second));
    assertEquals("one.yaml:7: faults[1].number: 2 stands behind 3", e.line());
  }
}
