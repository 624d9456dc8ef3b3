/// Programs in user mode, beside the host and QEMU.
@NullMarked
package dev.crosspatch.tests.exec;

import org.jspecify.annotations.NullMarked;
