/// A tiny instruction set with programs that run at random, to hold trace units, front ends and the flow decoder
/// against the truth.
@NullMarked
package dev.crosspatch.tracer.toy;

import org.jspecify.annotations.NullMarked;
