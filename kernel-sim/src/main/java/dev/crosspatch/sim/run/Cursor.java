package dev.crosspatch.sim.run;

import org.jspecify.annotations.Nullable;

/// What a file holds, record by record, in its order; to be closed.
public interface Cursor<T> extends AutoCloseable {

  /// The next record, or null behind the last.
  ///
  /// @throws dev.crosspatch.sim.BadInput if it is malformed or cannot be read
  @Nullable T next();

  @Override
  void close();
}
