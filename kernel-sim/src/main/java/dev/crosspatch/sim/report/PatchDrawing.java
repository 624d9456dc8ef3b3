package dev.crosspatch.sim.report;

import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.window.PatchTimeline;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Draws what happened around a poke: time from left to right, a lane for each CPU with what it ran at the site, its
/// synchronizations and the interrupts that asked for them, all between the stores that changed the text.
public final class PatchDrawing {
  /// Above the lanes: a line for the report, one for the failure, one for what the stores did.
  private static final int HEAD = 56;
  private static final int LINE = 16;
  private static final int FOOT = 24;
  private static final int ROW = 14;
  /// A lane's rows: old text, breakpoint or parts, new text; then what the CPU did besides.
  private static final int ROWS = 4;
  private static final int GAP = 9;
  private static final int LANE = ROWS * ROW + GAP;
  private static final List<String> SORTS = List.of("old", "trap", "parts", "new");
  /// Most lanes.
  private static final int LANES = 16;
  /// Least width of what was run.
  private static final int BAR = 7;
  private static final int RIGHT = 10;

  private final PatchTimeline timeline;
  private final int width;
  private final int left;
  private final long from;
  private final long to;
  private final Svg svg;
  /// CPUs that have a lane, from top to bottom.
  private final List<Integer> lanes;
  /// By lane and row, up to where something stands already.
  private final double[] taken;

  private PatchDrawing(PatchTimeline timeline, String id, String title, int width, @Nullable Failed failed) {
    this.timeline = timeline;
    this.width = width;
    left = width < 600 ? 30 : 62;
    from = timeline.begin();
    long end = Math.max(from + 1, end(timeline));
    to = failed != null && failed.cycle() > end && failed.cycle() < 2 * end - from ? failed.cycle() : end;
    lanes = lanes(timeline, failed);
    taken = new double[lanes.size() * ROWS];
    svg = new Svg(id, width, bottom() + FOOT, title,
        "Time runs from left to right. Each CPU has a lane. The list beside the drawing tells the same in words.");
  }

  /// Draws it.
  ///
  /// @param id     of its own within the page
  /// @param width  in units of which a letter takes about seven
  /// @param failed what went wrong there; null if nothing did
  public static Svg of(PatchTimeline timeline, String id, String title, int width, @Nullable Failed failed) {
    PatchDrawing drawing = new PatchDrawing(timeline, id, title, width, failed);
    if (failed != null) {
      drawing.failed(failed);
    }
    return drawing.draw();
  }

  /// The CPUs that have a lane: all, or of many those that patch or fail, and those that did most at the site.
  public static List<Integer> lanes(PatchTimeline timeline, @Nullable Failed failed) {
    Map<Integer, Long> weights = new TreeMap<>();
    for (int cpu = 0; cpu < timeline.cpus(); cpu++) {
      boolean needed = cpu == timeline.poke().cpu() || (failed != null && cpu == failed.cpu());
      weights.put(cpu, needed ? Long.MAX_VALUE / 2 : 0);
    }
    timeline.ran().stream().filter(ran -> !sort(ran).equals("new"))
        .forEach(ran -> weights.merge(ran.cpu(), sort(ran).equals("parts") ? 1L << 40 : ran.count(), Long::sum));
    return weights.entrySet().stream().sorted(Map.Entry.comparingByValue(Comparator.reverseOrder())).limit(LANES)
        .map(Map.Entry::getKey).sorted().toList();
  }

  /// What went wrong in a few letters, where and when.
  public record Failed(int cpu, long cycle, String what) {}

  /// The last moment but for what merely goes on: a CPU that comes by much later and runs the new text.
  private static long end(PatchTimeline timeline) {
    long patch = timeline.moments().stream().filter(m -> m.mark() != 'n').mapToLong(PatchTimeline.Moment::cycle).max()
        .orElse(timeline.begin());
    long all = timeline.moments().getLast().cycle();
    return all - patch < patch - timeline.begin() ? all : patch;
  }

  private Svg draw() {
    timeline.moments().stream().filter(m -> m.mark() == 'R' && m.cycle() <= to).forEach(m -> report(x(m.cycle())));
    states();
    axis();
    for (int cpu : lanes) {
      String label = width < 600 ? String.valueOf(cpu) : "CPU " + cpu;
      svg.text("lane", "start", 2, top(cpu) + 2 * ROW, label);
      svg.line("base", left, beside(cpu), width - RIGHT, beside(cpu));
    }
    asked();
    timeline.ran().stream().filter(ran -> lanes.contains(ran.cpu())).forEach(this::ran);
    timeline.moments().forEach(this::moment);
    return svg;
  }

  private double x(long cycle) {
    double part = (double) (Math.min(cycle, to) - from) / (to - from);
    return left + 8 + part * (width - left - RIGHT - 16);
  }

  private double top(int cpu) {
    return HEAD + GAP + (double) lanes.indexOf(cpu) * LANE;
  }

  private double beside(int cpu) {
    return top(cpu) + (ROWS - 0.5) * ROW;
  }

  private double bottom() {
    return HEAD + GAP + (double) lanes.size() * LANE;
  }

  /// What the stores made of the text, as a band from each to the next.
  private void states() {
    List<PatchTimeline.Store> stores = timeline.stores();
    double free = left;
    int alike = 0;
    for (int i = 0; i < stores.size(); i = alike) {
      StringBuilder bytes = new StringBuilder();
      while (alike < stores.size() && stores.get(alike).kind() == stores.get(i).kind()) {
        bytes.append(' ').append(Json.hex(stores.get(alike++).bytes()));
      }
      String kind = stores.get(i).kind().label();
      double begin = x(stores.get(i).cycle());
      double end = alike < stores.size() ? x(stores.get(alike).cycle()) : width - RIGHT;
      svg.group(kind + ":" + bytes + " stored from +" + Html.number(stores.get(i).cycle() - from) + " on");
      svg.rect("state " + kind, begin, HEAD, end - begin, bottom() - HEAD);
      for (PatchTimeline.Store store : stores.subList(i, alike)) {
        svg.line("store", x(store.cycle()), HEAD - 14, x(store.cycle()), bottom());
      }
      double text = x(stores.get(alike - 1).cycle());
      String label = fits(kind + bytes, text, end) ? kind + bytes : fits(kind, text, end) ? kind : "";
      if (text >= free && !label.isEmpty()) {
        svg.text("state", "start", text + 4, HEAD - 4, label);
        free = text + 4 + Svg.width(label);
      }
      svg.end();
    }
  }

  private static boolean fits(String label, double begin, double end) {
    return begin + Svg.width(label) + 8 <= end;
  }

  private void axis() {
    svg.line("axis", left, bottom(), width - RIGHT, bottom());
    double free = left;
    for (long tick = 0; from + tick <= to; tick += Svg.step(to - from, width < 600 ? 3 : 8)) {
      double x = x(from + tick);
      String label = "+" + Html.number(tick);
      double begin = Math.min(x - Svg.width(label) / 2, width - Svg.width(label));
      svg.line("axis", x, bottom(), x, bottom() + 4);
      if (begin >= free - 12) {
        svg.text("axis", "start", Math.max(0, begin), bottom() + 18, label);
        free = begin + Svg.width(label) + 20;
      }
    }
  }

  /// An arrow from each interrupt to where its CPU took it, or synchronized.
  private void asked() {
    for (PatchTimeline.Sent sent : timeline.sent()) {
      if (!lanes.contains(sent.cpu()) || !lanes.contains(sent.to())) {
        continue;
      }
      Optional<PatchTimeline.Moment> answer = timeline.moments().stream()
          .filter(m -> m.cpu() == sent.to() && m.cycle() >= sent.cycle() && (m.mark() == 'I' || m.mark() == 's'))
          .findFirst();
      boolean again = answer.isPresent() && timeline.sent().stream().anyMatch(s -> s.to() == sent.to()
          && s.cycle() > sent.cycle() && s.cycle() <= answer.get().cycle());
      if (answer.isPresent() && !again && answer.get().cycle() <= to) {
        svg.line("asked", x(sent.cycle()), beside(sent.cpu()), x(answer.get().cycle()), beside(sent.to()));
      }
    }
  }

  private static String sort(PatchTimeline.Ran ran) {
    return ran.outcome().matches("old|new|trap") ? ran.outcome() : "parts";
  }

  private void ran(PatchTimeline.Ran ran) {
    String sort = sort(ran);
    int row = sort.equals("old") ? 0 : sort.equals("new") ? 2 : 1;
    if (ran.first() > to) {
      later(ran, row);
      return;
    }
    double y = top(ran.cpu()) + row * ROW + 1.5;
    double begin = x(ran.first()) - BAR / 2.0;
    double end = row == 2 ? width - RIGHT : Math.max(begin + BAR, x(ran.last()) + BAR / 2.0);
    svg.group(words(ran));
    if (row == 2) {
      svg.rect("ran " + sort, begin, y, end - begin, ROW - 4);
    } else {
      svg.rect("between", begin, y + 3.5, end - begin, 3);
      svg.rect("ran " + sort, begin, y, BAR, ROW - 4).rect("ran " + sort, end - BAR, y, BAR, ROW - 4);
    }
    svg.end();
    String label = (ran.outcome() + (row == 2 || ran.count() == 1 ? "" : " ×" + ran.count())
        + (ran.stale() > 0 && row != 1 ? " stale" : "")).strip();
    label(lanes.indexOf(ran.cpu()) * ROWS + row, label, begin, end, y + ROW - 5, row == 2);
  }

  /// What a CPU ran that came by only behind the drawing's end.
  private void later(PatchTimeline.Ran ran, int row) {
    String label = ran.outcome() + " at +" + Html.number(ran.first() - from) + " ▸";
    svg.text("later", "end", width - RIGHT, top(ran.cpu()) + (row + 1) * ROW - 3.5, label);
  }

  private String words(PatchTimeline.Ran ran) {
    return String.format("CPU %d ran %s, first at +%s, %s times, %s of them stale", ran.cpu(), ran.outcome(),
        Html.number(ran.first() - from), Html.number(ran.count()), Html.number(ran.stale()));
  }

  /// A label behind what it is about, or before it, where there is room.
  private void label(int row, String label, double begin, double end, double y, boolean before) {
    double need = Svg.width(label) + 6;
    double free = Math.max(left, taken[row]);
    taken[row] = Math.max(taken[row], end);
    if (!before && end + need <= width - 2) {
      svg.text("ran", "start", end + 4, y, label);
      taken[row] = end + need;
    } else if (begin - need >= free) {
      svg.text("ran", "end", begin - 4, y, label);
    }
  }

  private void moment(PatchTimeline.Moment m) {
    if (!lanes.contains(m.cpu()) || m.cycle() > to) {
      return;
    }
    double x = x(m.cycle());
    double y = beside(m.cpu());
    svg.group(String.format("CPU %d %s, +%s", m.cpu(), m.what(), Html.number(m.cycle() - from)));
    mark(svg, m.mark(), x, y);
    svg.end();
  }

  /// The report, from top to bottom: the contract hangs on it.
  private void report(double x) {
    svg.line("report", x, 4, x, bottom());
    heading("report", x, LINE, "poke");
  }

  /// The failure, in its CPU's lane; the rest is drawn over it.
  private void failed(Failed failed) {
    if (failed.cycle() >= from && failed.cycle() <= to && lanes.contains(failed.cpu())) {
      double x = x(failed.cycle());
      svg.line("failed", x, LINE + 4, x, top(failed.cpu()) - 3);
      svg.rect("failed", x - 8, top(failed.cpu()) - 3, 16, LANE - 5);
      heading("failed", x, 2 * LINE, failed.what());
    }
  }

  private void heading(String classes, double x, double y, String label) {
    boolean room = x + 4 + Svg.width(label) < width;
    svg.text(classes, room ? "start" : "end", room ? x + 4 : x - 4, y, label);
  }

  /// A sign of the drawing.
  ///
  /// @param drawing of it alone
  /// @param meaning in words
  public record Sign(Svg drawing, String meaning) {}

  /// The signs that a drawing has, for a list beside it.
  public static List<Sign> legend(PatchTimeline timeline) {
    List<Sign> signs = new ArrayList<>();
    for (String sort : SORTS) {
      if (timeline.ran().stream().anyMatch(ran -> sort(ran).equals(sort))) {
        signs.add(new Sign(new Svg(18, 14).rect("ran " + sort, 2, 2, 14, 10),
            sort.equals("parts") ? "ran parts of both" : "ran " + sort));
      }
    }
    if (timeline.ran().stream().anyMatch(ran -> ran.first() < ran.last() && !sort(ran).equals("new"))) {
      signs.add(new Sign(new Svg(18, 14).rect("between", 1, 5.5, 16, 3), "between the first time and the last"));
    }
    for (PatchTimeline.Moment m : timeline.moments()) {
      Svg svg = new Svg(18, 14);
      String meaning = mark(svg, m.mark(), 9, 7);
      if (!meaning.isEmpty()) {
        signs.add(new Sign(svg, meaning));
      }
    }
    List<String> known = new ArrayList<>();
    signs.removeIf(sign -> known.contains(sign.meaning()) || !known.add(sign.meaning()));
    return signs;
  }

  /// Draws the sign of a moment and tells what it means; nothing of what has no sign.
  private static String mark(Svg svg, char mark, double x, double y) {
    switch (mark) {
      case 'W' -> svg.rect("stores", x - 4, y - 4, 8, 8);
      case 'R' -> svg.polygon("reports", x, y - 6, x + 5, y + 4, x - 5, y + 4);
      case 'i' -> svg.polygon("sends", x, y - 4, x + 4, y, x, y + 4, x - 4, y);
      case 'I' -> svg.polygon("takes", x - 4, y - 4, x + 4, y - 4, x, y + 4);
      case 's' -> svg.circle("syncs", x, y, 4);
      case 'c', 'v' -> svg.line("cleans", x, y - 5, x, y + 5);
      default -> {} // what was run has its bars
    }
    return switch (mark) {
      case 'W' -> "stores";
      case 'R' -> "reports the poke";
      case 'i' -> "sends an interrupt";
      case 'I' -> "takes an interrupt";
      case 's' -> "synchronizes its context";
      case 'c', 'v' -> "cleans or invalidates the line";
      default -> "";
    };
  }
}
