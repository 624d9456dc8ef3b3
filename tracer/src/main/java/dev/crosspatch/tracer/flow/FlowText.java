package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.tracer.text.TextRegion;
import dev.crosspatch.tracer.text.TextTimeline;
import dev.crosspatch.tracer.text.TextVersion;
import dev.crosspatch.tracer.text.TextVersions;
import org.jspecify.annotations.Nullable;

/// The text under a walk: which instruction stands where it is, as far as time and what ran before tell.
final class FlowText {
  private final TextTimeline text;
  /// How the text is read.
  private Mode mode = Mode.CODE_64;
  /// Where the walk was last.
  @Nullable TextRegion region;
  private @Nullable Insn decided;
  /// The last decision, and where it was made.
  private @Nullable Insn choice;
  private long choiceAt;
  /// Number of the last poke known to be in force for this CPU, -1 if none is.
  int floor = -1;
  private boolean fork;

  FlowText(TextTimeline text) {
    this.text = text;
  }

  void copyFrom(FlowText other) {
    mode = other.mode;
    region = other.region;
    floor = other.floor;
    decided = null;
  }

  Mode mode() {
    return mode;
  }

  /// Reads the text in `next` from here on.
  void enter(Mode next) {
    if (next != mode) {
      mode = next;
      region = null;
      decided = null;
      choice = null;
    }
  }

  /// The region with `address`, as it is read now, or null if there never is text there.
  @Nullable TextRegion region(long address) {
    return text.region(address, mode);
  }

  /// Decides which instruction stands at `pc`, where there was a fork.
  void decide(long pc, Insn insn) {
    decided = insn;
    choice = insn;
    choiceAt = pc;
  }

  /// Whether [#fetch] gave nothing because several versions of the instruction were valid in the window.
  boolean isFork() {
    return fork;
  }

  /// The instruction at `pc`, if there is one and no doubt which.
  ///
  /// @param when bounds the time
  @Nullable Insn fetch(long pc, FlowCursor when) {
    TextRegion here = region;
    Insn insn = here == null ? null : here.at(pc);
    return insn != null ? insn : fetchElsewhere(pc, when);
  }

  private @Nullable Insn fetchElsewhere(long pc, FlowCursor when) {
    fork = false;
    if (decided != null) {
      Insn insn = decided;
      decided = null;
      return insn;
    }
    TextRegion here = region;
    if (here == null || !here.contains(pc)) {
      here = region(pc);
      region = here;
    }
    if (here == null) {
      return null;
    }
    Insn insn = here.at(pc);
    return insn != null ? insn : onlyVersion(here.versions(pc), when);
  }

  /// The instruction, if all versions in the window are alike or no instruction.
  private @Nullable Insn onlyVersion(TextVersions versions, FlowCursor when) {
    Insn only = null;
    for (int i = 0; i < versions.instructions(); i++) {
      TextVersion version = possible(versions.instruction(i), when);
      if (version != null && only != null) {
        fork = true;
        return null;
      }
      only = version == null ? only : version.insn();
    }
    return only;
  }

  /// The oldest of the versions that is valid in the window and can still run after what is known to have run.
  @Nullable TextVersion possible(TextVersions versions, FlowCursor when) {
    return versions.first(when.low, when.high(), floor);
  }

  /// While the instruction at `address` is being told: the version that was taken, the oldest of several that are the
  /// same instruction.
  @Nullable TextVersion taken(long address, FlowCursor when) {
    TextRegion here = region(address);
    TextVersions versions = here == null ? null : here.versions(address);
    for (int i = 0; versions != null && i < versions.instructions(); i++) {
      TextVersion version = possible(versions.instruction(i), when);
      if (version != null && (address != choiceAt || choice == null || choice.equals(version.insn()))) {
        return version;
      }
    }
    return null;
  }
}
