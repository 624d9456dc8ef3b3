/// Assembler and disassembler: Keystone and Capstone, compiled from WebAssembly, behind the interfaces of
/// [dev.crosspatch.core.asm].
@NullMarked
package dev.crosspatch.asm;

import org.jspecify.annotations.NullMarked;
