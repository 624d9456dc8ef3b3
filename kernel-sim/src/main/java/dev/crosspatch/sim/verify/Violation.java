package dev.crosspatch.sim.verify;

import dev.crosspatch.core.event.StaleExecution;
import dev.crosspatch.core.isa.FlowClass;
import dev.crosspatch.core.isa.Insn;
import dev.crosspatch.core.isa.Isa;
import dev.crosspatch.sim.run.RunConfig;
import dev.crosspatch.tracer.text.TextTimeline;
import dev.crosspatch.tracer.text.TextVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A stale execution that breaks the contract of the poke log: before a poke's time a CPU runs the old bytes or the trap, after it the new bytes or the
/// trap. A decoder that trusts the log may be right all the same, by luck; the protocol is not.
///
/// @param execution what ran
/// @param kind      how it breaks the contract
public record Violation(StaleExecution execution, Kind kind) {

  /// Ways to break the contract.
  public enum Kind {
    /// The text before a poke ran after its time.
    OLD_AFTER_EVENT,
    /// The text after a poke ran before its time.
    NEW_BEFORE_EVENT,
    /// What ran was never the text of the site: parts of different versions.
    TORN
  }

  /// The violations among `stale`. The trap itself never is one: it does not retire.
  static List<Violation> find(RunConfig config, TextTimeline text, List<StaleExecution> stale) {
    List<Violation> found = new ArrayList<>();
    for (StaleExecution s : stale) {
      if (isTrap(config.isa(), s)) {
        continue;
      }
      List<TextVersion> versions =
          text.candidates(s.address(), Long.MIN_VALUE, Long.MAX_VALUE).stream().filter(v -> ran(v, s.executed())).toList();
      long now = config.ticks(s.cycle());
      if (versions.isEmpty()) {
        found.add(new Violation(s, Kind.TORN));
      } else if (versions.stream().noneMatch(v -> v.from() <= now && now <= v.to())) {
        boolean late = versions.stream().anyMatch(v -> v.to() < now);
        found.add(new Violation(s, late ? Kind.OLD_AFTER_EVENT : Kind.NEW_BEFORE_EVENT));
      }
    }
    return found;
  }

  private static boolean isTrap(Isa isa, StaleExecution s) {
    Insn insn = isa.classify(s.executed(), 0, s.executed().length, s.address());
    return insn != null && insn.flow() == FlowClass.TRAP;
  }

  private static boolean ran(TextVersion version, byte[] executed) {
    // Text that no poke touches has no bytes in its version: it cannot have been stale because of a poke.
    return version.bytes().length == 0 || Arrays.equals(version.bytes(), executed);
  }

  /// One line for people.
  String text() {
    return switch (kind) {
      case OLD_AFTER_EVENT -> "the old instruction ran after the time of its poke";
      case NEW_BEFORE_EVENT -> "the new instruction ran before the time of its poke";
      case TORN -> "what ran was never the text of the site";
    };
  }
}
