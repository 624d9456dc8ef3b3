package dev.crosspatch.tests.isa;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// Vectors in portions, so that memory does not grow with their number: a stranger runs one portion while we make the
/// next and run the last.
///
/// @param <V> what a portion is of
/// @param <R> what the stranger made of it
abstract class Pipeline<V, R> {
  private static final int PORTION = 20_000;

  /// Makes vectors `from` to `to`.
  abstract V make(int from, int to);

  /// What the stranger makes of them; on another thread.
  abstract R run(V vectors) throws Exception;

  /// Holds that against what we make of them.
  abstract void compare(V vectors, R results);

  /// Does `count` vectors, in order.
  final void run(int count) throws InterruptedException {
    V before = null;
    FutureTask<R> running = null;
    for (int done = 0; done < count; done += PORTION) {
      V next = make(done, Math.min(count, done + PORTION));
      R results = running == null ? null : results(running);
      FutureTask<R> task = new FutureTask<>(() -> run(next));
      Thread.ofPlatform().daemon().start(task);
      compareBoth(before, results);
      before = next;
      running = task;
    }
    if (running != null) {
      compareBoth(before, results(running));
    }
  }

  private void compareBoth(@Nullable V vectors, @Nullable R results) {
    if (vectors != null && results != null) {
      compare(vectors, results);
    }
  }

  private static <R> R results(FutureTask<R> running) throws InterruptedException {
    try {
      return running.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AssertionError assertion) {
        throw assertion;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
