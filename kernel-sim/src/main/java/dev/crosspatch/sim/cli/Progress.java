package dev.crosspatch.sim.cli;

import java.io.PrintStream;

/// One status line on a terminal, rewritten in place; silent when standard error is not a terminal.
final class Progress implements AutoCloseable {
  private static final long EVERY_NANOS = 200_000_000;

  private final PrintStream err;
  private final boolean terminal;
  private long last;
  private int width;
  private String stage = "";

  Progress() {
    err = System.err;
    // Java cannot ask about standard error; the launcher can.
    terminal = Boolean.getBoolean("crosspatch.terminal");
  }

  /// What all that is shown from now on begins with.
  void stage(String text) {
    stage = text;
  }

  /// Shows `text`, at most five times a second.
  void show(String text) {
    long now = System.nanoTime();
    if (terminal && now - last > EVERY_NANOS) {
      last = now;
      String line = stage + text;
      err.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
      err.flush();
      width = line.length();
    }
  }

  @Override
  public void close() {
    clear();
  }

  /// Clears the line, so that other output may follow.
  void clear() {
    if (width > 0) {
      err.print("\r" + " ".repeat(width) + "\r");
      err.flush();
      width = 0;
    }
  }
}
