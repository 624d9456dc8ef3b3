/// A finished run as a trace that Perfetto's UI and `chrome://tracing` show.
@NullMarked
package dev.crosspatch.sim.perfetto;

import org.jspecify.annotations.NullMarked;
