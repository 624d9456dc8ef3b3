package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.isa.x86.X86Isa;
import dev.crosspatch.tracer.export.PerfBundle;
import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.flow.Problem;
import dev.crosspatch.tracer.text.TextTimeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Our decoder on the stories on which libipt and perf are tried: right where the trace tells, and saying so where it
/// does not.
class PtStoriesTest {

  @ParameterizedTest
  @MethodSource("dev.crosspatch.tests.oracle.PtStories#all")
  void decodesTheStory(PtStories.Row row) {
    PerfBundle.Input input = row.input();
    TextTimeline text = new TextTimeline(new X86Isa(), input.image(), input.pokes());
    assertEquals(List.of(), text.conflicts());
    for (int cpu = 0; cpu < row.stories().size(); cpu++) {
      Flows.Recorder recorder = new Flows.Recorder();
      new FlowDecoder(input.config(), text, recorder)
          .decode(input.config().reader(input.traces().get(cpu).open(), Set.of(Mode.CODE_64)));
      check(row, row.stories().get(cpu), recorder);
    }
  }

  /// The rows in which libipt and perf are wrong without an error, and by how many instructions.
  @Test
  void namesTheBlindSpotsOfTheOthers() {
    Map<String, Integer> wrong = new TreeMap<>();
    PtStories.all().filter(row -> row.libipt().isEmpty()).forEach(row -> {
      PtStory story = row.stories().getFirst();
      if (!story.truth().equals(story.told())) {
        wrong.put(row.name(), wrong(story));
      }
    });
    assertEquals(
        Map.of(
            "no poke record: a silent misdecode", 9,
            "poke, TSC, and at once a TNT over the new text", 3,
            "no timing packet around the poke", 12,
            "CYC before every TNT, no sync", 3,
            "kprobe whose INT3 leaves a TIP but no FUP: listed as if it retired", 1),
        wrong);
  }

  /// Instructions that ran and are not told, or else those told that did not run.
  private static int wrong(PtStory story) {
    List<String> missing = new ArrayList<>(story.truth());
    story.told().forEach(missing::remove);
    List<String> extra = new ArrayList<>(story.told());
    story.truth().forEach(extra::remove);
    return Math.max(missing.size(), extra.size());
  }

  private static void check(PtStories.Row row, PtStory story, Flows.Recorder ours) {
    assertEquals(row.problems(), ours.problems().size(), ours.problems().toString());
    switch (row.ours()) {
      case EXACT -> assertEquals(story.truth(), ours.instructions());
      case BLIND -> assertEquals(story.told(), ours.instructions());
      case AMBIGUOUS -> {
        assertEquals(story.oldest(), ours.instructions());
        for (Problem problem : ours.problems()) {
          assertEquals(Problem.Kind.AMBIGUOUS, problem.kind());
          assertEquals(PtText.SITE, problem.address());
        }
      }
    }
  }
}
