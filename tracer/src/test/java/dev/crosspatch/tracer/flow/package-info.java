@NullMarked
package dev.crosspatch.tracer.flow;

import org.jspecify.annotations.NullMarked;
