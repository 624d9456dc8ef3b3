package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.code.Insn;
import org.jspecify.annotations.Nullable;

/// Ways in which a trace contradicts the text.
enum FlowContradiction {
  NONE(""),
  NO_TEXT(""),
  NEEDS_BIT("needs an outcome"),
  NEEDS_TARGET("needs a target"),
  ELSEWHERE("is where the flow stands"),
  MODE("is reached in another execution mode"),
  NOT_TAKEN("cannot be not taken"),
  EMPTY_STACK("is said to be predicted, but the return stack is empty"),
  TRAPS("does not retire"),
  ENDLESS("closes an endless loop"),
  FAR("");

  private final String text;

  FlowContradiction(String text) {
    this.text = text;
  }

  /// The contradiction in words.
  ///
  /// @param culprit the instruction at `pc`, if one contradicts
  /// @param next    what the trace goes on with
  String at(long pc, @Nullable Insn culprit, String next) {
    String place = Long.toHexString(pc);
    return switch (this) {
      case ELSEWHERE, MODE -> place + " " + text + ", the trace goes on with " + next;
      case FAR -> next + " is not reached: " + FlowAim.MOST_AHEAD + " bytes of text lead to " + place
          + " without a branch that the trace would have told of";
      default -> culprit == null
          ? "no text at " + place + ", the trace goes on with " + next
          : culprit.flow() + " at " + place + " " + text + ", the trace goes on with " + next;
    };
  }
}
