/// Tests of memory and caches.
@NullMarked
package dev.crosspatch.core.mem;

import org.jspecify.annotations.NullMarked;
