package dev.crosspatch.sim;

/// Bad user input: one line that says what, where, and how to mend it. The command line ends with exit status 2.
/// Control characters of the input that stand in it become visible, and what would fill the screen is cut.
public class BadInput extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final int LONGEST = 1000;

  /// @param message one line
  public BadInput(String message) {
    super(oneLine(message));
  }

  private static String oneLine(String text) {
    String cut = text.length() <= LONGEST
        ? text : text.substring(0, LONGEST / 2) + " ... " + text.substring(text.length() - LONGEST / 4);
    StringBuilder line = new StringBuilder();
    cut.codePoints().forEach(c -> {
      if (Character.isISOControl(c) || Character.getType(c) == Character.LINE_SEPARATOR
          || Character.getType(c) == Character.PARAGRAPH_SEPARATOR
          || Character.getType(c) == Character.FORMAT) {
        line.append(c == '\n' ? "\\n" : String.format("\\u%04x", c));
      } else {
        line.appendCodePoint(c);
      }
    });
    return line.toString();
  }

  /// The message.
  public final String line() {
    return String.valueOf(getMessage());
  }
}
