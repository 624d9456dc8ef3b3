package dev.crosspatch.asm;

import dev.crosspatch.core.asm.AssemblyException;
import java.util.List;
import java.util.Locale;

/// One statement of a source, without comments.
///
/// @param file   name for messages
/// @param line   1-based line it starts on
/// @param text   without blanks at the ends, not empty
/// @param origin empty, or for a statement that came out of a macro where that was used, ready to end a message
public record Statement(String file, int line, String text, String origin) {

  /// The word that it begins with, in lower case.
  ///
  /// @throws SyntaxError if there is none
  public String mnemonic() {
    String word = mnemonic(new Cursor(text));
    if (word.isEmpty()) {
      throw new SyntaxError("a mnemonic expected before '" + text + "'");
    }
    return word;
  }

  /// What stands behind that word, split at commas that stand neither in brackets nor in a literal.
  ///
  /// @throws SyntaxError if there is nothing before or behind a comma
  public List<String> operands() {
    Cursor cursor = new Cursor(text);
    mnemonic(cursor);
    List<String> operands = Macro.splitArguments(cursor.rest());
    if (operands.contains("")) {
      throw new SyntaxError("an operand is missing");
    }
    return operands;
  }

  private static String mnemonic(Cursor cursor) {
    return cursor.take(Cursor::isSymbolPart).toLowerCase(Locale.ROOT);
  }

  /// The exception that blames this statement.
  public AssemblyException error(String reason) {
    return new AssemblyException(file, line, reason + origin, text);
  }

  /// The line that made it: of a statement that came out of a macro, where the outermost one was used.
  int writtenAt() {
    int number = origin.lastIndexOf(' ') + 1;
    return origin.isEmpty() ? line : Integer.parseInt(origin.substring(number, origin.length() - 1));
  }

  /// The same statement with another text.
  Statement withText(String newText) {
    return new Statement(file, line, newText, origin);
  }
}
