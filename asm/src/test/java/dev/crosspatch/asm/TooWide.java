package dev.crosspatch.asm;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Numbers that do not fit their field: we refuse them, and both LLVM and GNU as cut many of them off.
final class TooWide {
  private static final Pattern MESSAGE = Pattern.compile("immediate (-?)0x([0-9a-f]+) does not fit (8|16|32) bits");
  private static final Pattern NUMBER = Pattern.compile("(?<![\\w.])-?(0x[0-9a-f]+|[0-9]+)\\b");

  private TooWide() {}

  /// `line` with the number cut off that `refusal` tells to be too wide; null if it tells none.
  static @Nullable String cut(String refusal, String line) {
    Matcher wide = MESSAGE.matcher(refusal);
    if (!wide.find()) {
      return null;
    }
    long value = Long.parseUnsignedLong(wide.group(2), 16) * (wide.group(1).isEmpty() ? 1 : -1);
    return NUMBER.matcher(line).replaceAll(m -> value(m.group()) == value ? cut(value, wide.group(3)) : m.group());
  }

  /// `text` with all numbers cut off to the width that `refusal` tells, so that those which are the same in that field
  /// are written the same.
  static String cutAll(String refusal, String text) {
    Matcher wide = MESSAGE.matcher(refusal);
    return wide.find() ? NUMBER.matcher(text).replaceAll(m -> cut(value(m.group()), wide.group(3))) : text;
  }

  private static String cut(long value, String bits) {
    int shift = 64 - Integer.parseInt(bits);
    return String.valueOf(value << shift >> shift);
  }

  private static long value(String number) {
    String digits = number.replaceFirst("^-", "");
    long value = digits.startsWith("0x")
        ? Long.parseUnsignedLong(digits.substring(2), 16) : Long.parseUnsignedLong(digits);
    return number.startsWith("-") ? -value : value;
  }
}
