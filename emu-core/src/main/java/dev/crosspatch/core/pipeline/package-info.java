/// A model of an out-of-order pipeline in queue clocks: when instructions retire that wait for the front end, for
/// ports, for registers and for memory, and overlap else.
@NullMarked
package dev.crosspatch.core.pipeline;

import org.jspecify.annotations.NullMarked;
