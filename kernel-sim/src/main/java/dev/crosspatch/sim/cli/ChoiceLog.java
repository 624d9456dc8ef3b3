package dev.crosspatch.sim.cli;

import dev.crosspatch.core.choice.Choice;
import dev.crosspatch.core.choice.ForcedChoices;
import dev.crosspatch.sim.BadInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Writes every decision of a run, one JSON object a line:
/// `{"number":17,"choice":"fetched-ahead","cpu":1,"options":3,"taken":2}`.
final class ChoiceLog implements ForcedChoices.Listener, AutoCloseable {
  private final @Nullable Writer out;

  private ChoiceLog(@Nullable Writer out) {
    this.out = out;
  }

  /// A log that goes to a file, or nowhere.
  ///
  /// @throws BadInput if it cannot be written
  static ChoiceLog to(@Nullable Path file) {
    try {
      return new ChoiceLog(file == null ? null : Files.newBufferedWriter(file));
    } catch (IOException e) {
      throw new BadInput("--choices: " + file + " cannot be written");
    }
  }

  @Override
  public void chosen(long number, Choice what, int cpu, int options, int taken) {
    if (out == null) {
      return;
    }
    try {
      out.write("{\"number\":" + number + ",\"choice\":\"" + what.name().toLowerCase(Locale.ROOT).replace('_', '-')
          + "\",\"cpu\":" + cpu + ",\"options\":" + options + ",\"taken\":" + taken + "}\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      if (out != null) {
        out.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
