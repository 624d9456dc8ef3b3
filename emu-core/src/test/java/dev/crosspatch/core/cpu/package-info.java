/// Tests of cores.
@NullMarked
package dev.crosspatch.core.cpu;

import org.jspecify.annotations.NullMarked;
