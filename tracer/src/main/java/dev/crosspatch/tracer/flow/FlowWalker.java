package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.tracer.text.TextRegion;
import dev.crosspatch.tracer.text.TextTimeline;
import org.jspecify.annotations.Nullable;

/// Walks the text as a chunk of trace elements says, until it cannot go on by itself. The state is small and copied to
/// look ahead: address, place in the elements, bits left, return stack, and what the walk implies about the time.
///
/// The walk between two elements belongs to the time window from the lower bound of the last element consumed to the
/// upper bound of the next.
final class FlowWalker extends FlowAim {
  /// Reasons to return from [#walk].
  static final int END = 0;
  /// The element at the cursor is not the walker's business; if it has an address, the walk has reached it.
  static final int EVENT = 1;
  /// As many waypoints consumed as allowed.
  static final int LIMIT = 2;
  /// Several versions of the instruction at `pc` were valid in the window; [FlowText#decide] on one.
  static final int FORK = 3;
  /// The trace contradicts the text; [#contradiction] says how.
  static final int CONTRADICTION = 4;
  /// No instruction at `pc`.
  static final int NO_TEXT = 5;

  private static final int RUN = 0;
  private static final int CONSUMED = 1;
  private static final int FAILED = 2;
  private static final int LEFT = 3;

  private final FlowRules rules;
  private final byte[] actions;
  final FlowText text;
  final ReturnStack stack;
  private FlowContradiction reason = FlowContradiction.NONE;
  private @Nullable Insn culprit;
  private final LoopFinder loops = new LoopFinder();

  FlowWalker(TextTimeline text, FlowRules rules) {
    super(rules);
    this.text = new FlowText(text);
    this.rules = rules;
    this.actions = rules.action;
    this.stack = new ReturnStack(rules.stackDepth);
  }

  @Override
  void enter(Elements chunk) {
    super.enter(chunk);
    loops.forget();
  }

  @Override
  void enterMode(Mode mode) {
    text.enter(mode);
  }

  /// Becomes a copy of `other`.
  void copyFrom(FlowWalker other) {
    copyAim(other);
    text.copyFrom(other.text);
    loops.forget();
    stack.copyFrom(other.stack);
  }

  /// Whether both would go on alike.
  boolean standsLike(FlowWalker other) {
    return pc == other.pc && cursor == other.cursor && bitCount == other.bitCount
        && text.mode() == other.text.mode() && stack.holdsSameAs(other.stack);
  }

  /// Where the walk is, for a fork.
  FlowPlace place() {
    return new FlowPlace(pc, text.mode(), text.floor, cursor, bitCount, low, contexts, goal, laterGoal,
        stack.copy());
  }

  /// Takes the flow up at `address`, of which element `cursor` tells; the element is consumed.
  void start(long address) {
    pc = address;
    pass();
    bitCount = 0;
    stack.clear();
  }

  /// Walks on, telling `out`.
  ///
  /// @return why it stopped
  int walk(FlowListener out) {
    while (waypoints > 0) {
      if (bitCount == 0 && !confirm()) {
        return waypoints == 0 ? LIMIT : CONTRADICTION;
      }
      if (bitCount == 0 && !await()) {
        return cursor == elements.count() ? END : EVENT;
      }
      int state = RUN;
      while (state == RUN) {
        runOn(out);
        if (pc >= stop && !passStop()) {
          if (pc == goal) {
            break;
          }
          fail(FlowContradiction.FAR, null);
          return CONTRADICTION;
        }
        Insn insn = text.fetch(pc, this);
        if (insn == null) {
          return text.isFork() ? FORK : NO_TEXT;
        }
        state = leaving ? leave(insn, out) : execute(insn, out);
      }
      if (state == FAILED) {
        return CONTRADICTION;
      }
      if (state == LEFT || (state == RUN && !divert(out))) {
        return cursor == elements.count() ? END : EVENT;
      }
    }
    return LIMIT;
  }

  /// Passes instructions that only run on, as far as they are known: most of all, so this is the decoder's hot loop.
  private void runOn(FlowListener out) {
    TextRegion here = text.region;
    if (here == null) {
      return;
    }
    long at = pc;
    long end = stop;
    int length = here.plainLength(at);
    while (length != 0 && at < end) {
      out.instruction(at);
      at += length;
      length = here.plainLength(at);
    }
    pc = at;
  }

  /// Holds addresses that no branch needs against where the flow stands: those of branch broadcasting and
  /// synchronization.
  ///
  /// @return whether they agree, and more waypoints may be consumed
  private boolean confirm() {
    while (rules.addressesFollowBits) {
      skipContext();
      int kind = kind();
      if (kind != Elements.TARGET && kind != Elements.AT) {
        return true;
      }
      if (elements.a(cursor) != pc) {
        fail(FlowContradiction.ELSEWHERE, null);
        return false;
      }
      if (modeBehind(text.mode()) != text.mode()) {
        fail(FlowContradiction.MODE, null);
        return false;
      }
      if (kind == Elements.AT) {
        return true;
      }
      consumeElement();
      if (waypoints == 0) {
        return false;
      }
    }
    return true;
  }

  /// The walk has reached its goal.
  ///
  /// @return whether that was a diversion or a place on the way, which is now behind us
  private boolean divert(FlowListener out) {
    if (elements.kind(cursor) == Elements.PLACE) {
      passPlace(out);
      return true;
    }
    if (elements.kind(cursor) != Elements.ASYNC) {
      return false;
    }
    out.diverted(pc, elements.b(cursor));
    pc = elements.b(cursor);
    consumeElement();
    return true;
  }

  private void passPlace(FlowListener out) {
    Insn insn = elements.b(cursor) == 1 ? text.fetch(pc, this) : null;
    if (insn != null && actions[insn.flow().ordinal()] == FlowRules.STEP) {
      step(insn, out);
    }
    consumeElement();
  }

  // ---- instructions

  private int execute(Insn insn, FlowListener out) {
    return switch (actions[insn.flow().ordinal()]) {
      case FlowRules.STEP -> laterGoal == NO_GOAL ? step(insn, out) : stepToContext(insn, out);
      case FlowRules.JUMP -> jump(insn, out);
      case FlowRules.CALL -> call(insn, out);
      case FlowRules.BRANCH -> branch(insn, out);
      case FlowRules.BIT_STEP -> taken(insn) ? bit(step(insn, out)) : FAILED;
      case FlowRules.BIT_JUMP -> taken(insn) ? bit(jump(insn, out)) : FAILED;
      case FlowRules.BIT_CALL -> taken(insn) ? bit(call(insn, out)) : FAILED;
      case FlowRules.TARGET -> target(insn, out);
      case FlowRules.TARGET_CALL -> targetCall(insn, out);
      case FlowRules.PREDICTED -> bitCount > 0 ? predicted(insn, out) : target(insn, out);
      case FlowRules.BIT_TARGET -> bitTarget(insn, out);
      case FlowRules.BIT_TARGET_CALL -> bitTargetCall(insn, out);
      case FlowRules.TRAP -> trap(insn, out);
      default -> throw new IllegalStateException("no action for " + insn.flow());
    };
  }

  /// An instruction on the way to the last one that the trace proves. If tracing stopped, that is the branch that ended
  /// it, which is the first that the trace would have told of, or a direct branch to where the end says the flow went;
  /// a write of the address space that no element told of ends tracing as well, if the end tells no address. If the
  /// trace breaks off, it is the last write of the address space that was told, or an earlier branch that was not. A
  /// trap does not retire: nothing ran behind it without being told.
  private int leave(Insn insn, FlowListener out) {
    boolean stops = kind() == Elements.STOP;
    boolean branches = stops || (kind() == Elements.ERROR && elements.b(cursor) == 1);
    long to = stops ? elements.b(cursor) : Elements.UNKNOWN;
    return switch (actions[insn.flow().ordinal()]) {
      case FlowRules.STEP -> {
        boolean told = insn.flow() == FlowClass.CONTEXT_WRITE && to == Elements.UNKNOWN;
        yield told && isLastWrite(branches) ? left(insn, out) : step(insn, out);
      }
      case FlowRules.JUMP, FlowRules.CALL -> insn.target() == to ? left(insn, out) : execute(insn, out);
      case FlowRules.BRANCH -> to == Elements.UNKNOWN || to == insn.target() || to == pc + insn.length()
          ? left(insn, out) : execute(insn, out);
      case FlowRules.TRAP -> branches ? LEFT : fail(FlowContradiction.TRAPS, insn);
      default -> left(insn, out);
    };
  }

  /// Counts a write of the address space. A loop around it takes a turn for each that was told.
  private boolean isLastWrite(boolean branches) {
    loops.forget();
    return --contexts < (branches ? 0 : 1);
  }

  private int left(Insn insn, FlowListener out) {
    step(insn, out);
    return LEFT;
  }

  private int step(Insn insn, FlowListener out) {
    out.instruction(pc);
    pc += insn.length();
    return RUN;
  }

  private int stepToContext(Insn insn, FlowListener out) {
    step(insn, out);
    if (insn.flow() != FlowClass.CONTEXT_WRITE) {
      return RUN;
    }
    loops.forget();
    if (--contexts == 0) {
      aim(laterGoal);
      laterGoal = NO_GOAL;
      straight();
    }
    return RUN;
  }

  private int jump(Insn insn, FlowListener out) {
    out.instruction(pc);
    boolean back = insn.target() - pc <= 0;
    jumpTo(insn.target(), pc + insn.length());
    enterTarget(insn);
    return back && loops.closes(pc, cursor, bitCount) ? fail(FlowContradiction.ENDLESS, insn) : RUN;
  }

  /// A direct branch was taken.
  private void enterTarget(Insn insn) {
    if (insn.enters() != null) {
      text.enter(insn.enters());
    }
  }

  private int call(Insn insn, FlowListener out) {
    long next = pc + insn.length();
    if (next != insn.target() || rules.pushesCallToNext) {
      stack.push(next, text.mode());
    }
    return jump(insn, out);
  }

  private int branch(Insn insn, FlowListener out) {
    if (bitCount == 0) {
      return fail(FlowContradiction.NEEDS_BIT, insn);
    }
    out.instruction(pc);
    if ((bits & 1) != 0) {
      pc = insn.target();
      enterTarget(insn);
    } else {
      pc += insn.length();
    }
    return bit(RUN);
  }

  /// Whether there is a bit for an instruction without a choice.
  private boolean taken(Insn insn) {
    if (bitCount == 0) {
      fail(FlowContradiction.NEEDS_BIT, insn);
      return false;
    }
    if ((bits & 1) == 0) {
      fail(FlowContradiction.NOT_TAKEN, insn);
      return false;
    }
    return true;
  }

  private int bit(int state) {
    useBit();
    straight();
    return state == RUN && (bitCount == 0 || waypoints == 0) ? CONSUMED : state;
  }

  /// Goes where the next element says. Bits left over are younger than a target (deferred TIP), so their time is no
  /// bound for it.
  private int target(Insn insn, FlowListener out) {
    skipContext();
    if (kind() != Elements.TARGET) {
      return fail(FlowContradiction.NEEDS_TARGET, insn);
    }
    out.instruction(pc);
    return goToTarget();
  }

  private int goToTarget() {
    pc = elements.a(cursor);
    long before = low;
    consumeElement();
    if (bitCount == 0) {
      return CONSUMED;
    }
    straight();
    low = before;
    return waypoints == 0 ? CONSUMED : RUN;
  }

  private int targetCall(Insn insn, FlowListener out) {
    long next = pc + insn.length();
    Mode mode = text.mode();
    int state = target(insn, out);
    stack.push(next, mode);
    return state;
  }

  private int predicted(Insn insn, FlowListener out) {
    if (!taken(insn)) {
      return FAILED;
    }
    if (stack.isEmpty()) {
      return fail(rules.stackDepth == 0 ? FlowContradiction.NEEDS_TARGET : FlowContradiction.EMPTY_STACK, insn);
    }
    out.instruction(pc);
    text.enter(stack.peekMode());
    pc = stack.pop();
    return bit(RUN);
  }

  private int bitTarget(Insn insn, FlowListener out) {
    if (!taken(insn)) {
      return FAILED;
    }
    if (bitCount > 1) {
      return predicted(insn, out);
    }
    skipContext();
    return switch (kind()) {
      case Elements.TARGET -> {
        out.instruction(pc);
        bit(RUN);
        yield goToTarget();
      }
      case Elements.AT -> lastBitTo(elements.a(cursor), modeBehind(text.mode()), out);
      case Elements.LOST, Elements.STOP, Elements.START, Elements.ERROR ->
          stack.isEmpty() ? lastBit(Elements.UNKNOWN, out) : predicted(insn, out);
      default -> predicted(insn, out);
    };
  }

  /// An indirect branch of whose target the trace tells otherwise, or not at all because it ends there.
  private int lastBitTo(long target, Mode mode, FlowListener out) {
    int state = lastBit(target, out);
    text.enter(mode);
    return state;
  }

  /// The same, if it is told by nothing.
  private int lastBit(long target, FlowListener out) {
    out.instruction(pc);
    pc = target;
    return bit(RUN);
  }

  private int bitTargetCall(Insn insn, FlowListener out) {
    long next = pc + insn.length();
    Mode mode = text.mode();
    int state = bitTarget(insn, out);
    stack.push(next, mode);
    return state;
  }

  /// A trap that was not announced at its address: a bare target is accepted (Intel PT may leave out the source).
  private int trap(Insn insn, FlowListener out) {
    skipContext();
    if (bitCount > 0 || kind() != Elements.TARGET) {
      return fail(FlowContradiction.TRAPS, insn);
    }
    out.diverted(pc, elements.a(cursor));
    return goToTarget();
  }

  // ---- what went wrong

  private int fail(FlowContradiction why, @Nullable Insn insn) {
    reason = why;
    culprit = insn;
    return FAILED;
  }

  /// Why the walk ended with [#CONTRADICTION].
  FlowContradiction reason() {
    return reason;
  }

  /// The next element says that the flow stands here in another mode.
  String otherMode() {
    return FlowContradiction.MODE.at(pc, null, upcomingText());
  }

  /// Why the walk ended, for people.
  String contradiction(int end) {
    return end == NO_TEXT
        ? FlowContradiction.NO_TEXT.at(pc, null, upcomingText()) : reason.at(pc, culprit, upcomingText());
  }
}
