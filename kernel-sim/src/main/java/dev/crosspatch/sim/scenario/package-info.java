/// Scenario files: what to boot, patch, trace and expect.
@NullMarked
package dev.crosspatch.sim.scenario;

import org.jspecify.annotations.NullMarked;
