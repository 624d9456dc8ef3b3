/// A toy instruction set: proves the plug-in interface and lets the engine be tested without a real ISA.
@NullMarked
package dev.crosspatch.core.toy;

import org.jspecify.annotations.NullMarked;
