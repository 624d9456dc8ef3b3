package dev.crosspatch.core.code;

import org.jspecify.annotations.Nullable;

/// What a flow decoder has to know of one instruction. Immutable; decoders cache it.
///
/// @param length bytes, 1..15
/// @param flow   how it steers the flow
/// @param target absolute target of a direct branch, else 0
/// @param enters the execution mode at that target if the branch itself changes it (BLX with an immediate: from A32 to
///               T32 or back), else null. Of all others the trace tells.
public record Insn(int length, FlowClass flow, long target, @Nullable Mode enters) {

  /// An instruction that does not change the mode by itself.
  public Insn(int length, FlowClass flow, long target) {
    this(length, flow, target, null);
  }
}
