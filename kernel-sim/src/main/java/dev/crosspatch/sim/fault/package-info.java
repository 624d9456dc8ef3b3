/// The catalogue of bugs that kernels had when they patched their text: how each is put into a guest kernel here, and
/// who must find it.
@NullMarked
package dev.crosspatch.sim.fault;

import org.jspecify.annotations.NullMarked;
