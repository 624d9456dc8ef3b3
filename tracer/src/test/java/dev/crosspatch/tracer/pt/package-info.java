@NullMarked
package dev.crosspatch.tracer.pt;

import org.jspecify.annotations.NullMarked;
