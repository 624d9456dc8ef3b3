package dev.crosspatch.sim.linux;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Standard input of the process that runs the program, if it can keep its reader waiting: a pipe to the program.
///
/// Nothing is taken from it until the program asks for it. If nothing is there then, a thread of the host reads one
/// byte ahead, and so finds out when something comes, or the end.
final class StandardInput extends PipeFile {
  /// What comes within so many nanoseconds of the host was there at once.
  private static final long AT_ONCE = 100_000_000;

  private final InputStream in;
  /// Reads the next byte, or the end (-1); null if nobody has to wait for it.
  private @Nullable FutureTask<Integer> ahead;

  private StandardInput(InputStream in) {
    super(0);
    this.in = in;
  }

  /// For what the host has as standard input.
  static OpenFile of(InputStream in) {
    return isSeekable(in) ? StandardFile.input(in) : new StandardInput(in);
  }

  /// Of files, which can be read at any time, the host knows a position.
  private static boolean isSeekable(InputStream in) {
    try {
      return in instanceof FileInputStream file && file.getChannel().position() >= 0;
    } catch (IOException e) {
      return false; // "Illegal seek"
    }
  }

  /// At the end a pipe tells that nobody writes (fs/pipe.c, pipe_poll).
  @Override
  int ready() {
    if (ahead == null) {
      if (hasBytes()) {
        return READABLE;
      }
      ahead = lookAhead();
      await(AT_ONCE);
    }
    return switch (ahead.state()) {
      case RUNNING -> 0;
      case SUCCESS -> ahead.resultNow() < 0 ? HANG_UP : READABLE;
      case FAILED, CANCELLED -> READABLE;
    };
  }

  private FutureTask<Integer> lookAhead() {
    Semaphore begun = new Semaphore(0);
    FutureTask<Integer> next = new FutureTask<>(() -> {
      begun.release();
      return in.read();
    });
    Thread.ofPlatform().daemon().name("standard input").start(next);
    begun.acquireUninterruptibly(); // from now on it is the host that takes its time
    return next;
  }

  private boolean hasBytes() {
    try {
      return in.available() > 0;
    } catch (IOException e) {
      return true; // who reads hears of it
    }
  }

  /// Waits for what [#ready] found missing.
  ///
  /// @param nanos of the host at most
  void await(long nanos) {
    FutureTask<Integer> asked = ahead;
    try {
      if (asked != null) {
        asked.get(nanos, TimeUnit.NANOSECONDS);
      }
    } catch (TimeoutException | ExecutionException e) {
      // its state tells
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  byte[] read(int most) throws IOException {
    byte[] bytes = new byte[most];
    int count = 0;
    if (ahead != null && most > 0) {
      int first = taken(ahead);
      if (first < 0) {
        return new byte[0];
      }
      bytes[count++] = (byte) first;
    }
    int more = Math.min(most - count, in.available());
    return Arrays.copyOf(bytes, count + Math.max(0, in.read(bytes, count, more)));
  }

  private int taken(FutureTask<Integer> asked) throws IOException {
    ahead = null;
    if (asked.state() == FutureTask.State.FAILED) {
      throw new IOException(asked.exceptionNow().getMessage(), asked.exceptionNow());
    }
    return asked.resultNow();
  }

  @Override
  int available() throws IOException {
    if (ready() != READABLE) {
      return 0;
    }
    return ahead == null ? in.available() : 1 + in.available();
  }
}
