/// Tests of the x86-64 instruction set.
@NullMarked
package dev.crosspatch.isa.x86;

import org.jspecify.annotations.NullMarked;
