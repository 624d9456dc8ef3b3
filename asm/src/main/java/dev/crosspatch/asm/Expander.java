package dev.crosspatch.asm;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Decides which statements a unit gets to read: macros, repetitions and conditions, as gas has them.
final class Expander {
  private static final int DEEPEST_EXPANSION = 50;
  private static final long MOST_REPETITIONS = 1_000_000;

  /// Statements that macros and repetitions may make in all.
  private static final long MOST_STATEMENTS = 8_000_000;

  /// A `.if` that is open.
  ///
  /// @param start  the statement
  /// @param active whether the statements now coming count
  /// @param taken  whether a branch counted already, or none may
  private record Condition(Statement start, boolean active, boolean taken) {}

  private final Unit unit;
  private final Map<String, Macro> macros = new HashMap<>();
  private final Deque<Condition> conditions = new ArrayDeque<>();
  private int expansions;
  private int depth;
  private long expanded;

  Expander(Unit unit) {
    this.unit = unit;
  }

  /// Feeds `statements` to the unit and ends it.
  void run(List<Statement> statements) {
    runAll(statements);
    if (!conditions.isEmpty()) {
      throw conditions.element().start.error("condition without .endif");
    }
    unit.finish();
  }

  private void runAll(List<Statement> statements) {
    int i = 0;
    while (i < statements.size()) {
      Statement statement = statements.get(i);
      try {
        i = step(statements, i);
      } catch (SyntaxError e) {
        throw statement.error(e.reason());
      }
    }
  }

  private boolean active() {
    return conditions.isEmpty() || conditions.element().active;
  }

  /// Does statement `i` and returns the index of the next.
  private int step(List<Statement> statements, int i) {
    Statement statement = active() ? afterLabels(statements.get(i)) : statements.get(i);
    Cursor cursor = new Cursor(statement.text());
    String word = cursor.symbol().toLowerCase(Locale.ROOT);
    if (readCondition(word, cursor, statement) || !active()) {
      return i + 1;
    }
    switch (word) {
      case ".macro" -> {
        return defineMacro(cursor, statements, i);
      }
      case ".rept", ".irp" -> {
        return repeat(word, cursor, statements, i);
      }
      case ".endm", ".endr" -> throw new SyntaxError(word + " ends nothing");
      case ".purgem" -> macros.remove(cursor.expectSymbol());
      case ".err", ".error" -> throw new SyntaxError(cursor.rest().isEmpty() ? ".err" : cursor.rest());
      default -> use(statement, cursor);
    }
    return i + 1;
  }

  /// Has labels before a statement read, so that the statement may be a macro or any of the words above.
  private Statement afterLabels(Statement statement) {
    String text = statement.text();
    int colon = text.indexOf(':');
    while (colon > 0 && text.substring(0, colon).strip().chars().allMatch(Cursor::isSymbolPart)) {
      String rest = text.substring(colon + 1).strip();
      if (rest.isEmpty()) {
        break;
      }
      unit.read(statement.withText(text.substring(0, colon + 1)));
      text = rest;
      colon = text.indexOf(':');
    }
    return statement.withText(text);
  }

  private void use(Statement statement, Cursor cursor) {
    cursor.seek(0);
    Macro macro = macros.get(cursor.symbol());
    if (macro == null || statement.text().endsWith(":")) {
      unit.read(statement);
      return;
    }
    List<Statement> body = macro.expand(statement, cursor.rest(), expansions++);
    nested(body);
  }

  private void nested(List<Statement> body) {
    if (++depth > DEEPEST_EXPANSION) {
      throw new SyntaxError("macros nest deeper than " + DEEPEST_EXPANSION);
    }
    expanded += body.size();
    if (expanded > MOST_STATEMENTS) {
      throw new SyntaxError("macros and repetitions make more than " + MOST_STATEMENTS + " statements");
    }
    runAll(body);
    depth--;
  }

  private int defineMacro(Cursor cursor, List<Statement> statements, int start) {
    int end = findEnd(statements, start, ".macro", ".endm");
    Macro macro = Macro.define(cursor, List.copyOf(statements.subList(start + 1, end)));
    macros.put(macro.name(), macro);
    return end + 1;
  }

  private int repeat(String word, Cursor cursor, List<Statement> statements, int start) {
    int end = findEnd(statements, start, ".rept", ".endr");
    List<Statement> body = List.copyOf(statements.subList(start + 1, end));
    if (word.equals(".irp")) {
      forEach(cursor, body);
    } else {
      long count = unit.expression(cursor).constant("the count of .rept");
      cursor.expectEnd();
      if (count < 0 || count > MOST_REPETITIONS) {
        throw new SyntaxError("cannot repeat " + count + " times");
      }
      for (long n = 0; n < count; n++) {
        nested(body);
      }
    }
    return end + 1;
  }

  private void forEach(Cursor cursor, List<Statement> body) {
    String name = cursor.expectSymbol();
    cursor.accept(",");
    for (String value : Macro.splitArguments(cursor.rest())) {
      nested(
          body.stream()
              .map(s -> s.withText(Macro.substitute(s.text(), Map.of(name, value), expansions)))
              .toList());
    }
  }

  /// Index of the statement that closes the one at `start`. `.irp` closes as `.rept` does.
  private static int findEnd(List<Statement> statements, int start, String open, String close) {
    int nesting = 1;
    for (int i = start + 1; i < statements.size(); i++) {
      String word = new Cursor(statements.get(i).text()).symbol().toLowerCase(Locale.ROOT);
      if (word.equals(open) || (open.equals(".rept") && word.equals(".irp"))) {
        nesting++;
      } else if (word.equals(close) && --nesting == 0) {
        return i;
      }
    }
    throw new SyntaxError("no " + close + " for this");
  }

  private boolean readCondition(String word, Cursor cursor, Statement statement) {
    switch (word) {
      case ".if", ".ifne", ".ifeq", ".ifgt", ".ifge", ".iflt", ".ifle", ".ifdef", ".ifndef", ".ifnotdef", ".ifb",
          ".ifnb", ".ifc", ".ifnc" -> {
        boolean holds = active() && holds(word, cursor);
        conditions.push(new Condition(statement, holds, holds || !active()));
      }
      case ".elseif" -> {
        Condition open = open(word);
        boolean holds = !open.taken && holds(".if", cursor);
        conditions.push(new Condition(open.start, holds, open.taken || holds));
      }
      case ".else" -> {
        Condition open = open(word);
        conditions.push(new Condition(open.start, !open.taken, true));
      }
      case ".endif" -> open(word);
      default -> {
        return false;
      }
    }
    return true;
  }

  /// Takes the innermost open condition.
  private Condition open(String word) {
    if (conditions.isEmpty()) {
      throw new SyntaxError(word + " without .if");
    }
    return conditions.pop();
  }

  private boolean holds(String word, Cursor cursor) {
    return switch (word) {
      case ".ifdef" -> unit.symbols().isDefined(cursor.expectSymbol());
      case ".ifndef", ".ifnotdef" -> !unit.symbols().isDefined(cursor.expectSymbol());
      case ".ifb" -> cursor.atEnd();
      case ".ifnb" -> !cursor.atEnd();
      case ".ifc" -> sameArguments(cursor);
      case ".ifnc" -> !sameArguments(cursor);
      default -> compare(word, number(cursor));
    };
  }

  private long number(Cursor cursor) {
    long value = unit.expression(cursor).constant("a condition");
    cursor.expectEnd();
    return value;
  }

  private static boolean compare(String word, long value) {
    return switch (word) {
      case ".if", ".ifne" -> value != 0;
      case ".ifeq" -> value == 0;
      case ".ifgt" -> value > 0;
      case ".ifge" -> value >= 0;
      case ".iflt" -> value < 0;
      case ".ifle" -> value <= 0;
      default -> throw new IllegalArgumentException(word);
    };
  }

  private static boolean sameArguments(Cursor cursor) {
    List<String> two = Macro.splitArguments(cursor.rest());
    if (two.size() != 2) {
      throw new SyntaxError("two texts expected, with a comma between");
    }
    return two.get(0).equals(two.get(1));
  }
}
