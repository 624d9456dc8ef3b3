package dev.crosspatch.sim.linux;

import dev.crosspatch.sim.BadInput;
import java.math.BigInteger;
import java.util.HexFormat;

/// Numbers of states: `0x` and hexadecimal digits, or decimal ones, which may have a `-` in front.
final class StateNumber {
  private static final String HEXADECIMAL = "0x";

  private StateNumber() {}

  /// One of 64 bits, which may be negative.
  ///
  /// @param field for messages
  /// @throws BadInput if it is none, or has more bits
  static long of(String field, String text) {
    int digits = digits(field, text);
    try {
      return text.startsWith(HEXADECIMAL) ? Long.parseUnsignedLong(text, digits, text.length(), 16)
          : digits > 0 ? Long.parseLong(text) : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw tooLong(field, text, Long.SIZE);
    }
  }

  /// One of so many bits, not negative.
  ///
  /// @param field for messages
  /// @throws BadInput if it is none, negative, or has more bits
  static BigInteger of(String field, String text, int bits) {
    int digits = digits(field, text);
    boolean hexadecimal = text.startsWith(HEXADECIMAL);
    if (digits > 0 && !hexadecimal) {
      throw new BadInput(field + ": " + text + " is negative");
    }
    while (digits < text.length() - 1 && text.charAt(digits) == '0') {
      digits++;
    }
    BigInteger value = text.length() - digits > bits ? null
        : new BigInteger(text.substring(digits), hexadecimal ? 16 : 10);
    if (value == null || value.bitLength() > bits) {
      throw tooLong(field, text, bits);
    }
    return value;
  }

  private static BadInput tooLong(String field, String text, int bits) {
    return new BadInput(field + ": " + text + " has more than " + bits + " bits");
  }

  /// Where its digits begin, of which there is one, and nothing else behind them.
  private static int digits(String field, String text) {
    boolean hexadecimal = text.startsWith(HEXADECIMAL);
    int digits = hexadecimal ? HEXADECIMAL.length() : text.startsWith("-") ? 1 : 0;
    int at = digits;
    while (at < text.length() && (hexadecimal ? HexFormat.isHexDigit(text.charAt(at))
        : text.charAt(at) >= '0' && text.charAt(at) <= '9')) {
      at++;
    }
    if (at == digits || at < text.length()) {
      throw new BadInput(field + ": '" + text + "' is no number");
    }
    return digits;
  }
}
