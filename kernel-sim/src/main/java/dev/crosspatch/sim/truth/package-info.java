/// What really executed: the log every decode is held against.
@NullMarked
package dev.crosspatch.sim.truth;

import org.jspecify.annotations.NullMarked;
