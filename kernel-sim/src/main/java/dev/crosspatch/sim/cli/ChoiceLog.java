package dev.crosspatch.sim.cli;

import dev.crosspatch.core.choice.Choice;
import dev.crosspatch.core.choice.ForcedChoices;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.WholeFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Writes every decision of a run, one JSON object a line:
/// `{"number":17,"choice":"fetched-ahead","cpu":1,"options":3,"taken":2}`.
final class ChoiceLog implements ForcedChoices.Listener, AutoCloseable {
  private final @Nullable WholeFile file;

  private ChoiceLog(@Nullable WholeFile file) {
    this.file = file;
  }

  /// A log that goes to a file, or nowhere.
  ///
  /// @throws BadInput if it cannot be written
  static ChoiceLog to(@Nullable Path file) {
    return new ChoiceLog(file == null ? null : WholeFile.begin(file));
  }

  @Override
  public void chosen(long number, Choice what, int cpu, int options, int taken) {
    if (file == null) {
      return;
    }
    String line = "{\"number\":" + number + ",\"choice\":\"" + what.label() + "\",\"cpu\":" + cpu + ",\"options\":"
        + options + ",\"taken\":" + taken + "}\n";
    file.append(line.getBytes(StandardCharsets.US_ASCII));
  }

  /// The run is over: the record is whole.
  void commit() {
    if (file != null) {
      file.commit();
    }
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
  }
}
