/// Many runs at once: which there are, what came of each, and the files that tell it.
@NullMarked
package dev.crosspatch.sim.sweep;

import org.jspecify.annotations.NullMarked;
