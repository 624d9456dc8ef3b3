/// Cores: architectural state, the tier-0 engine, faults, fetch.
@NullMarked
package dev.crosspatch.core.cpu;

import org.jspecify.annotations.NullMarked;
