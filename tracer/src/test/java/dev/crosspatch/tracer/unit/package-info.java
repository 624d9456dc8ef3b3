@NullMarked
package dev.crosspatch.tracer.unit;

import org.jspecify.annotations.NullMarked;
