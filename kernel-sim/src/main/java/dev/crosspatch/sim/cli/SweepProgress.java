package dev.crosspatch.sim.cli;

import dev.crosspatch.sim.sweep.InOrder;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.DoubleAdder;

/// How far many runs are, together, on one status line.
final class SweepProgress implements AutoCloseable {
  private final Progress line;
  private final long all;
  private final DoubleAdder done = new DoubleAdder();

  /// @param line takes the text
  /// @param all  how many runs there are
  SweepProgress(Progress line, long all) {
    this.line = line;
    this.all = all;
  }

  /// Nobody will hear of this run any more.
  static final class Abandoned extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /// Hears one of the runs; it is closed when the run is over.
  ///
  /// @throws Abandoned from its methods, if nobody will hear of the run any more
  Progress one(InOrder.Turn turn) {
    return new One(turn);
  }

  private final class One extends Progress {
    /// Of the time that a run takes, about that to run it.
    private static final double TO_RUN = 0.6;

    private final InOrder.Turn turn;
    private double share;

    One(InOrder.Turn turn) {
      super(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), false);
      this.turn = turn;
    }

    @Override
    public synchronized void show(String text) {
      if (turn.isStopped()) {
        throw new Abandoned();
      }
      tell();
    }

    @Override
    synchronized void show(String what, double part, String text) {
      to(what.equals(RUNNING) ? part * TO_RUN : TO_RUN + part * (1 - TO_RUN));
      show(text);
    }

    @Override
    public void close() {
      to(1);
      tell();
    }

    private void to(double now) {
      done.add(now - share);
      share = now;
    }
  }

  private void tell() {
    double now = done.sum();
    line.show("runs", now / all, String.format("%,d of %,d", (long) (now + 1e-6), all));
  }

  /// Clears the line, so that other output may follow.
  void clear() {
    line.clear();
  }

  @Override
  public void close() {
    line.close();
  }
}
