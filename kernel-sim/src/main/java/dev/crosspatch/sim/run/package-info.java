/// One run of a scenario, from boot to the finished directory.
@NullMarked
package dev.crosspatch.sim.run;

import org.jspecify.annotations.NullMarked;
