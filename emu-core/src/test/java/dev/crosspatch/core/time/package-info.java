/// Tests of timing tables and of the unit of time.
@NullMarked
package dev.crosspatch.core.time;

import org.jspecify.annotations.NullMarked;
