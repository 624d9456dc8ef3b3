package dev.crosspatch.asm;

import java.util.ArrayList;
import java.util.List;

/// Splits a source into statements at newlines and `;` and drops the comments: `//` and `#` to the end of the line
/// (`#` only where no immediate can stand: at line start and, if `hashComments`, after a blank) and `/* */`.
/// String and character literals are left whole.
final class SourceReader {
  private final String file;
  private final String source;
  private final boolean hashComments;
  private final String origin;
  private final List<Statement> statements = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private int position;
  private int line;
  private int statementLine;

  private SourceReader(String file, String source, boolean hashComments, int firstLine, String origin) {
    this.file = file;
    this.source = source;
    this.hashComments = hashComments;
    this.line = firstLine;
    this.statementLine = firstLine;
    this.origin = origin;
  }

  /// The statements of a whole file.
  static List<Statement> read(String file, String source, boolean hashComments) {
    return new SourceReader(file, source, hashComments, 1, "").read();
  }

  /// The statements that `text` consists of, all standing where `place` does. For macro bodies.
  static List<Statement> split(Statement place, String text) {
    return new SourceReader(place.file(), text, false, place.line(), place.origin()).read();
  }

  private List<Statement> read() {
    while (position < source.length()) {
      step(source.charAt(position));
    }
    endStatement();
    return statements;
  }

  private void step(char c) {
    if (c == '\n' || c == ';') {
      endStatement();
      position++;
      line += c == '\n' ? 1 : 0;
      statementLine = line;
    } else if (source.startsWith("/*", position)) {
      skipBlockComment();
    } else if (source.startsWith("//", position) || (c == '#' && hashStartsComment())) {
      position = endOfLine();
    } else if (c == '"' || c == '\'') {
      copyLiteral(c);
    } else {
      text.append(c);
      position++;
    }
  }

  private void endStatement() {
    String trimmed = text.toString().strip();
    if (!trimmed.isEmpty()) {
      statements.add(new Statement(file, statementLine, trimmed, origin));
    }
    text.setLength(0);
  }

  private boolean hashStartsComment() {
    if (text.toString().isBlank()) {
      return true;
    }
    return hashComments && Character.isWhitespace(source.charAt(position - 1));
  }

  private int endOfLine() {
    int end = source.indexOf('\n', position);
    return end < 0 ? source.length() : end;
  }

  private void skipBlockComment() {
    int end = source.indexOf("*/", position + 2);
    if (end < 0) {
      throw new Statement(file, line, source.substring(position, endOfLine()), origin).error("comment is not closed");
    }
    line += (int) source.substring(position, end).chars().filter(c -> c == '\n').count();
    if (text.toString().isBlank()) {
      statementLine = line;
    }
    text.append(' ');
    position = end + 2;
  }

  /// Copies a literal; one that is not closed ends with its line and is refused by whoever reads it.
  private void copyLiteral(char quote) {
    int start = position++;
    int end = endOfLine();
    while (position < end && source.charAt(position) != quote) {
      position += source.charAt(position) == '\\' ? 2 : 1;
    }
    position = Math.min(position + 1, end);
    text.append(source, start, position);
  }
}
