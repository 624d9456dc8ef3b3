/// Tests of the guest kernels: each boots, patches itself and ends as its configuration says.
@NullMarked
package dev.crosspatch.sim.guest;

import org.jspecify.annotations.NullMarked;
