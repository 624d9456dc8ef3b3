package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.sim.run.Latency;
import dev.crosspatch.sim.run.RunOutcome;
import dev.crosspatch.sim.scenario.Expectation;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.verify.CpuVerification;
import dev.crosspatch.sim.verify.FlowComparison;
import dev.crosspatch.sim.verify.Scene;
import dev.crosspatch.sim.verify.Summary;
import dev.crosspatch.sim.verify.Verification;
import dev.crosspatch.sim.window.Windows;
import dev.crosspatch.tracer.flow.Problem;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/// Prints results for people.
final class Tables {
  private Tables() {}

  /// All that is said of a run.
  ///
  /// @param target where its output is
  static void whole(PrintWriter out, Summary summary, Path target) {
    cpus(out, summary.verification());
    RunOutcome run = summary.run();
    Histogram flips = run.latency().of(Span.FLIP);
    out.printf("pokes %d, flips p50 %s p99 %s cycles, guest: %s, %.2f s on the host%n", summary.verification().pokes(),
        Latency.shown(flips, 50), Latency.shown(flips, 99), run.end().line(), run.hostSeconds());
    findings(out, summary.verification(), summary.scene());
    out.println("seed " + run.scenario().machine().seed() + "; repeat with: " + summary.repeat());
    out.printf("%s; output in %s%n", verdict(summary.verification(), run.scenario().expect()), target);
    out.flush();
  }

  static void cpus(PrintWriter out, Verification verification) {
    out.printf("%4s %12s %12s %10s %10s %6s %8s%n", "cpu", "decoded", "agree", "mismatch", "ambiguous", "gaps", "lost");
    for (CpuVerification cpu : verification.cpus()) {
      FlowComparison c = cpu.comparison();
      out.printf("%4d %12d %12s %10s %10d %6d %8s%n", cpu.cpu(), c.decoded(), c.shown(c.matched()),
          c.shown(c.mismatches()), c.ambiguous(), c.gaps(),
          c.shown(c.lost()));
    }
  }

  /// The answers to the three questions, and the first failure with what stood around it.
  static void findings(PrintWriter out, Verification verification, Optional<Scene> scene) {
    verification.answers().forEach(out::println);
    verification.losses().lines().forEach(out::println);
    verification.copies().lines().forEach(out::println);
    verification.races().lines().forEach(out::println);
    windows(out, verification.windows());
    if (!verification.checked().flow()) {
      out.println(verification.checkedText());
    }
    verification.firstFailure().ifPresent(f -> out.println("first failure: " + f));
    scene.ifPresent(s -> s.lines().forEach(line -> out.println("  " + line)));
  }

  /// What other CPUs ran where text was being patched.
  private static void windows(PrintWriter out, Windows windows) {
    if (windows.tallies().isEmpty()) {
      return;
    }
    out.printf("%-14s %-14s %8s %8s %10s %8s  %s%n", "window", "sites", "patches", "opened", "ran", "stale", "as");
    windows.tallies().forEach((kind, t) -> out.printf("%-14s %-14s %8d %8d %10d %8d  %s%n", kind.window().name(),
        kind.place(), t.patches(), t.opened(), t.executions(), t.stale(), t.outcomes().entrySet().stream()
            .map(e -> e.getKey() + " " + e.getValue()).collect(Collectors.joining(", "))));
  }

  /// The verdict and whether it was expected.
  static String verdict(Verification verification, Expectation expected) {
    return "verdict: " + verification.verdict()
        + (verification.meets(expected) ? " (as expected)" : " (expected " + expected + ")");
  }

  /// The first few problems of each CPU.
  static void problems(PrintWriter out, Verification verification, int most) {
    for (CpuVerification cpu : verification.cpus()) {
      List<Problem> problems = cpu.comparison().problems();
      for (Problem p : problems.subList(0, Math.min(most, problems.size()))) {
        String place = p.address() == 0 ? "" : String.format("at 0x%x, ", p.address());
        out.printf("cpu %d: %s %strace byte 0x%x: %s%n", cpu.cpu(), FailureKind.of(p).label(), place, p.offset(),
            p.detail());
      }
      long all = cpu.comparison().problemCount();
      if (all > most) {
        out.printf("cpu %d: and %d more%n", cpu.cpu(), all - most);
      }
    }
  }
}
