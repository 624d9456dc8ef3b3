/// Timing tables and models: they decide when, never what.
@NullMarked
package dev.crosspatch.core.time;

import org.jspecify.annotations.NullMarked;
