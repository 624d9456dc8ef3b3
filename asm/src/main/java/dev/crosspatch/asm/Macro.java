package dev.crosspatch.asm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A macro: parameters and a body in which `\name` stands for an argument, `\@` for the number of expansions so far
/// and `\()` for nothing.
///
/// @param name       as called
/// @param parameters in order
/// @param body       its statements
record Macro(String name, List<Parameter> parameters, List<Statement> body) {
  /// @param name       without backslash
  /// @param fallback   value if no argument is given
  /// @param required   whether an argument must be given
  /// @param takesRest  whether it takes all further arguments, with their commas
  record Parameter(String name, String fallback, boolean required, boolean takesRest) {}

  /// Reads what stands behind `.macro`.
  static Macro define(Cursor cursor, List<Statement> body) {
    String name = cursor.expectSymbol();
    cursor.accept(",");
    List<Parameter> parameters = new ArrayList<>();
    while (!cursor.atEnd()) {
      parameters.add(parameter(cursor));
      cursor.accept(",");
    }
    return new Macro(name, parameters, body);
  }

  private static Parameter parameter(Cursor cursor) {
    String name = cursor.expectSymbol();
    boolean required = false;
    boolean takesRest = false;
    if (cursor.accept(":")) {
      String qualifier = cursor.expectSymbol();
      required = qualifier.equals("req");
      takesRest = qualifier.equals("vararg");
      if (!required && !takesRest) {
        throw new SyntaxError("a macro parameter is ':req' or ':vararg', not ':" + qualifier + "'");
      }
    }
    String fallback = cursor.accept("=") ? unquote(cursor.take(c -> c != ',' && !Character.isWhitespace(c))) : "";
    return new Parameter(name, fallback, required, takesRest);
  }

  /// The statements of a use.
  ///
  /// @param use       the statement that calls the macro
  /// @param arguments what stands behind the name
  /// @param number    for `\@`
  List<Statement> expand(Statement use, String arguments, int number) {
    Map<String, String> values = bind(splitArguments(arguments));
    String origin = " (in macro '" + name + "' used at line " + use.line() + ")" + use.origin();
    List<Statement> result = new ArrayList<>();
    for (Statement statement : body) {
      String text = substitute(statement.text(), values, number);
      result.addAll(SourceReader.split(new Statement(statement.file(), statement.line(), text, origin), text));
    }
    return result;
  }

  private Map<String, String> bind(List<String> arguments) {
    Map<String, String> values = new HashMap<>();
    parameters.forEach(p -> values.put(p.name, p.fallback));
    int next = 0;
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      int equals = argument.indexOf('=');
      String named = equals < 0 ? "" : argument.substring(0, equals).strip();
      if (values.containsKey(named)) {
        values.put(named, unquote(argument.substring(equals + 1).strip()));
        continue;
      }
      if (next == parameters.size()) {
        throw new SyntaxError("macro '" + name + "' has " + next + " parameters, not one for '" + argument + "'");
      }
      Parameter parameter = parameters.get(next++);
      if (parameter.takesRest) {
        values.put(parameter.name, String.join(", ", arguments.subList(i, arguments.size())));
        break;
      }
      if (!argument.isEmpty()) {
        values.put(parameter.name, unquote(argument));
      }
    }
    for (Parameter p : parameters) {
      if (p.required && values.getOrDefault(p.name, "").isEmpty()) {
        throw new SyntaxError("macro '" + name + "' needs its argument '" + p.name + "'");
      }
    }
    return values;
  }

  /// Splits at commas that stand neither in brackets nor in a literal.
  static List<String> splitArguments(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      quoted ^= c == '"';
      if (!quoted) {
        depth += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
        if (c == ',' && depth == 0) {
          parts.add(text.substring(start, i).strip());
          start = i + 1;
        }
      }
    }
    String last = text.substring(start).strip();
    if (!last.isEmpty() || !parts.isEmpty()) {
      parts.add(last);
    }
    return parts;
  }

  private static String unquote(String argument) {
    boolean quoted = argument.length() >= 2 && argument.startsWith("\"") && argument.endsWith("\"");
    return quoted ? argument.substring(1, argument.length() - 1) : argument;
  }

  /// Replaces `\name` for the names in `values`, `\@` and `\()`; other backslashes stay.
  static String substitute(String text, Map<String, String> values, int number) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      int end = i + 1;
      if (text.charAt(i) != '\\') {
        out.append(text.charAt(i));
      } else if (text.startsWith("\\@", i)) {
        out.append(number);
        end = i + 2;
      } else if (text.startsWith("\\()", i)) {
        end = i + 3;
      } else {
        while (end < text.length() && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_')) {
          end++;
        }
        out.append(values.getOrDefault(text.substring(i + 1, end), text.substring(i, end)));
      }
      i = end;
    }
    return out.toString();
  }
}
