package dev.crosspatch.sim.cli;

import java.io.PrintStream;

/// One status line on a terminal, rewritten in place; silent when standard error is not a terminal.
public class Progress implements AutoCloseable {
  /// What a run is at: it runs, and then it is decoded.
  static final String RUNNING = "running";
  static final String DECODING = "decoding";

  private static final long EVERY_NANOS = 200_000_000;

  private final PrintStream err;
  private final boolean terminal;
  private long last;
  private int width;
  private String stage = "";
  /// Since when something is under way of which the share is known, and what it is.
  private long begin;
  private String underway = "";

  /// On the terminal of standard error, if it is one.
  public Progress() {
    // Java cannot ask about standard error; the launcher can.
    this(System.err, Boolean.getBoolean("crosspatch.terminal"));
  }

  Progress(PrintStream err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  /// What all that is shown from now on begins with.
  void stage(String text) {
    stage = text;
  }

  /// Shows `text`, at most five times a second.
  public synchronized void show(String text) {
    long now = now();
    if (terminal && now - last > EVERY_NANOS) {
      last = now;
      String line = stage + text;
      err.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
      err.flush();
      width = line.length();
    }
  }

  /// Shows `what: text`, how far that is, and how long it still takes.
  ///
  /// @param what  what is under way; another than before begins at this moment
  /// @param share what is done of it, 0 to 1
  synchronized void show(String what, double share, String text) {
    if (!what.equals(underway)) {
      underway = what;
      begin = now();
    }
    show(what + ": " + text + ", " + Pace.text(share, (now() - begin) / 1e9));
  }

  /// The clock, in nanoseconds.
  long now() {
    return System.nanoTime();
  }

  @Override
  public void close() {
    clear();
  }

  /// Clears the line, so that other output may follow.
  public synchronized void clear() {
    if (width > 0) {
      err.print("\r" + " ".repeat(width) + "\r");
      err.flush();
      width = 0;
    }
  }
}
