/// Pages for people: HTML and drawings that need nothing from elsewhere.
@NullMarked
package dev.crosspatch.sim.report;

import org.jspecify.annotations.NullMarked;
