/// Decoding a finished directory again, from its files alone, and comparing it with the truth.
@NullMarked
package dev.crosspatch.sim.verify;

import org.jspecify.annotations.NullMarked;
