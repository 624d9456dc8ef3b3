package dev.crosspatch.sim.scenario;

import dev.crosspatch.sim.fields.BadField;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.tracer.flow.Problem;
import java.util.Arrays;
import java.util.Collections;
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

  /// Reads the kinds under `key`: a name, of a kind or a group, or a list of some. Empty if the key is absent.
  ///
  /// @throws BadField if that is an empty list, or one is none or stands twice
  public static Set<FailureKind> read(Fields map, String key) {
    Set<FailureKind> kinds = EnumSet.noneOf(FailureKind.class);
    List<String> names = map.texts(key);
    if (map.has(key) && names.isEmpty()) {
      throw map.bad(key, "an empty list, which nothing fits; without the key any kind fits");
    }
    for (int i = 0; i < names.size(); i++) {
      Set<FailureKind> named = named(names.get(i));
      if (named.isEmpty()) {
        throw map.badItem(key, i, "'" + names.get(i) + "' is none of " + String.join(", ", names()));
      }
      if (!Collections.disjoint(kinds, named)) {
        throw map.badItem(key, i, "'" + names.get(i) + "' stands twice, by itself or in a group");
      }
      kinds.addAll(named);
    }
    return kinds;
  }

  /// The kinds that `name` stands for, a kind's or a group's, with `-` or `_`; empty if there is none of that name.
  private static Set<FailureKind> named(String name) {
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
  private static List<String> names() {
    return Stream.concat(Arrays.stream(values()), Arrays.stream(Group.values()))
        .map(k -> k.name().toLowerCase(Locale.ROOT).replace('_', '-')).toList();
  }
}
