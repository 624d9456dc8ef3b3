package dev.crosspatch.sim.sweep;

import dev.crosspatch.sim.fields.Setting;
import dev.crosspatch.sim.report.Svg;
import dev.crosspatch.sim.sweep.Row.Cycles;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/// Draws how long flips took over a key that was swept, as an SVG file: median, 99th percentile and the longest, of
/// several seeds the medians of these. Numbers stand to scale, other values side by side. Each scenario, and each
/// combination of the other keys, has lines of its own.
public final class LatencyPlot {
  /// How the file begins.
  public static final String BEGINS = "<svg xmlns=\"http://www.w3.org/2000/svg\"";

  private static final int WIDTH = 760;
  private static final int LEFT = 84;
  private static final int RIGHT = 30;
  private static final int TOP = 46;
  private static final int BOTTOM = 340;
  private static final int LEGEND = 18;
  private static final int TICKS = 6;
  private static final int COLOURS = 8;
  private static final Cycles NONE = new Cycles(0, 0, 0, 0);
  private static final Pattern NUMBER = Pattern.compile("\\d{1,15}");
  private static final String STYLE = """
      svg { background: #fdfdfc; } text { font: 12px ui-monospace, "DejaVu Sans Mono", monospace; fill: #1b2430; }
      .title { font-weight: bold; font-size: 14px; } .muted { fill: #55606d; }
      .axis { stroke: #55606d; } .grid { stroke: #d3dae1; } text.axis { stroke: none; }
      polyline { fill: none; stroke-width: 2; } polyline.p99 { stroke-dasharray: 7 4; }
      polyline.max { stroke-dasharray: 2 3; }
      .c0 { stroke: #17528f; } .c1 { stroke: #a3202a; } .c2 { stroke: #1c6b35; } .c3 { stroke: #8a4fa8; }
      .c4 { stroke: #b35c00; } .c5 { stroke: #00788a; } .c6 { stroke: #5b6672; } .c7 { stroke: #c2408a; }
      .any { stroke: #1b2430; stroke-width: 2; } circle { fill: #fdfdfc; stroke-width: 1.6; }
      @media (prefers-color-scheme: dark) {
        svg { background: #11161b; } text { fill: #e4eaf0; } .muted { fill: #a3b0bc; } .grid { stroke: #303b46; }
        .axis { stroke: #a3b0bc; } .any { stroke: #e4eaf0; } circle { fill: #11161b; }
        .c0 { stroke: #6db3f8; } .c1 { stroke: #ff9a94; } .c2 { stroke: #6fd08a; } .c3 { stroke: #cfa4e8; }
        .c4 { stroke: #f0b64f; } .c5 { stroke: #5fd0e0; } .c6 { stroke: #a9b4bf; } .c7 { stroke: #ff9ad0; } }
      """;

  private static final List<Line> LINES = List.of(new Line("p50", Cycles::p50), new Line("p99", Cycles::p99),
      new Line("max", Cycles::max));

  private final Axis over;
  private final boolean toScale;
  private final List<LatencySeries> series;
  private final double lowest;
  private final double highest;
  private final long step;
  private final long top;
  private final Svg svg;

  /// A line of the plot.
  private record Line(String label, ToLongFunction<Cycles> value) {}

  private LatencyPlot(Axis over, List<LatencySeries> series) {
    this.over = over;
    this.series = series;
    toScale = over.values().stream().allMatch(v -> NUMBER.matcher(v.value()).matches());
    lowest = IntStream.range(0, over.values().size()).mapToDouble(this::number).min().orElse(0);
    highest = IntStream.range(0, over.values().size()).mapToDouble(this::number).max().orElse(1);
    long most = series.stream().flatMap(s -> s.places().values().stream()).mapToLong(Cycles::max).max().orElse(1);
    step = Svg.step(most, TICKS);
    top = Math.max(1, (most + step - 1) / step) * step;
    String title = "Flip latency over " + over.key();
    svg = Svg.file(WIDTH, BOTTOM + 66 + LEGEND * series.size(), title, "Median, 99th percentile and longest in guest "
        + "cycles, for " + over.key() + " " + over.values().stream().map(Setting::value)
        .collect(Collectors.joining(", ")) + ".", STYLE);
    svg.text("title", "start", 12, 22, title + ", guest cycles");
  }

  /// The whole file.
  ///
  /// @param over the key, with two values or more
  /// @param rows what came of the runs
  public static String svg(Axis over, List<Row> rows) {
    return new LatencyPlot(over, LatencySeries.of(over, rows)).draw();
  }

  private String draw() {
    ordinates();
    abscissae();
    for (int i = 0; i < series.size(); i++) {
      for (Line line : LINES) {
        line(series.get(i), line, line.label() + " c" + i % COLOURS);
      }
    }
    legend();
    return svg.toString();
  }

  private double number(int place) {
    return toScale ? Long.parseLong(over.values().get(place).value()) : place;
  }

  private double x(int place) {
    return LEFT + (number(place) - lowest) * (WIDTH - LEFT - RIGHT) / (highest - lowest);
  }

  private double y(long cycles) {
    return BOTTOM - (double) cycles * (BOTTOM - TOP) / top;
  }

  private void ordinates() {
    for (long tick = 0; tick <= top; tick += step) {
      svg.line(tick == 0 ? "axis" : "grid", LEFT, y(tick), WIDTH - RIGHT, y(tick));
      svg.text("axis", "end", LEFT - 8, y(tick) + 4, String.format(Locale.ROOT, "%,d", tick));
    }
  }

  /// Each value at its place; its name, too, where there is room behind the one before.
  private void abscissae() {
    double free = 0;
    List<Integer> places = IntStream.range(0, over.values().size()).boxed()
        .sorted(Comparator.comparingDouble(this::number)).toList();
    for (int place : places) {
      String label = over.values().get(place).value();
      double half = Svg.width(label) * 12 / 11 / 2;
      double at = Math.clamp(x(place), half, Math.max(half, WIDTH - half - 2));
      svg.line("axis", x(place), BOTTOM, x(place), BOTTOM + 5);
      if (at - half >= free) {
        svg.text("axis", "middle", at, BOTTOM + 20, label);
        free = at + half + 8;
      }
    }
    svg.text("muted", "middle", (LEFT + WIDTH - RIGHT) / 2.0, BOTTOM + 38, over.key());
  }

  private void line(LatencySeries of, Line line, String classes) {
    List<Integer> places = of.places().keySet().stream().sorted(Comparator.comparingDouble(this::number)).toList();
    svg.polyline(classes, places.stream().flatMapToDouble(place -> DoubleStream.of(x(place),
        y(line.value().applyAsLong(of.places().getOrDefault(place, NONE))))).toArray());
    of.places().forEach((place, cycles) -> {
      long value = line.value().applyAsLong(cycles);
      svg.group(String.format(Locale.ROOT, "%s %s %s: %,d cycles (%d runs)", over.values().get(place), of.name(),
          line.label(), value, cycles.count()));
      svg.circle(classes, x(place), y(value), 3.5).end();
    });
  }

  private void legend() {
    double y = BOTTOM + 60;
    for (int i = 0; i < LINES.size(); i++) {
      svg.polyline(LINES.get(i).label() + " any", LEFT + i * 110, y - 4, LEFT + i * 110 + 36, y - 4);
      svg.text("legend", "start", LEFT + i * 110 + 44, y, LINES.get(i).label());
    }
    for (int i = 0; series.size() > 1 && i < series.size(); i++) {
      double row = y + LEGEND * (i + 1);
      svg.polyline("c" + i % COLOURS, LEFT, row - 4, LEFT + 36, row - 4);
      svg.text("legend", "start", LEFT + 44, row, series.get(i).name());
    }
  }
}
