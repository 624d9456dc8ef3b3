/// Tests of snapshots.
@NullMarked
package dev.crosspatch.core.state;

import org.jspecify.annotations.NullMarked;
