/// Races on text: what a CPU may still fetch of text that was stored to, although nothing orders its fetch behind the
/// stores.
@NullMarked
package dev.crosspatch.sim.race;

import org.jspecify.annotations.NullMarked;
