package dev.crosspatch.asm;

/// What is wrong with a statement, before it is known which one that is. The message has no full stop.
final class SyntaxError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  SyntaxError(String reason) {
    super(reason, null, false, false);
    this.reason = reason;
  }

  /// What is wrong.
  String reason() {
    return reason;
  }
}
