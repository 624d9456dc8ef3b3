/// The ISA plug-in interface: what a new instruction set has to bring.
@NullMarked
package dev.crosspatch.core.isa;

import org.jspecify.annotations.NullMarked;
