package dev.crosspatch.sim.verify;

import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.report.Html;
import dev.crosspatch.sim.report.PatchDrawing.Failed;
import dev.crosspatch.sim.report.PatchDrawing;
import dev.crosspatch.sim.report.Table;
import dev.crosspatch.sim.report.Terms;
import dev.crosspatch.sim.window.PatchTimeline;
import dev.crosspatch.tracer.text.Poke;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A poke in the report: its drawing, for wide and for narrow windows, and the same moment by moment in words.
final class ReportTimeline {
  private static final int WIDE = 980;
  private static final int NARROW = 380;

  private ReportTimeline() {}

  /// Writes it.
  ///
  /// @param id   of its own within the page
  /// @param failed what went wrong there; the moments are shown at once then
  static void write(Html html, PatchTimeline timeline, String id, @Nullable Failed failed) {
    Poke poke = timeline.poke();
    String title = (timeline.number() == 0 ? "Unreported patch of " : "Poke " + timeline.number() + ": ")
        + (poke.site().isEmpty() ? Json.address(poke.address()) : poke.site());
    html.open("figure").open("figcaption").element("b", title).text(" at ")
        .element("code", Json.address(poke.address())).text(", patched by CPU " + poke.cpu() + ": ")
        .element("code", Json.hex(poke.before())).text(" becomes ").element("code", Json.hex(poke.after()))
        .text(timeline.within() + ". Cycles from its begin on" + some(timeline, failed) + ".").close("figcaption");
    html.open("div", "class", "wide").add(PatchDrawing.of(timeline, id, title, WIDE, failed)).close("div");
    html.open("div", "class", "narrow").add(PatchDrawing.of(timeline, id + "-n", title, NARROW,
        failed)).close("div");
    legend(html, timeline);
    html.close("figure");
    Terms.write(html, terms(timeline).toArray(String[]::new));
    moments(html, timeline, failed);
  }

  /// Words to be explained: those that the drawing has.
  private static List<String> terms(PatchTimeline timeline) {
    List<String> terms = new ArrayList<>();
    timeline.stores().stream().map(store -> store.kind().label()).distinct().forEach(terms::add);
    terms.addAll(List.of("poke", "sync", "stale"));
    timeline.ran().stream().map(PatchTimeline.Ran::outcome).filter(outcome -> outcome.indexOf('+') >= 0).distinct()
        .forEach(terms::add);
    return terms;
  }

  private static String some(PatchTimeline timeline, @Nullable Failed failed) {
    int lanes = PatchDrawing.lanes(timeline, failed).size();
    return lanes == timeline.cpus() ? "" : "; of " + timeline.cpus() + " CPUs the " + lanes
        + " that did most at the site are drawn";
  }

  private static void legend(Html html, PatchTimeline timeline) {
    html.open("ul", "class", "legend");
    for (PatchDrawing.Sign sign : PatchDrawing.legend(timeline)) {
      html.open("li").add(sign.drawing()).text(sign.meaning()).close("li");
    }
    html.close("ul");
  }

  private static void moments(Html html, PatchTimeline timeline, @Nullable Failed failed) {
    List<PatchTimeline.Moment> moments = timeline.moments(
        failed == null ? null : PatchTimeline.Moment.failure(failed.cpu(), failed.cycle(), failed.what()));
    Table table = new Table("cycle", "from its begin", "who", "what");
    for (PatchTimeline.Moment m : moments) {
      long from = m.cycle() - timeline.begin();
      table.row(m.cycle(), (from < 0 ? "" : "+") + Html.number(from), m.cpu() < 0 ? "device" : "CPU " + m.cpu(),
          m.what());
    }
    if (failed != null) {
      html.open("details", "open", "", "class", "moments");
    } else {
      html.open("details", "class", "moments");
    }
    html.element("summary", "Moment by moment (" + moments.size() + ")");
    table.write(html, "What happened around the poke, in order of time");
    html.close("details");
  }
}
