@NullMarked
package dev.crosspatch.tracer.etm;

import org.jspecify.annotations.NullMarked;
