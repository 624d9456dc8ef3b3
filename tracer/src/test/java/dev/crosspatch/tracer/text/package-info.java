@NullMarked
package dev.crosspatch.tracer.text;

import org.jspecify.annotations.NullMarked;
