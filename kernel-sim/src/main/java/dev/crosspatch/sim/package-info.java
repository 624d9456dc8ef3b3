/// The laboratory: guest kernels, scenarios, runs, comparison with the truth, and the command line.
@NullMarked
package dev.crosspatch.sim;

import org.jspecify.annotations.NullMarked;
