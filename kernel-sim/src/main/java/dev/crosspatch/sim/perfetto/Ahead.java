package dev.crosspatch.sim.perfetto;

import dev.crosspatch.sim.run.Cursor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Those records of a file that somebody asks for, with a look at the next one.
final class Ahead<T> implements AutoCloseable {
  private final Cursor<T> all;
  private final Predicate<T> wanted;
  private @Nullable T head;

  Ahead(Cursor<T> all, Predicate<T> wanted) {
    this.all = all;
    this.wanted = wanted;
    advance();
  }

  private void advance() {
    head = all.next();
    while (head != null && !wanted.test(head)) {
      head = all.next();
    }
  }

  /// The next one, which stays; null behind the last.
  @Nullable T peek() {
    return head;
  }

  /// Takes the next one; null behind the last.
  @Nullable T take() {
    T taken = head;
    if (taken != null) {
      advance();
    }
    return taken;
  }

  @Override
  public void close() {
    all.close();
  }
}
