/// Tests of machines of several cores.
@NullMarked
package dev.crosspatch.core.machine;

import org.jspecify.annotations.NullMarked;
