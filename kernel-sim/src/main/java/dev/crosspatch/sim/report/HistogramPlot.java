package dev.crosspatch.sim.report;

import java.util.Arrays;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/// Draws how often which value was found: a bar for each of some equal stretches of values, with the median and the
/// 99th percentile.
public final class HistogramPlot {
  private static final int WIDTH = 420;
  private static final int HEIGHT = 190;
  private static final int LEFT = 8;
  private static final int RIGHT = 8;
  private static final int TOP = 40;
  private static final int BOTTOM = HEIGHT - 26;
  private static final int BARS = 48;
  /// Behind this multiple of the 99th percentile values are only counted.
  private static final int FAR = 3;

  private final Histogram values;
  private final Svg svg;
  private final long step;
  private final long from;
  private final long to;
  private final long[] counts = new long[BARS];
  private long beyond;

  private HistogramPlot(Histogram values, String id, String title) {
    this.values = values;
    long low = values.getMinValue();
    long high = Math.min(values.getMaxValue(), FAR * values.getValueAtPercentile(99));
    step = Svg.step(Math.max(1, high - low), 4);
    from = low / step * step;
    to = Math.max(from + step, (high + step - 1) / step * step);
    svg = new Svg(id, WIDTH, HEIGHT, title, String.format("%s values from %s to %s, the median is %s, the 99th "
        + "percentile %s.", Html.number(values.getTotalCount()), Html.number(low), Html.number(values.getMaxValue()),
        Html.number(values.getValueAtPercentile(50)), Html.number(values.getValueAtPercentile(99))));
  }

  /// Draws a histogram that has values.
  ///
  /// @param id    of its own within the page
  /// @param title what it shows
  public static Svg of(Histogram values, String id, String title) {
    return new HistogramPlot(values, id, title).draw();
  }

  private Svg draw() {
    count();
    bars();
    axis();
    mark(50, TOP - 24);
    mark(99, TOP - 8);
    if (beyond > 0) {
      String label = Html.number(beyond) + " more ▸";
      svg.text("later", "end", WIDTH - 2, TOP + 10, label);
    }
    return svg;
  }

  private void count() {
    for (HistogramIterationValue v : values.recordedValues()) {
      long value = v.getValueIteratedTo();
      int bar = (int) ((value - from) * BARS / (to - from));
      if (value > to) {
        beyond += v.getCountAddedInThisIterationStep();
      } else {
        counts[Math.clamp(bar, 0, BARS - 1)] += v.getCountAddedInThisIterationStep();
      }
    }
  }

  private void bars() {
    long most = Math.max(1, Arrays.stream(counts).max().orElse(1));
    double width = (double) (WIDTH - LEFT - RIGHT) / BARS;
    for (int i = 0; i < BARS; i++) {
      if (counts[i] > 0) {
        double height = Math.max(1.5, (double) counts[i] * (BOTTOM - TOP) / most);
        long begin = from + (to - from) * i / BARS;
        svg.group(String.format("%s values within %s..%s", Html.number(counts[i]), Html.number(begin),
            Html.number(from + (to - from) * (i + 1) / BARS)));
        svg.rect("bar", LEFT + i * width, BOTTOM - height, width - 1, height).end();
      }
    }
  }

  private double x(long value) {
    return LEFT + (double) (Math.min(value, to) - from) * (WIDTH - LEFT - RIGHT) / (to - from);
  }

  private void axis() {
    svg.line("axis", LEFT, BOTTOM, WIDTH - RIGHT, BOTTOM);
    double free = 0;
    for (long tick = from; tick <= to; tick += step) {
      String label = Html.number(tick);
      double half = Svg.width(label) / 2;
      double middle = Math.clamp(x(tick), half, WIDTH - half);
      svg.line("axis", x(tick), BOTTOM, x(tick), BOTTOM + 4);
      if (middle - half >= free) {
        svg.text("axis", "middle", middle, BOTTOM + 18, label);
        free = middle + half + 10;
      }
    }
  }

  /// A line at a percentile, with its name in a row of its own.
  private void mark(int percentile, double y) {
    long value = values.getValueAtPercentile(percentile);
    String label = "p" + percentile + " " + Html.number(value);
    double x = x(value);
    boolean room = x + 4 + Svg.width(label) < WIDTH;
    svg.line("mark", x, y - 8, x, BOTTOM);
    svg.text("mark", room ? "start" : "end", room ? x + 4 : x - 4, y, label);
  }
}
