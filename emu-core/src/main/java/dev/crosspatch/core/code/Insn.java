package dev.crosspatch.core.code;

/// What a flow decoder has to know of one instruction. Immutable; decoders cache it.
///
/// @param length bytes, 1..15
/// @param flow   how it steers the flow
/// @param target absolute target of a direct branch, else 0
public record Insn(int length, FlowClass flow, long target) {}
