@NullMarked
package dev.crosspatch.tracer.export;

import org.jspecify.annotations.NullMarked;
