/// Trace units: what a CPU retires becomes the bytes that its hardware would have written. Nothing that decodes depends
/// on this package.
@NullMarked
package dev.crosspatch.tracer.unit;

import org.jspecify.annotations.NullMarked;
