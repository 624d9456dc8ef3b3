package dev.crosspatch.core.asm;

/// Bad assembly text. The message is one line: `file:line: reason: text`.
public final class AssemblyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final String what;

  /// @param file   as given to the assembler
  /// @param line   1-based line of the statement
  /// @param reason what is wrong, without a full stop
  /// @param text   the statement
  public AssemblyException(String file, int line, String reason, String text) {
    super(file + ":" + line + ": " + reason + ": " + text.strip());
    this.line = line;
    what = reason + ": " + text.strip();
  }

  /// The statement's line.
  public int line() {
    return line;
  }

  /// The message without its place.
  public String what() {
    return what;
  }
}
