package dev.crosspatch.sim.scenario;

import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.sim.guest.GuestConfig;
import dev.crosspatch.tracer.unit.TraceSetup;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A scenario: what to boot, patch, trace and expect. Read by [ScenarioReader]; the file format is documented in
/// `docs/scenarios.md`.
///
/// @param name        file name without its suffix
/// @param bases       what it stands on, the nearest first
/// @param description what it shows, one or more sentences
/// @param machine     the machine, its seed included
/// @param guest       what its kernel does
/// @param trace       how it is traced
/// @param inject      interrupts that come in by themselves
/// @param limits      when a run ends at the latest
/// @param expect      how it must end
public record Scenario(
    String name, List<Base> bases, String description, MachineConfig machine, GuestConfig guest, Trace trace,
    @Nullable Injection inject, RunLimits limits, Expectation expect) {

  /// Copies the list.
  public Scenario {
    bases = List.copyOf(bases);
  }

  /// A scenario that stands on no other.
  public Scenario(String name, String description, MachineConfig machine, GuestConfig guest, Trace trace,
      RunLimits limits, Expectation expect) {
    this(name, List.of(), description, machine, guest, trace, null, limits, expect);
  }

  /// A scenario that another stands on.
  ///
  /// @param file    as the other names it
  /// @param changed keys that the other says itself, but `base` and `description`
  public record Base(String file, List<String> changed) {

    /// Copies the list.
    public Base {
      changed = List.copyOf(changed);
    }
  }

  /// How a machine is traced.
  ///
  /// @param setup of its trace units
  public record Trace(TraceSetup setup) {

    /// Name of the [dev.crosspatch.tracer.flow.TraceProtocol].
    public String protocol() {
      return setup.config().protocol();
    }
  }

  /// The same with another seed.
  public Scenario withSeed(long seed) {
    return new Scenario(
        name, bases, description, machine.withSeed(seed), guest, trace, inject, limits, expect);
  }
}
