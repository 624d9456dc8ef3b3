/// Instruction sets held against strangers: disassemblers and other emulators.
@NullMarked
package dev.crosspatch.tests.isa;

import org.jspecify.annotations.NullMarked;
