package dev.crosspatch.tracer.flow;

/// Where a walk is and what it walks to: an address that the next element tells, the branch that uses a bit, or the
/// last instruction that the trace proves.
abstract class FlowAim extends FlowCursor {
  /// Most bytes of text walked for one outcome, target or address of the trace. Real code has outcomes or targets every
  /// few bytes; without a bound, a few bytes of a bad trace would be told as millions of instructions.
  static final long MOST_AHEAD = 1 << 18;

  static final long NO_GOAL = Elements.UNKNOWN;

  private final boolean addressesFollowBits;
  long pc;
  long goal = NO_GOAL;
  /// What is to be the goal once the writes of the address space before it are passed.
  long laterGoal = NO_GOAL;
  /// Bytes of text that may still be walked to the next element.
  private long ahead = MOST_AHEAD;
  /// Where the present straight code began, from which they count, and where to look up: at the goal, or when they are
  /// used up.
  private long straight;
  long stop;

  FlowAim(FlowRules rules) {
    addressesFollowBits = rules.addressesFollowBits;
  }

  final void copyAim(FlowAim other) {
    copyCursor(other);
    pc = other.pc;
    goal = other.goal;
    laterGoal = other.laterGoal;
    ahead = other.ahead;
    straight = other.straight;
    stop = other.stop;
  }

  /// Looks at the next element: loads bits, or sets the address to walk to.
  ///
  /// @return false if there is none, or one that is not for the walker
  final boolean await() {
    goal = NO_GOAL;
    laterGoal = NO_GOAL;
    leaving = false;
    ahead = MOST_AHEAD;
    skipContext();
    boolean awaited = switch (kind()) {
      case Elements.BITS -> aimAtBits();
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

  private boolean aimAtBits() {
    load();
    ahead = MOST_AHEAD * bitCount;
    return true;
  }

  final boolean aim(long address) {
    goal = address;
    return address != NO_GOAL;
  }

  /// In a loop the flow comes by its goal more than once, and each change of the address space that was told is a turn.
  private boolean aimBehindContext(long address) {
    if (contexts == 0 || addressesFollowBits) {
      return aim(address);
    }
    laterGoal = address;
    return address != NO_GOAL;
  }

  /// Where a branch without a choice costs no bit, a branch that ends tracing leaves no other mark than the end. Where
  /// every branch costs one, the last bit was the last branch, and nothing is known of what ran behind it.
  private boolean aimAtBranch() {
    leaving = !addressesFollowBits;
    return leaving;
  }

  /// Behind the last branch told, a change of the address space that was told as well proves that the flow came so far.
  /// (Where addresses follow bits, the trace tells of the address space at an exception's entry or return, too.)
  private boolean aimAtContextWrite() {
    leaving = contexts > 0 && !addressesFollowBits;
    return leaving;
  }

  /// Straight code begins at `pc`, after a jump or where the walk goes on.
  final void straight() {
    straight = pc;
    stop = Long.compareUnsigned(goal - pc, ahead) < 0 ? goal : pc + ahead;
  }

  /// The walk has come to where it was to look up.
  ///
  /// @return whether it goes on, as that was a goal within an instruction; else it is at the goal or too far ahead
  final boolean passStop() {
    if (pc == goal) {
      return false;
    }
    stop = straight + ahead;
    return pc < stop;
  }

  /// Jumps from an instruction that ends at `end`.
  final void jumpTo(long target, long end) {
    ahead -= end - straight;
    pc = target;
    straight();
  }
}
