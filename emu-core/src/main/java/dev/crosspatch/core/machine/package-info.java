/// The SMP machine: cores, memory, devices, scheduler.
@NullMarked
package dev.crosspatch.core.machine;

import org.jspecify.annotations.NullMarked;
