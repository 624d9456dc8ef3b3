package dev.crosspatch.sim.run;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.sim.fields.Fields;
import java.io.IOException;

/// What a verdict rests on, besides the guest's end, the decoder's problems and the fit of the poke log, which are
/// always looked at: object `checked` of `summary.json`.
///
/// @param flow            whether every decoded row was held against the truth, and what ran from memory against the
///                        contract
/// @param staleExecutions how many executions of stale text were held against the contract of the poke log: all there
///                        were; -1 if unknown
/// @param violations      how many of them broke it, and executions of what memory held that did
public record Checked(boolean flow, long staleExecutions, long violations) {
  /// Number of stale executions of a run that did not tell.
  public static final long UNKNOWN = -1;
  /// Of a run that is still being looked at.
  static final Checked NOTHING = new Checked(false, UNKNOWN, 0);

  /// Reads it back. Directories without it are of versions that always kept the truth.
  static Checked read(Fields map) {
    return new Checked(
        map.flag("flow", true), map.has("stale_executions") ? map.number("stale_executions", 0, 0, Long.MAX_VALUE)
            : UNKNOWN, map.number("violations", 0, 0, Long.MAX_VALUE));
  }

  /// Whether so many stale executions are what there were, as far as known.
  public boolean agrees(long records) {
    return staleExecutions == UNKNOWN || staleExecutions == records;
  }

  /// Writes the object's fields.
  public void write(JsonGenerator g) throws IOException {
    g.writeBooleanField("guest_end", true);
    g.writeBooleanField("decoding", true);
    g.writeBooleanField("poke_log", true);
    g.writeBooleanField("flow", flow);
    g.writeBooleanField("contract", true);
    g.writeBooleanField("memory", flow);
    g.writeNumberField("stale_executions", staleExecutions);
    g.writeNumberField("violations", violations);
  }

  /// One line for people.
  ///
  /// @param again whether this is said of a finished directory without truth, in which the contract cannot be checked
  ///              again
  public String text(boolean again) {
    String contract = String.format("the contract of the poke log (%,d stale executions, %,d violations%s)",
        staleExecutions, violations,
        again ? ", found when it ran" : "");
    return "checked: the guest's end, the decoder's problems, the fit of the poke log, " + contract
        + (flow
            ? ", every decoded row against the truth, what ran from memory against the contract"
            : "; not checked: the decoded flow against the truth, which was not kept, and what ran from memory against "
                + "the contract");
  }
}
