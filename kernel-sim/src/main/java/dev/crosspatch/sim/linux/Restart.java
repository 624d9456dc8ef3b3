package dev.crosspatch.sim.linux;

/// How a call goes on that a signal called away while it waited (include/linux/errno.h, and handle_signal of
/// arch/ARCH/kernel/signal.c). If no handler runs after all, each does.
enum Restart {
  /// It begins anew behind a handler with SA_RESTART; behind others it ends with EINTR (ERESTARTSYS).
  IF_WANTED,
  /// Behind a handler it ends with EINTR (ERESTARTNOHAND).
  WITHOUT_HANDLER,
  /// The same; without one it waits for the time that is left (ERESTART_RESTARTBLOCK).
  REST
}
