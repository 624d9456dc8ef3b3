package dev.crosspatch.sim;

/// Bad user input: one line that says what, where, and how to mend it. The command line ends with exit status 2.
public class BadInput extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// @param message one line
  public BadInput(String message) {
    super(message);
  }

  /// The message.
  public final String line() {
    return String.valueOf(getMessage());
  }
}
