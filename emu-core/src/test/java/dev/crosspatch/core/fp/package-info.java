/// Tests of floating-point arithmetic.
@NullMarked
package dev.crosspatch.core.fp;

import org.jspecify.annotations.NullMarked;
