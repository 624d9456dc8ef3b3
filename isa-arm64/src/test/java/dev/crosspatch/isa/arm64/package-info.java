/// Tests of the AArch64 plug-in.
@NullMarked
package dev.crosspatch.isa.arm64;

import org.jspecify.annotations.NullMarked;
