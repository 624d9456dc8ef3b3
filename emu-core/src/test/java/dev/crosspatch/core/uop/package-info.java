/// Tests of micro-ops.
@NullMarked
package dev.crosspatch.core.uop;

import org.jspecify.annotations.NullMarked;
