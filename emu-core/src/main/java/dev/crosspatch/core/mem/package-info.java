/// Memory, translation, caches and code lines.
@NullMarked
package dev.crosspatch.core.mem;

import org.jspecify.annotations.NullMarked;
