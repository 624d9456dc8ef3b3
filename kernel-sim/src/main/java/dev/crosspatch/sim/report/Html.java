package dev.crosspatch.sim.report;

import java.util.Locale;

/// Writes HTML. Text and values of attributes are escaped; who opens an element closes it.
public final class Html {
  private final StringBuilder out = new StringBuilder();

  /// Opens an element.
  ///
  /// @param attributes names and values in turn
  public Html open(String tag, String... attributes) {
    out.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"").append(escape(attributes[i + 1])).append('"');
    }
    out.append('>');
    return this;
  }

  /// Closes elements, the innermost first.
  public Html close(String... tags) {
    for (String tag : tags) {
      out.append("</").append(tag).append('>');
    }
    if (tags.length > 0 && !tags[tags.length - 1].matches("a|b|code|dfn|dt|span|t[dh]")) {
      out.append('\n');
    }
    return this;
  }

  /// Writes text.
  public Html text(String text) {
    out.append(escape(text));
    return this;
  }

  /// An element with text in it.
  public Html element(String tag, String text, String... attributes) {
    return open(tag, attributes).text(text).close(tag);
  }

  /// Writes what another has written.
  public Html add(Html other) {
    out.append(other.out);
    return this;
  }

  /// Writes a drawing.
  public Html add(Svg drawing) {
    out.append(drawing);
    return this;
  }

  /// Writes what is HTML by itself: a style sheet, a type of document.
  Html raw(String html) {
    out.append(html);
    return this;
  }

  /// A whole number with its digits in groups of three.
  public static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /// Words as a sentence.
  public static String sentence(String words) {
    return words.isEmpty() ? "" : words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1)
        + (words.endsWith(".") ? "" : ".");
  }

  static String escape(String raw) {
    return raw.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
