package dev.crosspatch.sim.fault;

import dev.crosspatch.sim.scenario.FailureKind;
import java.util.List;
import java.util.Set;

/// A class of bugs.
///
/// @param number of the class
/// @param what   it is
/// @param seen   where
/// @param twins  scenarios that have it; empty if none can
/// @param whyNot why none can; empty if some do
public record Fault(int number, String what, String seen, List<Twin> twins, String whyNot) {

  /// A scenario that has the bug, beside one that has not.
  ///
  /// @param scenario its name
  /// @param injected what is wrong in it
  /// @param symptom  what comes of that
  /// @param finders  kinds of failures, one of which must be told of it
  /// @param right    the name of the scenario that is as it should be
  public record Twin(String scenario, String injected, String symptom, Set<FailureKind> finders, String right) {
    /// Copies the set.
    public Twin {
      finders = Set.copyOf(finders);
    }
  }

  /// Copies the list.
  public Fault {
    twins = List.copyOf(twins);
  }
}
