/// Tests.
@NullMarked
package dev.crosspatch.sim.fault;

import org.jspecify.annotations.NullMarked;
