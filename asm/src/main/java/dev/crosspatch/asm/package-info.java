/// Assembler and disassembler behind the interfaces of [dev.crosspatch.core.asm]. An assembler ([GasAssembler]) for any
/// ISA that brings a [Dialect]; the dialects of x86-64 and AArch64 use Keystone, the disassemblers are Capstone, both
/// compiled from WebAssembly.
@NullMarked
package dev.crosspatch.asm;

import org.jspecify.annotations.NullMarked;
