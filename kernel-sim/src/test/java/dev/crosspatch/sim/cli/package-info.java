@NullMarked
package dev.crosspatch.sim.cli;

import org.jspecify.annotations.NullMarked;
