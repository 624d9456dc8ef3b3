@NullMarked
package dev.crosspatch.sim.truth;

import org.jspecify.annotations.NullMarked;
