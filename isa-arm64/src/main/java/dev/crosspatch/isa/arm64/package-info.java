/// AArch64: instruction rows, decoder, system registers, exceptions, translation, interrupts, timer.
///
/// The manual is the *Arm Architecture Reference Manual for A-profile architecture* (DDI0487), cited by section.
@NullMarked
package dev.crosspatch.isa.arm64;

import org.jspecify.annotations.NullMarked;
