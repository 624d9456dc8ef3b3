/// The guest kernels: what to build, how it is built, and the device through which a kernel talks to the laboratory.
@NullMarked
package dev.crosspatch.sim.guest;

import org.jspecify.annotations.NullMarked;
