package dev.crosspatch.sim.verify;

import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.sim.report.HistogramPlot;
import dev.crosspatch.sim.report.Html;
import dev.crosspatch.sim.report.LossPlot;
import dev.crosspatch.sim.report.Svg;
import dev.crosspatch.sim.report.Table;
import dev.crosspatch.sim.report.Terms;
import dev.crosspatch.sim.run.Latency;
import dev.crosspatch.sim.run.StolenCycles;
import org.HdrHistogram.Histogram;

/// What patching cost, in the report: how long it took, and what it took from others.
final class ReportCosts {
  private final Html html;
  private final Latency latency;

  ReportCosts(Html html, Summary summary) {
    this.html = html;
    latency = summary.run().latency();
  }

  void write() {
    html.element("h2", "What patching cost");
    StolenCycles stolen = latency.stolen();
    html.open("div", "class", "plots");
    plot(latency.of(Span.FLIP), "latency", "Flip latency, guest cycles", "No flip ended.");
    plot(stolen.perCpu(), "stolen", "Stolen by a flip from a CPU, cycles", "There was nobody to take anything from.");
    if (!stolen.byCpu().isEmpty()) {
      figure("Stolen from each CPU in all, cycles: interrupts, then breakpoints",
          LossPlot.of(stolen.byCpu(), "loss", "Stolen from each CPU in all"));
    }
    html.close("div");
    Table table = new Table("of", "count", "p50", "p99", "max");
    row(table, "a flip", latency.of(Span.FLIP));
    row(table, "from there until the last CPU is on new text", latency.newText());
    row(table, "a batch", latency.of(Span.BATCH));
    row(table, "a sync", latency.of(Span.SYNC));
    row(table, "wait for the text mutex", latency.of(Span.LOCK));
    row(table, "under the text mutex", latency.locked());
    row(table, "stolen by a flip, from each CPU", stolen.perCpu());
    row(table, "stolen by a flip, from all CPUs", stolen.perFlip());
    table.write(html, "How long patching took and what it took from others, in guest cycles");
    html.element("p", String.format("A flip has %s syncs, sends %s interrupts and makes others take %s breakpoints.",
        mean(latency.roundsPerFlip()), mean(latency.ipisPerFlip()), mean(latency.trapsPerFlip())));
    html.element("p", String.format("Stolen in all: %s interrupts, %s cycles; %s breakpoints, %s cycles.",
        Html.number(stolen.interrupts()), Html.number(stolen.interruptCycles()), Html.number(stolen.traps()),
        Html.number(stolen.trapCycles())));
    Terms.write(html, "flip", "key", "batch", "sync", "stolen");
  }

  private void plot(Histogram values, String id, String title, String none) {
    if (values.getTotalCount() == 0) {
      html.open("figure").element("figcaption", title + ": " + none).close("figure");
    } else {
      figure(title, HistogramPlot.of(values, id, title));
    }
  }

  private void figure(String caption, Svg drawing) {
    html.open("figure").element("figcaption", caption).add(drawing).close("figure");
  }

  private static String mean(double value) {
    return String.format("%,.1f", value);
  }

  private static void row(Table table, String of, Histogram h) {
    table.row(of, h.getTotalCount(), Latency.shown(h, 50), Latency.shown(h, 99), Latency.shown(h, 100));
  }
}
