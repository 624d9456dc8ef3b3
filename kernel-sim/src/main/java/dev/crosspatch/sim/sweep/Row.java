package dev.crosspatch.sim.sweep;

import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.sim.scenario.Expectation;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.scenario.Window;
import dev.crosspatch.sim.verify.Failure;
import dev.crosspatch.sim.verify.Summary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// What came of a run, in short. It holds nothing of the run itself, which has a whole machine.
///
/// @param scenario   its name
/// @param settings   what was set in it
/// @param swept      those of them that other runs of the sweep have otherwise
/// @param seed       its seed
/// @param expect     how it was expected to end
/// @param seconds    host time of all of it
/// @param repeat     the command that repeats it
/// @param output     where its output was left; empty if it was not
/// @param asExpected whether it ended as was expected
/// @param error      why it could not be run or judged; empty if it was
/// @param found      what it came to; null if there is an error
public record Row(String scenario, List<Setting> settings, List<Setting> swept, long seed, Expectation expect,
    double seconds, String repeat, String output, boolean asExpected, String error, @Nullable Found found) {

  /// What a run came to.
  ///
  /// @param verdict    the verdict
  /// @param pokes      how many there were
  /// @param stale      executions of bytes that memory no longer held
  /// @param violations executions that broke the contract
  /// @param flip       how long flips took
  /// @param stolen     what a flip took from all other CPUs together
  /// @param failure    the first
  /// @param kinds      those of all that went wrong
  /// @param missed     names of windows that nobody met, although somebody should have
  public record Found(Verdict verdict, int pokes, long stale, long violations, Cycles flip, Cycles stolen,
      Optional<Failure> failure, Set<FailureKind> kinds, List<String> missed) {

    static Found of(Summary summary) {
      return new Found(summary.verdict(), summary.verification().pokes(), summary.verification().contract().checked(),
          summary.verification().contract().broken(), Cycles.of(summary.run().latency().of(Span.FLIP)),
          Cycles.of(summary.run().latency().stolen().perFlip()), summary.firstFailure(),
          summary.verification().kinds(),
          summary.verification().missed().stream().map(Window::name).toList());
    }
  }

  /// Guest cycles.
  ///
  /// @param count how many values there were; without any the others are 0
  /// @param p50   median
  /// @param p99   99th percentile
  /// @param max   the most
  public record Cycles(long count, long p50, long p99, long max) {
    static Cycles of(Histogram h) {
      return h.getTotalCount() == 0 ? new Cycles(0, 0, 0, 0) : new Cycles(h.getTotalCount(), h.getValueAtPercentile(50),
          h.getValueAtPercentile(99), h.getMaxValue());
    }
  }

  /// The row of a run that came to a verdict.
  ///
  /// @param output where its output was left; empty if it was not
  public static Row of(Case run, Summary summary, double seconds, String output) {
    return new Row(run.scenario().name(), run.settings(), run.swept(), run.seed(), run.scenario().expect(),
        seconds, summary.repeat(), output, summary.asExpected(), "", Found.of(summary));
  }

  /// The row of a run that came to none.
  ///
  /// @param error  why
  /// @param repeat the command that repeats it
  public static Row bad(Case run, String error, double seconds, String repeat) {
    return new Row(run.scenario().name(), run.settings(), run.swept(), run.seed(), run.scenario().expect(),
        seconds, repeat, "", false, error, null);
  }

  /// The verdict in capitals, or `ERROR`.
  public String verdict() {
    return found == null ? "ERROR" : found.verdict().name();
  }

  /// What the runs of a scenario differ in, as it was written.
  String label() {
    return Case.label(swept, seed, UnaryOperator.identity());
  }

  /// The first failure in a few words, or the windows that nobody met, or what kept it from running; empty if all is
  /// well.
  public String why() {
    return found == null ? error
        : found.failure().map(Failure::brief).orElseGet(() -> String.join(", ", found.missed()));
  }

  /// What was set, by key; of a key that was set twice the last.
  Map<String, String> set() {
    return settings.stream().collect(Collectors.toMap(Setting::key, Setting::value, (a, b) -> b,
        LinkedHashMap::new));
  }
}
