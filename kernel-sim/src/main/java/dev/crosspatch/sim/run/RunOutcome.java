package dev.crosspatch.sim.run;

import dev.crosspatch.core.cpu.Counters;
import dev.crosspatch.sim.scenario.Scenario;
import java.util.List;
import java.util.Optional;

/// What is known of a run besides its files when its machine is gone: judging needs no memory for a machine, but where
/// something was injected, since [Injector] keeps its cores.
///
/// @param scenario     what ran
/// @param config       what a decoder has to know of it
/// @param end          how the guest ended, or why the machine stopped without it
/// @param limitReached the limit that ended it: `cycles`, `retired`, or nothing
/// @param cpus         what was counted, by CPU
/// @param latency      how long patching took, and what it took from others
/// @param injector     what was injected, if the scenario has that
/// @param hostSeconds  host time of the guest run
public record RunOutcome(Scenario scenario, RunConfig config, GuestEnd end, String limitReached, List<Cpu> cpus,
    Latency latency, Optional<Injector> injector, double hostSeconds) {

  /// Copies the list.
  public RunOutcome {
    cpus = List.copyOf(cpus);
  }

  /// Cycles of the CPU that is furthest.
  public long cycles() {
    return cpus.stream().mapToLong(cpu -> cpu.counters().cycles()).max().orElse(0);
  }

  /// What was counted of a CPU.
  ///
  /// @param counters   by its core
  /// @param traceBytes that its trace has
  /// @param overflows  of its trace unit
  public record Cpu(Counters counters, long traceBytes, int overflows) {}
}
