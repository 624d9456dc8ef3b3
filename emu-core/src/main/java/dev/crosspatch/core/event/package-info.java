/// What a core tells the world: retire events.
@NullMarked
package dev.crosspatch.core.event;

import org.jspecify.annotations.NullMarked;
