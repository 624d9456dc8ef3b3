/// Tests of the assembler and the disassembler.
@NullMarked
package dev.crosspatch.asm;

import org.jspecify.annotations.NullMarked;
