/// Patching mechanisms: folders of guest code with a manifest, shipped ones and the user's own.
@NullMarked
package dev.crosspatch.sim.mechanism;

import org.jspecify.annotations.NullMarked;
