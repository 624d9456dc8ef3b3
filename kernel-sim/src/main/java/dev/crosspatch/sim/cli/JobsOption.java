package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.BadInput;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The option that says how many runs are made at a time.
final class JobsOption {
  /// Memory that a run of a shipped scenario is content with.
  private static final long BYTES_OF_A_JOB = 256L << 20;

  @Option(names = "--jobs", paramLabel = "N", converter = Arguments.WholeNumber.class,
      description = "Runs at a time (default: the processors there are); what is printed and written does not depend "
          + "on it.")
  private @Nullable Long jobs;

  /// Whether it was said.
  boolean isGiven() {
    return jobs != null;
  }

  /// How many.
  ///
  /// @throws BadInput if that is no sensible number
  int count() {
    if (jobs == null) {
      Runtime host = Runtime.getRuntime();
      return Math.clamp(host.maxMemory() / BYTES_OF_A_JOB, 1, host.availableProcessors());
    }
    if (jobs < 1 || jobs > 1024) {
      throw new BadInput("--jobs: " + jobs + " is not within 1..1024");
    }
    return jobs.intValue();
  }
}
