package dev.crosspatch.sim.sweep;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;

/// Does pieces of work, several at a time, and hands over what came of them in the order of the work: whoever hears it
/// cannot tell how many were done at a time.
public final class InOrder {
  /// Pieces that are begun ahead of the one that is waited for, for each that is done at a time.
  private static final int AHEAD = 4;

  private boolean stopped;
  private long heard;
  /// No piece behind this one will be heard.
  private long last = Long.MAX_VALUE;

  /// A piece of work. It throws nothing: what goes wrong is a result, too.
  ///
  /// @param <T> what comes of it
  @FunctionalInterface
  public interface Work<T> {
    /// Does it.
    ///
    /// @param turn of this piece among all others
    T run(Turn turn);
  }

  /// The place of a piece of work among the others.
  public final class Turn {
    private final long number;

    private Turn(long number) {
      this.number = number;
    }

    /// Whether nobody will hear of this piece any more, because an earlier one was the last.
    public boolean isStopped() {
      synchronized (InOrder.this) {
        return stopped || number > last;
      }
    }

    /// What comes of this piece will be enough, if none before it is: no later one needs to be begun.
    public void isLast() {
      synchronized (InOrder.this) {
        last = Math.min(last, number);
        InOrder.this.notifyAll();
      }
    }

    /// Waits until what came of all earlier pieces has been heard.
    ///
    /// @return whether this one will be heard, too
    public boolean await() {
      synchronized (InOrder.this) {
        while (!isStopped() && heard < number) {
          try {
            InOrder.this.wait();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
          }
        }
        return !isStopped();
      }
    }
  }

  /// Does all of it, or until it is enough.
  ///
  /// @param jobs   pieces done at a time, 1 or more
  /// @param hears  what came of each, in order, one after the other; false if that is enough
  /// @param <T>    what comes of a piece
  public <T> void each(Iterator<? extends Work<T>> work, int jobs, Predicate<T> hears) {
    Deque<Future<T>> begun = new ArrayDeque<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(jobs)) {
      try {
        long next = 0;
        boolean goesOn = true;
        while (goesOn && (work.hasNext() || !begun.isEmpty())) {
          while (work.hasNext() && begun.size() < (jobs == 1 ? 1 : AHEAD * jobs)) {
            Work<T> piece = work.next();
            Turn turn = new Turn(next++);
            begun.add(threads.submit(() -> piece.run(turn)));
          }
          goesOn = hears.test(result(begun.remove()));
          heard(!goesOn);
        }
      } finally {
        heard(true);
        begun.forEach(f -> f.cancel(false));
      }
    }
  }

  private synchronized void heard(boolean last) {
    heard++;
    stopped |= last;
    notifyAll();
  }

  private static <T> T result(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }
}
