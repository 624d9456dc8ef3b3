/// Tests of mechanisms as folders.
@NullMarked
package dev.crosspatch.sim.mechanism;

import org.jspecify.annotations.NullMarked;
