/// Tests of who decides.
@NullMarked
package dev.crosspatch.core.choice;

import org.jspecify.annotations.NullMarked;
