/// Code at rest, and all that a decoder of traces has to know of it: images with their sections and symbols, the ELF64
/// form of both, and what an instruction set says of bytes. It needs nothing but the JDK.
@NullMarked
package dev.crosspatch.core.code;

import org.jspecify.annotations.NullMarked;
