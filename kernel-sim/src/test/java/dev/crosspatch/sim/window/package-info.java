@org.jspecify.annotations.NullMarked
package dev.crosspatch.sim.window;
