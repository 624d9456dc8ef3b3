/// ISA-neutral micro-ops: the one format that every decoder produces and the engine runs.
@NullMarked
package dev.crosspatch.core.uop;

import org.jspecify.annotations.NullMarked;
