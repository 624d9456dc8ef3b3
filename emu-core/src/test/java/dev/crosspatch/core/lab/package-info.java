/// A laboratory of micro-ops: machines whose instructions are hardly more than micro-ops, at any address and of many
/// lengths, for the tests of the core's rooms.
@NullMarked
package dev.crosspatch.core.lab;

import org.jspecify.annotations.NullMarked;
