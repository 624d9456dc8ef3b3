package dev.crosspatch.sim.mechanism;

/// One way in which a mechanism replaces instructions that other CPUs may be running.
///
/// @param name as scenarios say it, e.g. `int3-batch`
/// @param isa  name of the only ISA that has it
/// @param does what it does, for people
public record Protocol(String name, String isa, String does) {
  @Override
  public String toString() {
    return name;
  }
}
