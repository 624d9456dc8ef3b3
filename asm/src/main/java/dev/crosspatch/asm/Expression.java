package dev.crosspatch.asm;

import java.util.function.ToLongFunction;

/// A parsed expression over 64-bit values that wrap around.
public sealed interface Expression {
  /// A number.
  record Constant(long value) implements Expression {}

  /// A symbol whose value depends on the layout or was not known yet when the expression was read.
  record Reference(String symbol) implements Expression {}

  /// `-`, `~` or `!` before an operand.
  record Unary(char operator, Expression operand) implements Expression {}

  /// An operator between two operands.
  record Binary(String operator, Expression left, Expression right) implements Expression {}

  /// Whether the value is known without any symbol.
  default boolean isConstant() {
    return switch (this) {
      case Constant c -> true;
      case Reference r -> false;
      case Unary u -> u.operand.isConstant();
      case Binary b -> b.left.isConstant() && b.right.isConstant();
    };
  }

  /// How many addresses are in the value: 1 for a label with a distance, 0 for a constant or the distance of two
  /// labels.
  default int labels() {
    return switch (this) {
      case Constant c -> 0;
      case Reference r -> 1;
      case Unary u -> u.operand.labels();
      case Binary b ->
          switch (b.operator) {
            case "+" -> b.left.labels() + b.right.labels();
            case "-" -> b.left.labels() - b.right.labels();
            default -> 0;
          };
    };
  }

  /// The value of a constant expression.
  ///
  /// @param use what it is for, to name in the error
  default long constant(String use) {
    if (!isConstant()) {
      throw new SyntaxError(use + " needs a value known at this point");
    }
    return value(symbol -> 0);
  }

  /// The value, with those of symbols from `symbols`.
  default long value(ToLongFunction<String> symbols) {
    return switch (this) {
      case Constant c -> c.value;
      case Reference r -> symbols.applyAsLong(r.symbol);
      case Unary u -> unary(u.operator, u.operand.value(symbols));
      case Binary b -> binary(b.operator, b.left.value(symbols), b.right.value(symbols));
    };
  }

  private static long unary(char operator, long x) {
    return switch (operator) {
      case '-' -> -x;
      case '~' -> ~x;
      case '!' -> x == 0 ? 1 : 0;
      default -> throw new IllegalArgumentException("no unary operator " + operator);
    };
  }

  private static long binary(String operator, long x, long y) {
    return switch (operator) {
      case "*" -> x * y;
      case "/" -> x / divisor(y);
      case "%" -> x % divisor(y);
      case "<<" -> y >= 64 ? 0 : x << y;
      case ">>" -> y >= 64 ? 0 : x >>> y;
      case "|" -> x | y;
      case "&" -> x & y;
      case "^" -> x ^ y;
      case "+" -> x + y;
      case "-" -> x - y;
      case "==" -> truth(x == y);
      case "!=" -> truth(x != y);
      case "<" -> truth(x < y);
      case ">" -> truth(x > y);
      case "<=" -> truth(x <= y);
      case ">=" -> truth(x >= y);
      case "&&" -> x != 0 && y != 0 ? 1 : 0;
      case "||" -> x != 0 || y != 0 ? 1 : 0;
      default -> throw new IllegalArgumentException("no operator " + operator);
    };
  }

  /// A comparison that holds is all ones, as in gas.
  private static long truth(boolean holds) {
    return holds ? -1 : 0;
  }

  private static long divisor(long y) {
    if (y == 0) {
      throw new SyntaxError("division by zero");
    }
    return y;
  }
}
