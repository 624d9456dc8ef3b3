package dev.crosspatch.tracer.flow;

import dev.crosspatch.core.code.FlowClass;

/// What the decoder does at an instruction, from the instruction's class and the protocol's way to report it.
final class FlowRules {
  /// Runs on.
  static final int STEP = 0;
  /// Follows the text.
  static final int JUMP = 1;
  /// Follows the text and pushes the return address.
  static final int CALL = 2;
  /// A bit decides.
  static final int BRANCH = 3;
  /// As STEP, JUMP and CALL, but with a bit, which must be 1.
  static final int BIT_STEP = 4;
  static final int BIT_JUMP = 5;
  static final int BIT_CALL = 6;
  /// The target is in the trace.
  static final int TARGET = 7;
  static final int TARGET_CALL = 8;
  /// A bit says that the return stack has the target, else it is in the trace.
  static final int PREDICTED = 9;
  /// A bit, which must be 1; the target is in the trace or on the return stack.
  static final int BIT_TARGET = 10;
  static final int BIT_TARGET_CALL = 11;
  /// Does not retire.
  static final int TRAP = 12;

  final byte[] action = new byte[FlowClass.values().length];
  final int stackDepth;
  /// Whether an indirect branch costs a bit. If so, an address behind the last bit is where the flow stands, whether a
  /// branch needs it or not.
  final boolean addressesFollowBits;
  final boolean pushesCallToNext;

  /// @throws IllegalArgumentException if the protocol reports instructions that only run on: the walker passes them
  ///     unseen
  FlowRules(TraceConfig config) {
    if (config.report(FlowClass.OTHER) != TraceConfig.Report.NONE) {
      throw new IllegalArgumentException("protocol " + config.protocol() + " reports instructions of class OTHER");
    }
    for (FlowClass flow : FlowClass.values()) {
      action[flow.ordinal()] = (byte) action(flow, config.report(flow));
    }
    addressesFollowBits = action[FlowClass.INDIRECT_JUMP.ordinal()] == BIT_TARGET;
    stackDepth = config.returnStackDepth();
    pushesCallToNext = config.pushesCallToNext();
  }

  private static int action(FlowClass flow, TraceConfig.Report report) {
    return switch (flow) {
      case TRAP -> TRAP;
      case COND_BRANCH -> BRANCH;
      case JUMP -> report == TraceConfig.Report.NONE ? JUMP : BIT_JUMP;
      case CALL -> report == TraceConfig.Report.NONE ? CALL : BIT_CALL;
      case INDIRECT_CALL -> report == TraceConfig.Report.TARGET ? TARGET_CALL : BIT_TARGET_CALL;
      case INDIRECT_JUMP, RETURN, SYSTEM_CALL, TRAP_RETURN, OTHER, SYNC, CONTEXT_WRITE, WAIT -> switch (report) {
        case NONE -> STEP;
        case BIT -> BIT_STEP;
        case TARGET -> TARGET;
        case BIT_IF_PREDICTED -> PREDICTED;
        case BIT_AND_TARGET -> BIT_TARGET;
      };
    };
  }
}
