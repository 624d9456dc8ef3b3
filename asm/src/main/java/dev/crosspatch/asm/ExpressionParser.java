package dev.crosspatch.asm;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/// Reads expressions with the operators, precedence and number forms of gas. Precedence differs from C: `* / % << >>`
/// bind tightest, then `| & ^`, then `+ -` and comparisons, then `&&` and `||`.
final class ExpressionParser {
  private static final List<List<String>> LEVELS =
      List.of(
          List.of("&&", "||"),
          List.of("+", "-", "==", "!=", "<=", ">=", "<", ">"),
          List.of("|", "&", "^"),
          List.of("*", "/", "%", "<<", ">>"));

  /// All operators, so ordered that `<` does not take the half of `<<`.
  private static final List<String> LONGEST_FIRST =
      List.of("&&", "||", "==", "!=", "<=", ">=", "<<", ">>", "+", "-", "<", ">", "|", "&", "^", "*", "/", "%");

  /// Operators and parentheses an expression may have: each costs stack, when it is read and whenever its value is
  /// asked for.
  private static final int MOST_OPERATORS = 1000;
  /// Parentheses in each other: each costs a call for every level of precedence.
  private static final int DEEPEST = 100;

  private final Cursor cursor;
  private final Function<String, Expression> symbols;
  private int operators;
  private int depth;

  /// @param symbols gives what a symbol stands for; also asked for `.`, and for local references as `1b` and `1f`
  ExpressionParser(Cursor cursor, Function<String, Expression> symbols) {
    this.cursor = cursor;
    this.symbols = symbols;
  }

  /// Takes an expression, which must come next.
  Expression parse() {
    return fold(level(0));
  }

  /// Takes an expression that ends before a `+`, `-` or comparison.
  Expression parseTerm() {
    return fold(level(2));
  }

  private static Expression fold(Expression e) {
    return e.isConstant() ? new Expression.Constant(e.constant("")) : e;
  }

  private Expression level(int level) {
    if (level == LEVELS.size()) {
      return operand();
    }
    Expression left = level(level + 1);
    while (true) {
      String operator = operator(level);
      if (operator.isEmpty()) {
        return left;
      }
      count();
      left = new Expression.Binary(operator, left, level(level + 1));
    }
  }

  private void count() {
    if (++operators > MOST_OPERATORS) {
      throw new SyntaxError("an expression has at most " + MOST_OPERATORS + " operators and parentheses");
    }
  }

  /// Takes the operator that comes next if it is one of `level`, else takes nothing and returns an empty string.
  private String operator(int level) {
    int start = cursor.position();
    for (String operator : LONGEST_FIRST) {
      if (cursor.accept(operator)) {
        if (LEVELS.get(level).contains(operator)) {
          return operator;
        }
        cursor.seek(start);
        return "";
      }
    }
    return "";
  }

  private Expression operand() {
    StringBuilder signs = new StringBuilder();
    for (char c = cursor.peek(); c == '-' || c == '~' || c == '!' || c == '+'; c = cursor.peek()) {
      cursor.accept(String.valueOf(c));
      count();
      signs.append(c);
    }
    Expression operand = primary();
    for (int i = signs.length() - 1; i >= 0; i--) {
      operand = signs.charAt(i) == '+' ? operand : new Expression.Unary(signs.charAt(i), operand);
    }
    return operand;
  }

  private Expression primary() {
    char c = cursor.peek();
    if (cursor.accept("(")) {
      count();
      if (++depth > DEEPEST) {
        throw new SyntaxError("an expression has at most " + DEEPEST + " parentheses in each other");
      }
      Expression inner = level(0);
      cursor.expect(")");
      depth--;
      return inner;
    }
    if (c == '\'') {
      cursor.accept("'");
      return new Expression.Constant(cursor.character());
    }
    if (Cursor.isSymbolStart(c)) {
      return symbols.apply(cursor.symbol());
    }
    if (c >= '0' && c <= '9') {
      return number(cursor.take(Cursor::isSymbolPart));
    }
    throw new SyntaxError(cursor.atEnd() ? "a value is missing" : "a value expected before '" + cursor.rest() + "'");
  }

  private Expression number(String digits) {
    if (digits.matches("[0-9]+[bf]")) {
      return symbols.apply(digits);
    }
    try {
      return new Expression.Constant(parseNumber(digits));
    } catch (NumberFormatException e) {
      throw new SyntaxError("'" + digits + "' is not a 64-bit number");
    }
  }

  private static long parseNumber(String digits) {
    String lower = digits.toLowerCase(Locale.ROOT);
    if (lower.startsWith("0x")) {
      return Long.parseUnsignedLong(lower.substring(2), 16);
    }
    if (lower.startsWith("0b")) {
      return Long.parseUnsignedLong(lower.substring(2), 2);
    }
    if (lower.length() > 1 && lower.startsWith("0")) {
      return Long.parseUnsignedLong(lower.substring(1), 8);
    }
    return Long.parseUnsignedLong(lower);
  }
}
