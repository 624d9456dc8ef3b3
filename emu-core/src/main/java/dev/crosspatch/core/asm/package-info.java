/// The assembler and disassembler plug-in interfaces.
@NullMarked
package dev.crosspatch.core.asm;

import org.jspecify.annotations.NullMarked;
