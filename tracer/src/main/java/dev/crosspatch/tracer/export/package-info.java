/// Finished traces in the file formats of other decoders.
@NullMarked
package dev.crosspatch.tracer.export;

import org.jspecify.annotations.NullMarked;
