package dev.crosspatch.core.choice;

import java.util.Map;

/// Decides as another does, but for some decisions, named by their numbers. All decisions of a run are numbered from 0
/// on in the order in which they are asked for, whoever asks; the other is asked each time, so that what it draws later
/// stays as it was.
public final class ForcedChoices implements Choices {

  /// Hears every decision.
  @FunctionalInterface
  public interface Listener {
    /// Decision `number` was made.
    ///
    /// @param options how many options there were
    /// @param taken   which was taken
    void chosen(long number, Choice what, int cpu, int options, int taken);
  }

  /// An option is forced that the decision does not have.
  public static final class NoOption extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    NoOption(String message) {
      super(message);
    }
  }

  private final Choices other;
  private final Map<Long, Integer> forced;
  private final transient Listener listener;
  private long next;

  /// @param forced   option to take, by number of the decision
  /// @param listener hears all decisions: a record of the run
  public ForcedChoices(Choices other, Map<Long, Integer> forced, Listener listener) {
    this.other = other;
    this.forced = Map.copyOf(forced);
    this.listener = listener;
  }

  /// Decides.
  ///
  /// @throws NoOption if an option is forced that this decision does not have, naming it
  @Override
  public int choose(Choice what, int cpu, int options) {
    long number = next++;
    int taken = forced.getOrDefault(number, other.choose(what, cpu, options));
    if (taken < 0 || taken >= options) {
      throw new NoOption(
          "decision " + number + " (" + what.label() + " of CPU " + cpu + ") has options 0.." + (options - 1) + ", not "
              + taken);
    }
    listener.chosen(number, what, cpu, options, taken);
    return taken;
  }

  /// The options that are forced, by the numbers of their decisions.
  public Map<Long, Integer> forced() {
    return forced;
  }

  /// Decisions made so far.
  public long count() {
    return next;
  }
}
