/// Snapshots: the state of a machine, or of anything built of objects like it, as a file.
@NullMarked
package dev.crosspatch.core.state;

import org.jspecify.annotations.NullMarked;
