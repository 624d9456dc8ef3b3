/// Programs at rest: sections, symbols, and the ELF64 form of both.
@NullMarked
package dev.crosspatch.core.image;

import org.jspecify.annotations.NullMarked;
