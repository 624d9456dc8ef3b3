package dev.crosspatch.sim.report;

import dev.crosspatch.sim.run.StolenCycles;
import java.util.List;

/// Draws what patching took from each CPU that did not patch: a bar, of which one part are interrupts and the other
/// breakpoints.
public final class LossPlot {
  private static final int WIDTH = 420;
  private static final int LEFT = 62;
  private static final int ROW = 22;
  private static final int TOP = 6;

  private LossPlot() {}

  /// Draws it.
  ///
  /// @param id    of its own within the page
  /// @param title what it shows
  public static Svg of(List<StolenCycles.Loss> losses, String id, String title) {
    long most = losses.stream().mapToLong(l -> l.interruptCycles() + l.trapCycles()).max().orElse(0);
    double room = WIDTH - LEFT - Svg.width(Html.number(most)) - 10;
    Svg svg = new Svg(id, WIDTH, TOP + ROW * losses.size() + 4.0, title,
        "A bar for each CPU that does not patch: cycles in interrupts, then in breakpoints.");
    double y = TOP;
    for (StolenCycles.Loss loss : losses) {
      double interrupts = part(loss.interruptCycles(), most, room);
      double traps = part(loss.trapCycles(), most, room);
      svg.text("lane", "start", 2, y + 14, "CPU " + loss.cpu());
      svg.group(String.format("CPU %d: %s cycles in interrupts, %s in breakpoints", loss.cpu(),
          Html.number(loss.interruptCycles()), Html.number(loss.trapCycles())));
      svg.rect("bar", LEFT, y + 3, interrupts, ROW - 8).rect("bar trap", LEFT + interrupts, y + 3, traps, ROW - 8);
      svg.end();
      svg.text("axis", "start", LEFT + interrupts + traps + 5, y + 14,
          Html.number(loss.interruptCycles() + loss.trapCycles()));
      y += ROW;
    }
    return svg;
  }

  private static double part(long cycles, long most, double room) {
    return most == 0 ? 0 : room * cycles / most;
  }
}
