package dev.crosspatch.tracer.program;

import dev.crosspatch.tracer.flow.FlowListener;
import dev.crosspatch.tracer.flow.Problem;
import java.util.ArrayList;
import java.util.List;

/// Keeps what a decoder said, in the form of [ProgramRun#truth], with `~ reason` for gaps and `? kind` for problems.
public final class DecodedFlow implements FlowListener {
  private final List<String> lines = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();

  @Override
  public void instruction(long address) {
    lines.add(Long.toHexString(address));
  }

  @Override
  public void diverted(long from, long to) {
    lines.add("! " + Long.toHexString(from) + " " + Long.toHexString(to));
  }

  @Override
  public void gap(long address, Gap reason, long time) {
    lines.add("~ " + reason);
  }

  @Override
  public void problem(Problem problem) {
    lines.add("? " + problem.kind());
    problems.add(problem);
  }

  public List<String> lines() {
    return lines;
  }

  public List<Problem> problems() {
    return problems;
  }

  /// What was decoded before the first problem, without the start.
  public List<String> untilProblem() {
    List<String> result = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith("?")) {
        break;
      }
      if (!line.startsWith("~")) {
        result.add(line);
      }
    }
    return result;
  }
}
