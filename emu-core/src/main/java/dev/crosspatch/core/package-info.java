/// Root of the ISA-neutral machine.
@NullMarked
package dev.crosspatch.core;

import org.jspecify.annotations.NullMarked;
