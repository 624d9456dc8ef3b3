@NullMarked
package dev.crosspatch.sim.sweep;

import org.jspecify.annotations.NullMarked;
