package dev.crosspatch.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosspatch.sim.run.RunDirectory;
import dev.crosspatch.sim.verify.FlowComparison;
import dev.crosspatch.sim.verify.FlowFiles;
import dev.crosspatch.tests.scenario.FinishedRun;
import dev.crosspatch.tracer.flow.FlowFilter;
import dev.crosspatch.tracer.flow.FlowListener;
import dev.crosspatch.tracer.flow.Problem;
import dev.crosspatch.tracer.flow.RawTrace;
import dev.crosspatch.tracer.text.TextTimeline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// Flows in tests: short ones recorded, long ones held against the truth.
final class Flows {
  private Flows() {}

  /// Keeps what a decoder says of one CPU.
  static class Recorder implements FlowListener {
    private final List<String> instructions = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private int beforeProblem;

    @Override
    public void instruction(long address) {
      instructions.add(Long.toHexString(address));
    }

    @Override
    public void diverted(long from, long to) {}

    @Override
    public void gap(long address, Gap reason, long time) {}

    @Override
    public void problem(Problem problem) {
      beforeProblem = problems.isEmpty() ? instructions.size() : beforeProblem;
      problems.add(problem);
    }

    /// Addresses in hex.
    List<String> instructions() {
      return instructions;
    }

    List<Problem> problems() {
      return problems;
    }

    /// The decoder reported these errors, and up to the first of them, or else to the end, said what the story expects
    /// of libipt and perf.
    void assertTold(PtStory story, List<String> errors) {
      assertEquals(errors, problems.stream().map(Problem::detail).toList());
      int length = errors.isEmpty() ? story.told().size() : beforeProblem;
      assertTrue(length > 0);
      assertEquals(story.told().subList(0, length),
          instructions.subList(0, errors.isEmpty() ? instructions.size() : length));
    }
  }

  /// A stranger's decode of a CPU is the truth, everywhere but in the gaps that the trace admits; and there it has as
  /// many instructions as ours.
  static void assertTruth(String what, FinishedRun.Cpu ours, FlowComparison theirs) {
    assertTruth(what, ours, theirs, 0);
  }

  /// The same of one that may have up to `fewer` instructions less than ours before each gap.
  static void assertTruth(String what, FinishedRun.Cpu ours, FlowComparison theirs, int fewer) {
    theirs.finish();
    assertEquals("null", String.valueOf(theirs.first()), what);
    assertEquals(List.of(), theirs.problems(), what);
    assertEquals(0, theirs.mismatches(), what);
    assertEquals(0, ours.mismatches(), what);
    assertEquals(ours.gaps(), theirs.gaps(), what + ": gaps");
    assertTrue(theirs.gaps() > 0 || theirs.lost() == 0, what);
    long untold = ours.decoded() - theirs.decoded();
    assertTrue(untold >= 0 && untold <= (long) fewer * ours.gaps(),
        () -> what + ": " + theirs.decoded() + " instructions for " + ours.decoded());
    assertTrue(theirs.decoded() > 1000, what + ": instructions");
  }

  /// For strangers that do not say when the flow goes on behind a gap, as a loop looks the same in every turn: says it
  /// for them, as our decoder knows it.
  static FlowListener timed(FinishedRun finished, FinishedRun.Cpu cpu, FlowListener theirs) {
    if (cpu.gaps() == 0) {
      return theirs;
    }
    RunDirectory run = finished.directory();
    List<Long> times = new ArrayList<>();
    FlowFiles.decode(run, new TextTimeline(run.config().isa(), run.image(), run.pokes()), cpu.cpu(), new Recorder() {
      @Override
      public void instruction(long address) {}

      @Override
      public void gap(long address, Gap reason, long time) {
        if (reason != Gap.BEGIN) {
          times.add(time);
        }
      }
    });
    return new Timed(theirs, times.iterator());
  }

  /// The same for every CPU.
  static List<FlowListener> timed(FinishedRun finished, List<FlowComparison> theirs) {
    return finished.cpus().stream().map(cpu -> timed(finished, cpu, theirs.get(cpu.cpu()))).toList();
  }

  private static final class Timed extends FlowFilter {
    private final Iterator<Long> times;

    Timed(FlowListener out, Iterator<Long> times) {
      super(out);
      this.times = times;
    }

    @Override
    public void gap(long address, Gap reason, long time) {
      super.gap(address, reason, times.hasNext() ? times.next() : time);
    }
  }

  /// A trace as one array.
  static byte[] bytes(RawTrace trace) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      trace.copyTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
