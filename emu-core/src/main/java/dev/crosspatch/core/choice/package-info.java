/// What a machine decides that no manual decides: every such decision is asked for by name, so that it can be drawn,
/// recorded, replayed and forced.
@NullMarked
package dev.crosspatch.core.choice;

import org.jspecify.annotations.NullMarked;
