/// Evidence: which windows of patching other CPUs met, and what they ran there.
@NullMarked
package dev.crosspatch.sim.window;

import org.jspecify.annotations.NullMarked;
