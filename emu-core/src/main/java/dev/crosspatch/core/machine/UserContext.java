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
    other.set(this);
    return other;
  }

  /// Takes the registers of another of the same ISA.
  public void set(UserContext other) {
    System.arraycopy(other.r, 0, r, 0, r.length);
    System.arraycopy(other.v, 0, v, 0, v.length);
    System.arraycopy(other.more, 0, more, 0, more.length);
    pc = other.pc;
    flags = other.flags;
    thread = other.thread;
  }
}
