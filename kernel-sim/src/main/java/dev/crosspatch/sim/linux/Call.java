package dev.crosspatch.sim.linux;

import java.io.IOException;

/// A system call.
@FunctionalInterface
interface Call {
  /// The result of a call that is answered by other means: the task waits, has ended, or has got all its registers.
  long ANSWERED = Long.MIN_VALUE;

  /// Does it.
  ///
  /// @param task who calls
  /// @param a    its six arguments
  /// @return the result, or [#ANSWERED]
  /// @throws Errno if it fails
  /// @throws IOException if the host's file system says no
  long run(Task task, long[] a) throws IOException;
}
