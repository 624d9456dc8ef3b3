package dev.crosspatch.asm;

import java.nio.charset.StandardCharsets;
import java.util.function.IntPredicate;

/// A reading position in the text of a statement. Methods that take something skip blanks before it.
final class Cursor {
  private final String text;
  private int position;

  Cursor(String text) {
    this.text = text;
  }

  /// Whether `c` may stand in a symbol after its first character.
  static boolean isSymbolPart(int c) {
    return isSymbolStart(c) || (c >= '0' && c <= '9');
  }

  /// Whether a symbol may start with `c`.
  static boolean isSymbolStart(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '$';
  }

  /// Index of the next character that is not a blank.
  int position() {
    while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
      position++;
    }
    return position;
  }

  /// Continues reading at `newPosition`.
  void seek(int newPosition) {
    position = newPosition;
  }

  /// Whether nothing but blanks is left.
  boolean atEnd() {
    return position() == text.length();
  }

  /// The next character, or 0 at the end.
  char peek() {
    return atEnd() ? 0 : text.charAt(position);
  }

  /// Takes `token` if it comes next.
  boolean accept(String token) {
    if (!text.startsWith(token, position())) {
      return false;
    }
    position += token.length();
    return true;
  }

  /// Takes `token`, which must come next.
  void expect(String token) {
    if (!accept(token)) {
      throw new SyntaxError("'" + token + "' expected before '" + rest() + "'");
    }
  }

  /// Refuses anything left over.
  void expectEnd() {
    if (!atEnd()) {
      throw new SyntaxError("unexpected '" + rest() + "'");
    }
  }

  /// Takes the longest run of characters that satisfy `part`, possibly empty.
  String take(IntPredicate part) {
    int start = position();
    while (position < text.length() && part.test(text.charAt(position))) {
      position++;
    }
    return text.substring(start, position);
  }

  /// Takes a symbol, or returns an empty string if none comes next.
  String symbol() {
    return isSymbolStart(peek()) ? take(Cursor::isSymbolPart) : "";
  }

  /// Takes a symbol, which must come next.
  String expectSymbol() {
    String symbol = symbol();
    if (symbol.isEmpty()) {
      throw new SyntaxError(atEnd() ? "a name is missing" : "a name expected before '" + rest() + "'");
    }
    return symbol;
  }

  /// What is left, without blanks at its ends; does not take it.
  String rest() {
    return text.substring(position()).strip();
  }

  /// Takes a string in double quotes with the escapes of C and returns its bytes (UTF-8).
  byte[] string() {
    expect("\"");
    StringBuilder out = new StringBuilder();
    while (true) {
      char c = next();
      if (c == '"') {
        // Escapes give bytes, other characters give UTF-8: collected as Latin-1 so that both fit.
        return out.toString().getBytes(StandardCharsets.ISO_8859_1);
      }
      if (c == '\\') {
        out.append(escape());
      } else {
        out.append(new String(String.valueOf(c).getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
      }
    }
  }

  /// Takes a character literal behind its opening quote; the closing one may be missing, as in gas.
  long character() {
    char c = next();
    long value = c == '\\' ? escape() : c;
    if (position < text.length() && text.charAt(position) == '\'') {
      position++;
    }
    return value;
  }

  private char next() {
    if (position >= text.length()) {
      throw new SyntaxError("literal is not closed");
    }
    return text.charAt(position++);
  }

  private char escape() {
    char c = next();
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'x', 'X' -> (char) (Long.parseLong("0" + take(d -> Character.digit(d, 16) >= 0), 16) & 0xff);
      case '0', '1', '2', '3', '4', '5', '6', '7' -> octal(c);
      default -> c;
    };
  }

  private char octal(char first) {
    int value = first - '0';
    for (int i = 0; i < 2 && position < text.length() && Character.digit(text.charAt(position), 8) >= 0; i++) {
      value = value * 8 + text.charAt(position++) - '0';
    }
    return (char) (value & 0xff);
  }
}
