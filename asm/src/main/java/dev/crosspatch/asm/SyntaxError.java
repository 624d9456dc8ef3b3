package dev.crosspatch.asm;

/// What is wrong with a statement, before it is known which one that is. The message has no full stop.
public final class SyntaxError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  /// @param reason what is wrong
  public SyntaxError(String reason) {
    super(reason, null, false, false);
    this.reason = reason;
  }

  /// What is wrong.
  public String reason() {
    return reason;
  }
}
