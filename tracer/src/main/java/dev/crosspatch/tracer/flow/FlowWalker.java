package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.code.FlowClass;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.tracer.text.TextRegion;
import dev.crosspatch.tracer.text.TextTimeline;
import dev.crosspatch.tracer.text.TextVersion;
import dev.crosspatch.tracer.text.TextVersions;
import org.jspecify.annotations.Nullable;

/// Walks the text as a chunk of trace elements says, until it cannot go on by itself. The state is small and copied to
/// look ahead: address, place in the elements, bits left, return stack, and what the walk implies about the time.
///
/// The walk between two elements belongs to the time window from the lower bound of the last element consumed to the
/// upper bound of the next.
final class FlowWalker {
  /// Reasons to return from [#walk].
  static final int END = 0;
  /// The element at the cursor is not the walker's business; if it has an address, the walk has reached it.
  static final int EVENT = 1;
  /// As many waypoints consumed as allowed.
  static final int LIMIT = 2;
  /// Several versions of the instruction at `pc` were valid in the window; [#decide] on one.
  static final int FORK = 3;
  /// The trace contradicts the text; [#contradiction] says how.
  static final int CONTRADICTION = 4;
  /// No instruction at `pc`.
  static final int NO_TEXT = 5;

  private static final int RUN = 0;
  private static final int CONSUMED = 1;
  private static final int FAILED = 2;
  private static final int LEFT = 3;

  /// Most bytes of text walked for one outcome, target or address of the trace. Real code has outcomes or targets every
  /// few bytes; without a bound, a few bytes of a bad trace would be told as millions of instructions.
  private static final long MOST_AHEAD = 1 << 18;

  private static final Elements NOTHING = new Elements();
  private static final long NO_GOAL = Elements.UNKNOWN;

  /// Ways to contradict.
  enum Contradiction {
    NONE(""),
    NEEDS_BIT("needs an outcome"),
    NEEDS_TARGET("needs a target"),
    ELSEWHERE("is where the flow stands"),
    NOT_TAKEN("cannot be not taken"),
    EMPTY_STACK("is said to be predicted, but the return stack is empty"),
    TRAPS("does not retire"),
    ENDLESS("closes an endless loop"),
    FAR("");

    private final String text;

    Contradiction(String text) {
      this.text = text;
    }
  }

  private final TextTimeline text;
  private final FlowRules rules;
  private final byte[] actions;
  final ReturnStack stack;

  private Elements elements = NOTHING;
  private @Nullable TextRegion region;
  private @Nullable Insn decided;
  /// The last decision, and where it was made.
  private @Nullable Insn choice;
  private long choiceAt;
  long pc;
  /// Index of the next element. One whose bits are not used up counts as consumed.
  int cursor;
  private long bits;
  private int bitCount;
  private int bitsElement;
  /// Earliest time of what comes next.
  long low = Long.MIN_VALUE;
  /// Number of the last poke known to be in force for this CPU, -1 if none is.
  int floor = -1;
  /// Waypoints (bits, targets, diversions) that may still be consumed.
  long waypoints = Long.MAX_VALUE;

  private long goal = NO_GOAL;
  /// What is to be the goal once the writes of the address space before it are passed.
  private long laterGoal = NO_GOAL;
  /// The trace goes no further here, and the walk goes on to the last instruction that it still proves: see [#leave].
  private boolean leaving;
  /// Elements since the last one consumed that told of a change of the address space, less the writes of it passed.
  private int contexts;
  /// Bytes of text that may still be walked to the next element.
  private long ahead = MOST_AHEAD;
  /// Where the present straight code began, from which they count, and where to look up: at the goal, or when they are
  /// used up.
  private long straight;
  private long stop;
  private boolean fork;
  private Contradiction reason = Contradiction.NONE;
  private @Nullable Insn culprit;
  private final LoopFinder loops = new LoopFinder();

  FlowWalker(TextTimeline text, FlowRules rules) {
    this.text = text;
    this.rules = rules;
    this.actions = rules.action;
    this.stack = new ReturnStack(rules.stackDepth);
  }

  /// Goes on with another chunk.
  void enter(Elements chunk) {
    elements = chunk;
    cursor = 0;
    bitCount = 0;
    contexts = 0;
    loops.forget();
  }

  /// Becomes a copy of `other`.
  void copyFrom(FlowWalker other) {
    elements = other.elements;
    region = other.region;
    pc = other.pc;
    cursor = other.cursor;
    bits = other.bits;
    bitCount = other.bitCount;
    bitsElement = other.bitsElement;
    low = other.low;
    floor = other.floor;
    waypoints = other.waypoints;
    goal = other.goal;
    laterGoal = other.laterGoal;
    leaving = other.leaving;
    contexts = other.contexts;
    ahead = other.ahead;
    straight = other.straight;
    stop = other.stop;
    decided = null;
    loops.forget();
    stack.copyFrom(other.stack);
  }

  /// Whether both would go on alike.
  boolean standsLike(FlowWalker other) {
    return pc == other.pc && cursor == other.cursor && bitCount == other.bitCount && stack.holdsSameAs(other.stack);
  }

  /// Takes the flow up at `address`, of which element `cursor` tells; the element is consumed.
  void start(long address) {
    pc = address;
    pass();
    bitCount = 0;
    stack.clear();
  }

  /// Steps over an element that the walk has reached.
  void pass() {
    low = elements.low(cursor++);
    contexts = 0;
  }

  /// After [#FORK]: the instruction that stands at `pc`.
  void decide(Insn insn) {
    decided = insn;
    choice = insn;
    choiceAt = pc;
  }

  /// While the instruction at `address` is being told: the version that was taken, the oldest of several that are the
  /// same instruction.
  @Nullable TextVersion taken(long address) {
    TextRegion here = text.region(address);
    TextVersions versions = here == null ? null : here.versions(address);
    for (int i = 0; versions != null && i < versions.instructions(); i++) {
      TextVersion version = possible(versions.instruction(i));
      if (version != null && (address != choiceAt || choice == null || choice.equals(version.insn()))) {
        return version;
      }
    }
    return null;
  }

  /// The element whose time bounds the present one from above.
  int upcoming() {
    int next = leaving ? cursor - Math.max(contexts, 0) : cursor;
    return bitCount > 0 ? bitsElement : Math.min(next, elements.count() - 1);
  }

  /// Latest time of the present.
  long high() {
    int element = upcoming();
    return element < 0 ? Long.MAX_VALUE : elements.high(element);
  }

  /// Byte offset in the trace of the packet that comes next.
  long offset() {
    int element = upcoming();
    return element < 0 ? 0 : elements.offset(element);
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
          return CONTRADICTION;
        }
        Insn insn = fetch();
        if (insn == null) {
          return fork ? FORK : NO_TEXT;
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
    TextRegion here = region;
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

  /// Straight code begins at `pc`, after a jump or where the walk goes on.
  private void straight() {
    straight = pc;
    stop = Long.compareUnsigned(goal - pc, ahead) < 0 ? goal : pc + ahead;
  }

  /// The walk has come to where it was to look up.
  ///
  /// @return whether it goes on, as that was a goal within an instruction; else it is at the goal or too far ahead
  private boolean passStop() {
    if (pc == goal) {
      return false;
    }
    stop = straight + ahead;
    if (pc >= stop) {
      reason = Contradiction.FAR;
      culprit = null;
      return false;
    }
    return true;
  }

  /// Holds addresses that no branch needs against where the flow stands: those of branch broadcasting and
  /// synchronization.
  ///
  /// @return whether they agree, and more waypoints may be consumed
  private boolean confirm() {
    while (rules.addressesFollowBits) {
      skipContext();
      int kind = cursor == elements.count() ? Elements.LOST : elements.kind(cursor);
      if (kind != Elements.TARGET && kind != Elements.AT) {
        return true;
      }
      if (elements.a(cursor) != pc) {
        culprit = null;
        reason = Contradiction.ELSEWHERE;
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

  /// Looks at the next element: loads bits, or sets the address to walk to.
  ///
  /// @return false if there is none, or one that is not for the walker
  private boolean await() {
    goal = NO_GOAL;
    laterGoal = NO_GOAL;
    leaving = false;
    ahead = MOST_AHEAD;
    skipContext();
    boolean awaited = switch (cursor == elements.count() ? Elements.LOST : elements.kind(cursor)) {
      case Elements.BITS -> load();
      case Elements.TARGET -> true;
      case Elements.PLACE -> aim(elements.a(cursor));
      case Elements.ASYNC, Elements.AT -> aimBehindContext(elements.a(cursor));
      case Elements.STOP -> aimBehindContext(elements.a(cursor)) || aimAtBranch();
      case Elements.ERROR -> elements.b(cursor) == 1 ? aimAtBranch() : aimAtContextWrite();
      case Elements.START -> false; // what was told of the address space belongs to it
      default -> aimAtContextWrite();
    };
    straight();
    return awaited;
  }

  private boolean load() {
    bits = elements.a(cursor);
    bitCount = (int) elements.b(cursor);
    bitsElement = cursor++;
    contexts = 0;
    ahead = MOST_AHEAD * bitCount;
    return true;
  }

  private boolean aim(long address) {
    goal = address;
    return address != NO_GOAL;
  }

  /// In a loop the flow comes by its goal more than once, and each change of the address space that was told is a turn.
  private boolean aimBehindContext(long address) {
    if (contexts == 0 || rules.addressesFollowBits) {
      return aim(address);
    }
    laterGoal = address;
    return address != NO_GOAL;
  }

  /// Where a branch without a choice costs no bit, a branch that ends tracing leaves no other mark than the end. Where
  /// every branch costs one, the last bit was the last branch, and nothing is known of what ran behind it.
  private boolean aimAtBranch() {
    leaving = !rules.addressesFollowBits;
    return leaving;
  }

  /// Behind the last branch told, a change of the address space that was told as well proves that the flow came so far.
  /// (Where addresses follow bits, the trace tells of the address space at an exception's entry or return, too.)
  private boolean aimAtContextWrite() {
    leaving = contexts > 0 && !rules.addressesFollowBits;
    return leaving;
  }

  private void skipContext() {
    while (cursor < elements.count() && elements.kind(cursor) == Elements.CONTEXT) {
      cursor++;
      contexts++;
    }
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
    Insn insn = elements.b(cursor) == 1 ? fetch() : null;
    if (insn != null && actions[insn.flow().ordinal()] == FlowRules.STEP) {
      step(insn, out);
    }
    consumeElement();
  }

  private void consumeElement() {
    pass();
    waypoints--;
  }

  private @Nullable Insn fetch() {
    TextRegion here = region;
    Insn insn = here == null ? null : here.at(pc);
    return insn != null ? insn : fetchElsewhere();
  }

  // ---- text that changes, or another region

  private @Nullable Insn fetchElsewhere() {
    fork = false;
    if (decided != null) {
      Insn insn = decided;
      decided = null;
      return insn;
    }
    TextRegion here = region;
    if (here == null || !here.contains(pc)) {
      here = text.region(pc);
      region = here;
    }
    if (here == null) {
      return null;
    }
    Insn insn = here.at(pc);
    return insn != null ? insn : onlyVersion(here.versions(pc));
  }

  /// The instruction, if all versions in the window are alike or no instruction.
  private @Nullable Insn onlyVersion(TextVersions versions) {
    Insn only = null;
    for (int i = 0; i < versions.instructions(); i++) {
      TextVersion version = possible(versions.instruction(i));
      if (version != null && only != null) {
        fork = true;
        return null;
      }
      only = version == null ? only : version.insn();
    }
    return only;
  }

  /// The oldest of the versions that is valid in the window and can still run after what is known to have run.
  @Nullable TextVersion possible(TextVersions versions) {
    return versions.first(low, high(), floor);
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
    boolean stops = cursor < elements.count() && elements.kind(cursor) == Elements.STOP;
    boolean branches = stops
        || (cursor < elements.count() && elements.kind(cursor) == Elements.ERROR && elements.b(cursor) == 1);
    long to = stops ? elements.b(cursor) : Elements.UNKNOWN;
    return switch (actions[insn.flow().ordinal()]) {
      case FlowRules.STEP -> {
        boolean told = insn.flow() == FlowClass.CONTEXT_WRITE && to == Elements.UNKNOWN;
        yield told && isLastWrite(branches) ? left(insn, out) : step(insn, out);
      }
      case FlowRules.JUMP, FlowRules.CALL -> insn.target() == to ? left(insn, out) : execute(insn, out);
      case FlowRules.BRANCH -> to == Elements.UNKNOWN || to == insn.target() || to == pc + insn.length()
          ? left(insn, out) : execute(insn, out);
      case FlowRules.TRAP -> branches ? LEFT : fail(Contradiction.TRAPS, insn);
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
    ahead -= pc - straight + insn.length();
    pc = insn.target();
    straight();
    return back && loops.closes(pc, cursor, bitCount) ? fail(Contradiction.ENDLESS, insn) : RUN;
  }

  private int call(Insn insn, FlowListener out) {
    long next = pc + insn.length();
    if (next != insn.target() || rules.pushesCallToNext) {
      stack.push(next);
    }
    return jump(insn, out);
  }

  private int branch(Insn insn, FlowListener out) {
    if (bitCount == 0) {
      return fail(Contradiction.NEEDS_BIT, insn);
    }
    out.instruction(pc);
    pc = (bits & 1) != 0 ? insn.target() : pc + insn.length();
    return bit(RUN);
  }

  /// Whether there is a bit for an instruction without a choice.
  private boolean taken(Insn insn) {
    if (bitCount == 0) {
      fail(Contradiction.NEEDS_BIT, insn);
      return false;
    }
    if ((bits & 1) == 0) {
      fail(Contradiction.NOT_TAKEN, insn);
      return false;
    }
    return true;
  }

  /// Uses up a bit.
  private int bit(int state) {
    bits >>>= 1;
    bitCount--;
    straight();
    low = elements.low(bitsElement);
    waypoints--;
    return state == RUN && (bitCount == 0 || waypoints == 0) ? CONSUMED : state;
  }

  /// Goes where the next element says. Bits left over are younger than a target (deferred TIP), so their time is no
  /// bound for it.
  private int target(Insn insn, FlowListener out) {
    skipContext();
    if (cursor == elements.count() || elements.kind(cursor) != Elements.TARGET) {
      return fail(Contradiction.NEEDS_TARGET, insn);
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
    int state = target(insn, out);
    stack.push(next);
    return state;
  }

  private int predicted(Insn insn, FlowListener out) {
    if (!taken(insn)) {
      return FAILED;
    }
    if (stack.isEmpty()) {
      return fail(rules.stackDepth == 0 ? Contradiction.NEEDS_TARGET : Contradiction.EMPTY_STACK, insn);
    }
    out.instruction(pc);
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
    return switch (cursor == elements.count() ? Elements.LOST : elements.kind(cursor)) {
      case Elements.TARGET -> {
        out.instruction(pc);
        bit(RUN);
        yield goToTarget();
      }
      case Elements.AT -> lastBit(elements.a(cursor), out);
      case Elements.LOST, Elements.STOP, Elements.START, Elements.ERROR ->
          stack.isEmpty() ? lastBit(Elements.UNKNOWN, out) : predicted(insn, out);
      default -> predicted(insn, out);
    };
  }

  /// An indirect branch of whose target the trace tells otherwise, or not at all because it ends there.
  private int lastBit(long target, FlowListener out) {
    out.instruction(pc);
    pc = target;
    return bit(RUN);
  }

  private int bitTargetCall(Insn insn, FlowListener out) {
    long next = pc + insn.length();
    int state = bitTarget(insn, out);
    stack.push(next);
    return state;
  }

  /// A trap that was not announced at its address: a bare target is accepted (Intel PT may leave out the source).
  private int trap(Insn insn, FlowListener out) {
    skipContext();
    if (bitCount > 0 || cursor == elements.count() || elements.kind(cursor) != Elements.TARGET) {
      return fail(Contradiction.TRAPS, insn);
    }
    out.diverted(pc, elements.a(cursor));
    return goToTarget();
  }

  // ---- what went wrong

  private int fail(Contradiction why, Insn insn) {
    reason = why;
    culprit = insn;
    return FAILED;
  }

  /// Why the walk ended with [#CONTRADICTION].
  Contradiction reason() {
    return reason;
  }

  /// Why the walk ended, for people.
  String contradiction(int end) {
    String place = Long.toHexString(pc);
    if (end != NO_TEXT && reason == Contradiction.ELSEWHERE) {
      return place + " " + reason.text + ", the trace goes on with " + next();
    }
    if (end != NO_TEXT && reason == Contradiction.FAR) {
      return next() + " is not reached: " + MOST_AHEAD + " bytes of text lead to " + place
          + " without a branch that the trace would have told of";
    }
    if (end == NO_TEXT || culprit == null) {
      return "no text at " + place + ", the trace goes on with " + next();
    }
    FlowClass flow = culprit.flow();
    return flow + " at " + place + " " + reason.text + ", the trace goes on with " + next();
  }

  private String next() {
    int element = bitCount > 0 ? bitsElement : cursor;
    if (element >= elements.count()) {
      return "its end";
    }
    String a = Long.toHexString(elements.a(element));
    String what = switch (elements.kind(element)) {
      case Elements.BITS -> bitCount + " outcomes";
      case Elements.TARGET -> "target " + a;
      case Elements.ASYNC -> "a diversion at " + a;
      case Elements.AT, Elements.PLACE -> "address " + a;
      case Elements.STOP ->
          elements.a(element) == Elements.UNKNOWN ? "the end of tracing" : "the end of tracing at " + a;
      case Elements.START -> "a start at " + a;
      case Elements.LOST -> "lost packets";
      case Elements.CONTEXT -> "context " + a;
      default -> "an error";
    };
    return what + " (byte 0x" + Long.toHexString(elements.offset(element)) + ")";
  }
}
