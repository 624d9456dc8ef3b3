package dev.crosspatch.sim.linux;

/// What a program wants of a signal (`struct sigaction`).
///
/// @param handler  its address, or [#DEFAULT] or [#IGNORE]
/// @param flags    `SA_` flags
/// @param restorer where it returns to, with [#RESTORER]
/// @param mask     what is blocked while it runs, a bit for each signal
record SignalAction(long handler, long flags, long restorer, long mask) {
  static final long DEFAULT = 0;
  static final long IGNORE = 1;
  static final long RESTORER = 0x0400_0000;
  static final long ON_STACK = 0x0800_0000;
  static final long RESTART = 0x1000_0000;
  static final long NO_DEFER = 0x4000_0000;
  static final long RESET = 0x8000_0000L;
  /// Flags that are known: SA_NOCLDSTOP, SA_NOCLDWAIT, SA_SIGINFO and those above. A program that asks with
  /// SA_UNSUPPORTED learns that SA_EXPOSE_TAGBITS is not among them (uapi/asm-generic/signal-defs.h).
  static final long FLAGS = 7 | RESTORER | ON_STACK | RESTART | NO_DEFER | RESET;

  static final SignalAction NONE = new SignalAction(DEFAULT, 0, 0, 0);

  boolean has(long flag) {
    return (flags & flag) != 0;
  }

  /// The same without a handler.
  SignalAction byDefault() {
    return new SignalAction(DEFAULT, flags, restorer, mask);
  }
}
