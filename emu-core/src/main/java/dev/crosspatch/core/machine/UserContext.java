package dev.crosspatch.core.machine;

/// Registers of a program while it does not run.
public final class UserContext {
  /// General registers by number, the stack pointer among them.
  public final long[] r = new long[32];
  /// Vector registers.
  public final long[] v;
  /// Address of the next instruction.
  public long pc;
  /// RFLAGS, or SPSR.
  public long flags;
  /// Base of thread-local storage.
  public long thread;
  /// What else the ISA has, in its own order.
  public final long[] more;

  /// @param words words of vector registers
  /// @param more  further registers
  public UserContext(int words, int more) {
    v = new long[words];
    this.more = new long[more];
  }

  /// The same registers, for a new thread.
  public UserContext copy() {
    UserContext other = new UserContext(v.length, more.length);
    System.arraycopy(r, 0, other.r, 0, r.length);
    System.arraycopy(v, 0, other.v, 0, v.length);
    System.arraycopy(more, 0, other.more, 0, more.length);
    other.pc = pc;
    other.flags = flags;
    other.thread = thread;
    return other;
  }
}
