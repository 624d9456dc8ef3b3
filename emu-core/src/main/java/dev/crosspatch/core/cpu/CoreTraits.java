package dev.crosspatch.core.cpu;

import dev.crosspatch.core.uop.UopDecoder;

/// What the cores of a machine have in common.
///
/// @param decoder   decodes as these cores do
/// @param alignment of instructions, in bytes
/// @param trap      bytes of the ISA's breakpoint, not to be changed
/// @param preset    name of the timing table
/// @param fetch     how far fetch may lag behind memory
public record CoreTraits(UopDecoder decoder, int alignment, byte[] trap, String preset, FetchPolicy fetch) {}
