@NullMarked
package dev.crosspatch.sim.scenario;

import org.jspecify.annotations.NullMarked;
