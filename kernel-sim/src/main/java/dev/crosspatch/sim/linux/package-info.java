/// Programs: an ELF file on the board `user`, and the system calls of Linux that it makes, answered by the host.
@NullMarked
package dev.crosspatch.sim.linux;

import org.jspecify.annotations.NullMarked;
