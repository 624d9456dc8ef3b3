package dev.crosspatch.sim.report;

import java.util.Locale;

/// Writes a drawing, as an SVG that stands within a page, where colours are classes of the page's style sheet, or in a
/// file of its own, which has one, too. What is drawn later covers what was drawn before.
public final class Svg {
  /// Size of a letter of the drawings' font, as a part of the font's size: it is one of even width.
  static final double LETTER = 0.61;
  /// Size of the font.
  static final int FONT = 11;

  private final StringBuilder out = new StringBuilder();

  /// Begins a drawing of that size.
  ///
  /// @param id          of its own within the page
  /// @param title       what it shows
  /// @param description the same in more words, for who cannot see it
  public Svg(String id, double width, double height, String title, String description) {
    out.append("<svg viewBox=\"0 0 ").append(number(width)).append(' ')
        .append(number(height)).append("\" role=\"img\" aria-labelledby=\"").append(id).append("-t ").append(id)
        .append("-d\"><title id=\"").append(id).append("-t\">").append(Html.escape(title)).append("</title><desc id=\"")
        .append(id).append("-d\">").append(Html.escape(description)).append("</desc>\n");
  }

  /// Begins a drawing that is a file of its own.
  ///
  /// @param style sheet with the classes that it uses
  public static Svg file(double width, double height, String title, String description, String style) {
    Svg svg = new Svg("drawing", width, height, title, description);
    svg.out.insert("<svg".length(), " xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number(width) + "\" height=\""
        + number(height) + "\"");
    svg.out.append("<style>").append(Html.escape(style)).append("</style>\n");
    return svg;
  }

  /// Begins a sign that stands beside the words that say what it means.
  Svg(double width, double height) {
    out.append("<svg viewBox=\"0 0 ").append(number(width)).append(' ').append(number(height))
        .append("\" aria-hidden=\"true\">");
  }

  /// Width of a text.
  public static double width(String text) {
    return text.length() * LETTER * FONT;
  }

  /// A round number for the steps of a scale, of which `range` has no more than `most`.
  public static long step(long range, int most) {
    long step = 1;
    while (range / step > most) {
      int first = Integer.parseInt(String.valueOf(step).substring(0, 1));
      step = first == 2 ? step / 2 * 5 : step * 2;
    }
    return step;
  }

  /// A rectangle.
  public Svg rect(String classes, double x, double y, double width, double height) {
    return shape("rect", classes, "x", x, "y", y, "width", width, "height", height);
  }

  /// A line.
  public Svg line(String classes, double x1, double y1, double x2, double y2) {
    return shape("line", classes, "x1", x1, "y1", y1, "x2", x2, "y2", y2);
  }

  /// A circle.
  public Svg circle(String classes, double x, double y, double radius) {
    return shape("circle", classes, "cx", x, "cy", y, "r", radius);
  }

  /// A closed path through points, x and y in turn.
  public Svg polygon(String classes, double... points) {
    return points("polygon", classes, points);
  }

  /// Lines from point to point, x and y in turn.
  public Svg polyline(String classes, double... points) {
    return points("polyline", classes, points);
  }

  private Svg points(String tag, String classes, double... points) {
    out.append('<').append(tag).append(" class=\"").append(classes).append("\" points=\"");
    for (double p : points) {
      out.append(number(p)).append(' ');
    }
    out.append("\"/>\n");
    return this;
  }

  /// Text, of which `x` is the `start`, the `middle` or the `end`, and `y` the base line.
  public Svg text(String classes, String anchor, double x, double y, String text) {
    out.append("<text class=\"").append(classes).append("\" text-anchor=\"").append(anchor).append("\" x=\"")
        .append(number(x)).append("\" y=\"").append(number(y)).append("\">").append(Html.escape(text))
        .append("</text>\n");
    return this;
  }

  /// Begins what belongs together, with words that a pointer brings up.
  public Svg group(String title) {
    out.append("<g><title>").append(Html.escape(title)).append("</title>");
    return this;
  }

  /// Ends it.
  public Svg end() {
    out.append("</g>\n");
    return this;
  }

  private Svg shape(String tag, String classes, Object... attributes) {
    out.append('<').append(tag).append(" class=\"").append(classes).append('"');
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"").append(number((Double) attributes[i + 1])).append('"');
    }
    out.append("/>\n");
    return this;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value).replaceFirst("\\.0$", "");
  }

  /// The whole drawing.
  @Override
  public String toString() {
    return out + "</svg>\n";
  }
}
