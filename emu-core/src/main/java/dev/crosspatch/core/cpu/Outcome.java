package dev.crosspatch.core.cpu;

/// What a helper tells the engine, and the engine its caller.
public final class Outcome {
  private Outcome() {}

  /// Go on with the next micro-op.
  public static final int OK = 0;
  /// [Core#nextPc] was set: the instruction retires as a taken branch.
  public static final int BRANCH = 1;
  /// [Core#fault(int, long)] was called: the instruction does not retire. Without a fault recorded: it has done a part
  /// of its work (a long repetition) and is executed again, after interrupts if [Core#resynchronize] was called.
  public static final int FAULT = 2;
  /// The instruction retires; fetch must start over (context synchronization, mode, mapping or interrupt mask changed).
  public static final int RESYNC = 3;
  /// The instruction retires and the core waits for an event (HLT, WFI).
  public static final int WAIT = 4;
  /// [Core#fault(int, long)] was called for an exception that is taken behind its instruction (SVC): the instruction
  /// retires, then the core enters the handler from [Core#nextPc].
  public static final int CALL = 5;
}
