package dev.crosspatch.sim.mechanism;

/// One way in which a mechanism replaces instructions that other CPUs may be running.
///
/// @param name as scenarios say it, e.g. `int3-batch`
/// @param isa  name of the only ISA that has it
/// @param does what it does, for people
/// @param like name of the protocol of a library part that it patches text by, which gives it that one's steps: its own
///             name if it is that one; empty if it is like none
public record Protocol(String name, String isa, String does, String like) {
  @Override
  public String toString() {
    return name;
  }
}
