package dev.crosspatch.tests.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.tracer.text.Loss;
import dev.crosspatch.tracer.text.Poke;
import dev.crosspatch.tracer.text.PokeLog;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A buffer of text events that is too small loses some, and nobody may overlook it.
final class EventLossTest {
  /// The machine runs the same with a full buffer as with one that suffices: the events that are there are those of the
  /// other run, and what is missing is counted.
  @ParameterizedTest
  @ValueSource(strings = {"x86", "arm64"})
  void whatIsMissingIsCounted(String isa) {
    PokeLog whole = FinishedRun.of(isa + "-events-buffered").directory().pokes();
    PokeLog log = FinishedRun.of(isa + "-events-lost").directory().pokes();
    List<String> all = whole.pokes().stream().map(Poke::toString).toList();
    Set<String> kept = log.pokes().stream().map(Poke::toString).collect(Collectors.toSet());
    assertEquals(List.of(), whole.losses());
    assertTrue(all.containsAll(kept), "no event is another");
    assertFalse(log.losses().isEmpty());
    for (Loss loss : log.losses()) {
      long missing = whole.pokes().stream().filter(p -> p.time() >= loss.since() && p.time() <= loss.time())
          .filter(p -> !kept.contains(p.toString())).count();
      assertEquals(missing, loss.count(), loss::toString);
    }
    assertEquals(all.size(), kept.size() + log.losses().stream().mapToLong(Loss::count).sum());
  }

  /// Everything that tells of a run tells of the loss.
  @ParameterizedTest
  @ValueSource(strings = {"x86", "arm64"})
  void everyoneTellsIt(String isa) throws IOException {
    FinishedRun run = FinishedRun.of(isa + "-events-lost");
    long lost = run.directory().pokes().losses().stream().mapToLong(Loss::count).sum();
    String summary = Files.readString(run.directory().path().resolve("summary.json"));
    assertTrue(summary.replace(" ", "").contains("\"lost_events\":" + lost + ","), "summary.json");
    String report = Files.readString(run.directory().path().resolve("report.html"));
    assertTrue(report.contains(lost + " events in all"), "report.html");
    assertTrue(report.contains("text events were lost"), "report.html");
    String failure = run.failure().orElseThrow().toString();
    assertTrue(failure.startsWith("lost-events: CPU 0, cycle "), failure);
    assertTrue(failure.matches(".*\\b[0-9,]+ of the [0-9,]+ rows of the truth.*"), failure);
  }
}
