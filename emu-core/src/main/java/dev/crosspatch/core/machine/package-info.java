/// The SMP machine: cores, memory, scheduler; what an ISA is to it, and what a board.
@NullMarked
package dev.crosspatch.core.machine;

import org.jspecify.annotations.NullMarked;
