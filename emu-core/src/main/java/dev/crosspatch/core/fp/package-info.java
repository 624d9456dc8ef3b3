/// IEEE 754 binary arithmetic to the bit, as x86 (MXCSR) and Arm (FPCR, FPSR) have it: roundings, flush modes, NaNs and
/// exceptions.
@NullMarked
package dev.crosspatch.core.fp;

import org.jspecify.annotations.NullMarked;
