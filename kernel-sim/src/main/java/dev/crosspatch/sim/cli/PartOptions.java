package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.perfetto.Cycles;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which part of a run is shown.
final class PartOptions {
  private static final long LIMIT = 2_000_000;

  @Option(names = "--from-cycle", paramLabel = "CYCLE", converter = Arguments.WholeNumber.class,
      description = "Show the run from this cycle on (default: 0).")
  private @Nullable Long from;

  @Option(names = "--to-cycle", paramLabel = "CYCLE", converter = Arguments.WholeNumber.class,
      description = "Show it up to this cycle (default: its end).")
  private @Nullable Long to;

  @Option(names = "--limit", paramLabel = "N", converter = Arguments.WholeNumber.class,
      description = "End before CPUs have more events than these, about 100 bytes each (default: 2000000).")
  private @Nullable Long limit;

  /// The part.
  ///
  /// @throws BadInput if it is none
  Cycles cycles() {
    Cycles part = new Cycles(from == null ? 0 : from, to == null ? Long.MAX_VALUE : to);
    if (part.from() < 0) {
      throw new BadInput("--from-cycle: " + part.from() + " is less than 0");
    }
    if (part.to() <= part.from()) {
      throw new BadInput("--to-cycle: " + part.to() + " is not behind --from-cycle, " + part.from());
    }
    return part;
  }

  /// Most events of CPUs.
  ///
  /// @throws BadInput if it is less than 1
  long limit() {
    if (limit != null && limit < 1) {
      throw new BadInput("--limit: " + limit + " is less than 1");
    }
    return limit == null ? LIMIT : limit;
  }
}
