package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.code.Insn;
import dev.crosspatch.tracer.text.TextRegion;
import dev.crosspatch.tracer.text.TextTimeline;
import dev.crosspatch.tracer.text.TextVersion;
import dev.crosspatch.tracer.text.TextVersions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Tries every version of an instruction that was valid in the window, by walking on silently, and tells which fit the
/// trace.
///
/// A version is out when each way on from it, over all versions of what comes behind, contradicts the trace. The
/// look-ahead is bounded; a version not contradicted within the bounds fits. It deepens in rounds, so that the usual
/// case, a contradiction within a few waypoints, costs little; it ends early when all that are left have come to stand
/// alike, for then nothing behind can tell them apart.
///
/// Forks within forks multiply, but their ways soon come to the same places: a place from which no way fits is tried
/// once. A guest may still report text of which every byte has many versions, at every instruction: each search that
/// comes to its limit halves that of the later ones.
final class FlowLookahead {
  private static final long FIRST_ROUND = 16;
  private static final long LAST_ROUND = 1024;
  private static final int MOST_FORKS = 48;
  private static final long MOST_STEPS = 1 << 20;
  private static final long FEWEST_MOST_STEPS = 1 << 12;
  /// What it costs to try a version, in instructions.
  private static final int STEPS_OF_TRY = 16;

  /// An instruction that may stand where the walk is.
  static final class Candidate {
    private static final int SHOWN = 3;

    final Insn insn;
    /// Number of the first poke that can have made it, -1 if it may be initial text.
    final int since;
    private final List<TextVersion> versions;
    private @Nullable FlowWalker end;

    private Candidate(Insn insn, int since, List<TextVersion> versions) {
      this.insn = insn;
      this.since = since;
      this.versions = versions;
    }

    @Override
    public String toString() {
      String shown = versions.stream().limit(SHOWN).map(Object::toString).collect(Collectors.joining(", "));
      return versions.size() <= SHOWN ? shown : shown + " and " + (versions.size() - SHOWN) + " more";
    }
  }

  /// Counts the instructions of all walks.
  private static final class Steps implements FlowListener {
    private long count;

    @Override
    public void instruction(long address) {
      count++;
    }

    @Override
    public void diverted(long from, long to) {}

    @Override
    public void gap(long address, Gap reason, long time) {}

    @Override
    public void problem(Problem problem) {}
  }

  private final TextTimeline text;
  private final FlowRules rules;
  private final Steps steps = new Steps();
  private final List<FlowWalker> walkers = new ArrayList<>();
  /// Forks from which every way contradicts the trace.
  private final Set<FlowPlace> dead = new HashSet<>();
  private long stepLimit = MOST_STEPS;
  /// Limit of the last search.
  private long searched = MOST_STEPS;
  private boolean explaining;
  private boolean bounded;
  private FlowWalker last;
  private @Nullable String explanation;

  FlowLookahead(TextTimeline text, FlowRules rules) {
    this.text = text;
    this.rules = rules;
    last = walker(0);
  }

  /// The different instructions that may stand where `at` is, oldest first.
  List<Candidate> candidates(FlowWalker at) {
    List<Candidate> result = new ArrayList<>();
    TextRegion region = at.text.region(at.pc);
    TextVersions versions = region == null ? null : region.versions(at.pc);
    for (int i = 0; versions != null && i < versions.instructions(); i++) {
      TextVersions alike = versions.instruction(i);
      TextVersion first = at.text.possible(alike, at);
      if (first != null && first.insn() != null) {
        result.add(new Candidate(first.insn(), first.since(), alike.in(at.low, at.high(), at.text.floor)));
      }
    }
    result.sort(Comparator.comparingInt(candidate -> candidate.since));
    return result;
  }

  /// Those of the candidates that fit the trace behind `at`.
  List<Candidate> fitting(FlowWalker at, List<Candidate> candidates) {
    List<Candidate> alive = new ArrayList<>(candidates);
    steps.count = 0;
    searched = stepLimit;
    dead.clear();
    for (long round = FIRST_ROUND; round <= LAST_ROUND && alive.size() > 1; round *= 4) {
      bounded = false;
      long depth = round;
      alive.removeIf(candidate -> !fits(at, candidate, depth));
      if (!bounded || standAlike(alive)) {
        break;
      }
    }
    if (gaveUp()) {
      stepLimit = Math.max(stepLimit / 2, FEWEST_MOST_STEPS);
    }
    return alive;
  }

  /// Whether the last search came to the limit of its steps, so that what did not contradict the trace until then fits.
  boolean gaveUp() {
    return steps.count > searched;
  }

  /// How a candidate that does not fit contradicts the trace: the first contradiction met.
  String explain(FlowWalker at, Candidate candidate) {
    explanation = null;
    steps.count = 0;
    dead.clear();
    explaining = true;
    fits(at, candidate, LAST_ROUND);
    explaining = false;
    return candidate + ": " + explanation;
  }

  private boolean fits(FlowWalker at, Candidate candidate, long depth) {
    FlowWalker walker = walker(0);
    walker.copyFrom(at);
    walker.waypoints = depth;
    boolean result = fits(0, candidate);
    FlowWalker end = candidate.end == null ? new FlowWalker(text, rules) : candidate.end;
    end.copyFrom(last);
    candidate.end = end;
    return result;
  }

  private static boolean standAlike(List<Candidate> alive) {
    FlowWalker first = alive.isEmpty() ? null : alive.getFirst().end;
    return first != null && alive.stream().allMatch(c -> c.end != null && c.end.standsLike(first));
  }

  private FlowWalker walker(int depth) {
    while (walkers.size() <= depth) {
      walkers.add(new FlowWalker(text, rules));
    }
    return walkers.get(depth);
  }

  private boolean fits(int depth, Candidate candidate) {
    steps.count += STEPS_OF_TRY;
    FlowWalker walker = walker(depth);
    walker.text.floor = Math.max(walker.text.floor, candidate.since);
    walker.text.decide(walker.pc, candidate.insn);
    int end = walker.walk(steps);
    last = walker;
    return switch (end) {
      case FlowWalker.LIMIT -> bounded();
      case FlowWalker.FORK -> (depth + 1 == MOST_FORKS || steps.count > searched) ? bounded() : anyFits(depth);
      case FlowWalker.CONTRADICTION, FlowWalker.NO_TEXT -> contradicted(walker, end);
      default -> true;
    };
  }

  private boolean bounded() {
    bounded = true;
    return true;
  }

  private boolean contradicted(FlowWalker walker, int end) {
    if (explanation == null) {
      explanation = walker.contradiction(end);
    }
    return explaining;
  }

  private boolean anyFits(int depth) {
    FlowWalker walker = walker(depth);
    FlowPlace place = walker.place();
    if (dead.contains(place)) {
      return false;
    }
    for (Candidate candidate : candidates(walker)) {
      walker(depth + 1).copyFrom(walker);
      if (fits(depth + 1, candidate)) {
        return true;
      }
    }
    dead.add(place);
    return false;
  }
}
