/// The scripts at the top level.
@NullMarked
package dev.crosspatch.tests.launcher;

import org.jspecify.annotations.NullMarked;
