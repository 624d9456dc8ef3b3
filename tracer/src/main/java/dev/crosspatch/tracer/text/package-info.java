/// Text over time: the initial image, the poke log, and which bytes were valid when.
@NullMarked
package dev.crosspatch.tracer.text;

import org.jspecify.annotations.NullMarked;
