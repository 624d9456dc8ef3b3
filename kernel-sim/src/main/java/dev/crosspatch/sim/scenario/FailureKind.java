package dev.crosspatch.sim.scenario;

import dev.crosspatch.tracer.flow.Problem;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/// Why a run fails: what a failure is called in `summary.json`, on the command line and in the `expect` of a scenario.
public enum FailureKind {
  /// A CPU ran bytes that were never the text of the site: parts of different versions.
  TORN(Group.CONTRACT),
  /// A CPU ran the text before a poke after its time.
  OLD_AFTER_EVENT(Group.CONTRACT),
  /// A CPU ran the text after a poke before its time.
  NEW_BEFORE_EVENT(Group.CONTRACT),
  /// A CPU ran text that was written without any poke in the log.
  UNREPORTED(Group.CONTRACT),
  /// The old bytes of a poke are not what the text held, or text appeared where there was some.
  BAD_POKE(Group.CONTRACT),
  /// Text events were lost, because a buffer had no room for them: what the text held then nobody knows.
  LOST_EVENTS(Group.CONTRACT),
  /// No observer copied the text of a mapping while it was there: what it was nobody knows.
  UNCOPIED(Group.CONTRACT),
  /// A CPU might have run what it must not, though none did.
  RACE(Group.CONTRACT),
  /// More than one version of the text fits the trace.
  AMBIGUOUS(Group.TRACE),
  /// No version of the text fits the trace.
  MISMATCH(Group.TRACE),
  /// The trace leads to where there is no text.
  NO_TEXT(Group.TRACE),
  /// The bytes of the trace are bad.
  BAD_PACKET(Group.TRACE),
  /// The decoded flow is not what ran, and neither the decoder nor the contract says why.
  FLOW(Group.TRACE),
  /// A CPU ran into a breakpoint that nobody owns any more.
  UNOWNED_TRAP(Group.GUEST),
  /// The kernel gave up.
  PANIC(Group.GUEST),
  /// The kernel used the laboratory device in a way that makes no sense.
  BAD_ACCESS(Group.GUEST),
  /// The kernel ended by itself with a code other than 0.
  EXIT(Group.GUEST),
  /// A limit of the scenario ended the run.
  LIMIT(Group.GUEST),
  /// Every CPU waited and nothing could wake one.
  DEADLOCK(Group.GUEST);

  /// The three questions a failure can belong to. A group's name stands for all its kinds in an `expect`.
  public enum Group {
    /// Did a CPU break the contract of the poke log?
    CONTRACT,
    /// Can the trace tell what ran?
    TRACE,
    /// Did the guest come to a good end?
    GUEST
  }

  private final Group group;

  FailureKind(Group group) {
    this.group = group;
  }

  /// Which question it answers.
  public Group group() {
    return group;
  }

  /// As it is spelled everywhere, in scenarios, in files and for people: `old-after-event`.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The kind of failure that a decoder's problem is.
  public static FailureKind of(Problem problem) {
    return valueOf(problem.kind().name());
  }

  /// The kinds that `name` stands for, a kind's or a group's, with `-` or `_`; empty if there is none of that name.
  static Set<FailureKind> named(String name) {
    String constant = name.toUpperCase(Locale.ROOT).replace('-', '_');
    Set<FailureKind> kinds = EnumSet.noneOf(FailureKind.class);
    for (FailureKind kind : values()) {
      if (kind.name().equals(constant) || kind.group.name().equals(constant)) {
        kinds.add(kind);
      }
    }
    return kinds;
  }

  /// All names [#named] knows, as they are written in a scenario.
  static List<String> names() {
    return Stream.concat(Arrays.stream(values()), Arrays.stream(Group.values()))
        .map(k -> k.name().toLowerCase(Locale.ROOT).replace('_', '-')).toList();
  }
}
