package dev.crosspatch.asm;

import dev.crosspatch.core.asm.AssemblyException;

/// One statement of a source, without comments.
///
/// @param file   name for messages
/// @param line   1-based line it starts on
/// @param text   without blanks at the ends, not empty
/// @param origin empty, or for a statement that came out of a macro where that was used, ready to end a message
record Statement(String file, int line, String text, String origin) {

  /// The exception that blames this statement.
  AssemblyException error(String reason) {
    return new AssemblyException(file, line, reason + origin, text);
  }

  /// The same statement with another text.
  Statement withText(String newText) {
    return new Statement(file, line, newText, origin);
  }
}
