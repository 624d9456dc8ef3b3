/// Small kernels that run alike on our machines and on QEMU's: faults, privilege, translation, interrupts, text.
@NullMarked
package dev.crosspatch.tests.system;

import org.jspecify.annotations.NullMarked;
