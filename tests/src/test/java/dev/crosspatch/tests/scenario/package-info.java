/// Whole scenarios, as they ship.
@NullMarked
package dev.crosspatch.tests.scenario;

import org.jspecify.annotations.NullMarked;
