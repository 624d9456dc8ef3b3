/// An instruction set that only branches, with programs that run at random, to hold trace units, front ends and the
/// flow decoder against the truth.
@NullMarked
package dev.crosspatch.tracer.program;

import org.jspecify.annotations.NullMarked;
