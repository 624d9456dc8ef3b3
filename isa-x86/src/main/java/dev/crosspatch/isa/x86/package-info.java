/// The x86-64 instruction set: decoder rows, semantics, system state, exceptions, paging, local APIC, boot and patching
/// facts.
///
/// "SDM" is the Intel 64 and IA-32 Architectures Software Developer's Manual, cited by volume and section or
/// instruction.
@NullMarked
package dev.crosspatch.isa.x86;

import org.jspecify.annotations.NullMarked;
