package dev.crosspatch.core.fp;

/// What IEEE 754 leaves to the implementer, and what implementers have beside it.
///
/// @param negativeDefault   the default NaN has its sign set
/// @param signallingFirst   of several NaNs the first signalling one is chosen; otherwise the first one
/// @param addendFirst       the addend is the first operand of a fused multiply-add that is looked at for NaNs, and an
///                          invalid product counts although it is a quiet NaN; otherwise it is the last, and does not
/// @param tinyAfterRounding whether a result is tiny is told after rounding as if exponents had no end, and one that is
///                          flushed is inexact
/// @param tellsDenormals    an operand that is denormal and not flushed raises [FloatUnit#DENORMAL], unless there is a
///                          NaN or the operation is invalid; otherwise one that is flushed does, but halves never
/// @param saturates         integers that are too large become the nearest, NaNs 0; otherwise they all become the
///                          integer whose highest bit alone is set
/// @param secondOfEqual     the minimum and maximum of zeros, or with a NaN, is the second operand, and any NaN is
///                          invalid; otherwise a zero's sign counts and NaNs are as in arithmetic
public record FloatRules(boolean negativeDefault, boolean signallingFirst, boolean addendFirst,
    boolean tinyAfterRounding, boolean tellsDenormals, boolean saturates, boolean secondOfEqual) {
  /// x86 SSE and AVX: SDM volume 1, 4.8.3.5, 11.5 and 14.5.
  public static final FloatRules X86 = new FloatRules(true, false, false, true, true, false, true);
  /// AArch64 without FEAT_AFP: Arm ARM, shared/functions/float.
  public static final FloatRules ARM = new FloatRules(false, true, true, false, false, true, false);
}
