@NullMarked
package dev.crosspatch.sim.verify;

import org.jspecify.annotations.NullMarked;
