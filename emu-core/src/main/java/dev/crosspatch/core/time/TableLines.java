package dev.crosspatch.core.time;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// The lines of a table's text form that are neither blank nor a comment, which begins with `#`.
public final class TableLines {
  private TableLines() {}

  /// Takes a line.
  public interface Taker {
    /// A line of the table.
    ///
    /// @param number from 1 on, all lines counted
    void take(String line, int number);
  }

  /// Reads them all, and closes `in`.
  public static void read(InputStream in, Taker taker) {
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank() && !line.startsWith("#")) {
          taker.take(line, number);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
