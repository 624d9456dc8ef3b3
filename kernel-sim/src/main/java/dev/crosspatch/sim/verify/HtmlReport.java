package dev.crosspatch.sim.verify;

import dev.crosspatch.sim.report.Html;
import dev.crosspatch.sim.report.Page;
import dev.crosspatch.sim.report.Table;
import dev.crosspatch.sim.report.Terms;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.sim.scenario.Window;
import dev.crosspatch.sim.window.PatchTimeline;
import dev.crosspatch.sim.window.TypicalPoke;
import dev.crosspatch.sim.window.Windows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The report for people, `report.html`: one self-contained page. The verdict and what it rests on come first, then
/// what failed, then what patching looked like and cost, then everything else.
public final class HtmlReport {
  private static final String YES = "✓";
  private static final String NO = "✗";
  private static final String OPEN = "?";

  private final Html html = new Html();
  private final Summary summary;
  private final Verification verification;

  private HtmlReport(Summary summary) {
    this.summary = summary;
    verification = summary.verification();
  }

  /// The page for a run.
  public static String html(Summary summary) {
    HtmlReport report = new HtmlReport(summary);
    report.body();
    return Page.of(summary.run().scenario().name() + ": " + report.verdict(), report.html);
  }

  private String verdict() {
    return summary.verdict().name().toLowerCase(Locale.ROOT);
  }

  private void body() {
    head();
    answers();
    windows();
    Optional<PatchTimeline> failed = verification.failureTimeline();
    new ReportFailure(html, summary, failed).write();
    typical(failed.map(PatchTimeline::number).orElse(0));
    new ReportCosts(html, summary).write();
    new ReportSetup(html, summary).write();
    files();
  }

  private void head() {
    Scenario scenario = summary.run().scenario();
    html.open("header").element("h1", scenario.name());
    if (!scenario.description().isBlank()) {
      html.element("p", scenario.description().strip());
    }
    Set<String> leftOut = scenario.guest().patching().leftOut();
    if (!scenario.bases().isEmpty()) {
      derived(scenario, scenario.bases().getFirst());
    } else if (!leftOut.isEmpty()) {
      html.open("p").text("Without ").element("b", String.join(", ", leftOut)).text(".").close("p");
    }
    html.open("div", "class", "verdict " + verdict()).element("b", verdict().toUpperCase(Locale.ROOT))
        .element("p", because());
    String expected = scenario.expect().toString();
    html.element("p", summary.asExpected() ? "As the scenario expects: " + expected + "."
        : "The scenario expects " + expected + ".");
    html.close("div").open("p").text("Repeat with ").element("code", summary.repeat()).close("p").close("header");
  }

  private void derived(Scenario scenario, Scenario.Base base) {
    html.open("p").text("Stands on ").element("code", base.file()).text(base.changed().isEmpty()
        ? " and changes nothing of it" : " and says anew: " + String.join(", ", base.changed()));
    if (!scenario.guest().patching().leftOut().isEmpty()) {
      html.text("; without ").element("b", String.join(", ", scenario.guest().patching().leftOut()));
    }
    for (Scenario.Base further : scenario.bases().subList(1, scenario.bases().size())) {
      html.text("; that stands on ").element("code", further.file());
    }
    html.text(".").close("p");
  }

  private String because() {
    return switch (summary.verdict()) {
      case PASS -> verification.windows().tallies().isEmpty()
          ? "Nothing went wrong, as far as it was looked at."
          : "No CPU broke the contract, the trace tells what ran, and other CPUs met " + (isWhole()
              ? "every window of patching." : "the windows that the scenario asks for.");
      case INCONCLUSIVE -> "Nothing went wrong, but nobody came by while it might have: " + String.join(", ",
          verification.missed().stream().map(w -> "window " + w.name()).toList()) + " was never met.";
      case FAIL -> summary.firstFailure().map(f -> "First failure: " + f.kind().label()
          + (f.cpu() < 0 ? "" : " on CPU " + f.cpu()) + (f.symbol().isEmpty() ? "" : " at " + f.symbol())
          + (f.cycle() < 0 || f.cpu() < 0 ? "." : ", cycle " + Html.number(f.cycle()) + "."))
          .orElse("What failed has no place.");
    };
  }

  /// Whether no window was missed at all, asked for or not.
  private boolean isWhole() {
    return verification.windows().missed(null).isEmpty();
  }

  private void answers() {
    html.open("ul", "class", "answers");
    boolean kept = verification.contract().broken() == 0 && verification.badPokes() == 0
        && verification.checked().violations() == 0 && verification.losses().events() == 0
        && verification.copies().missing() == 0;
    answer(kept ? YES : NO, kept ? "No CPU ran what it must not" : "The contract was not kept", answerOf("contract"));
    int races = verification.races().count();
    answer(races == 0 ? YES : NO, races == 0 ? "No CPU might have run it" : "A CPU might have run what it must not",
        races == 0 ? "races on text: none" : "races on text: " + Html.number(races));
    boolean tells = verification.decodes();
    answer(tells ? YES : NO, tells ? "The trace tells what ran" : "The trace does not tell what ran",
        answerOf("decode"));
    boolean missed = !verification.missed().isEmpty();
    boolean looked = !verification.windows().tallies().isEmpty();
    answer(looked && !missed ? YES : OPEN, missed ? "Some windows were never met" : looked
        ? isWhole() ? "Every window was met" : "The windows asked for were met"
        : verification.checked().flow() ? "There was no window to meet" : "Windows were not looked at",
        answerOf("windows"));
    boolean good = verification.end().good();
    answer(good ? YES : NO, good ? "The guest ended well" : "The guest did not end well", verification.end().line());
    html.close("ul");
    for (List<String> lines : List.of(verification.losses().lines(), verification.copies().lines(),
        verification.races().lines())) {
      lines.forEach(line -> html.element("p", Html.sentence(line), "class", "note"));
    }
    if (!verification.checked().flow()) {
      html.element("p", Html.sentence(verification.checkedText()), "class", "note");
    }
  }

  private String answerOf(String question) {
    return verification.answers().stream().filter(a -> a.startsWith(question + ": "))
        .map(a -> a.substring(question.length() + 2)).findFirst().orElseThrow();
  }

  private void answer(String sign, String answer, String more) {
    html.open("li", "class", sign.equals(YES) ? "yes" : sign.equals(NO) ? "no" : "unknown")
        .element("b", sign + " " + answer).text(Html.sentence(more)).close("li");
  }

  /// What other CPUs ran where text was being patched.
  private void windows() {
    html.element("h2", "Evidence: who came by while text was patched");
    Windows windows = verification.windows();
    if (windows.tallies().isEmpty()) {
      html.element("p", Html.sentence(answerOf("windows")));
      return;
    }
    html.element("p", "A protocol is safe or not by what a CPU runs that comes by in the middle of it. Each row is a "
        + "window of time of that sort, over all patches of sites that lie so.");
    Table table = new Table("window", "sites", "patches", "opened", "ran", "stale", "ran what");
    windows.tallies().forEach((kind, t) -> table.row(new Html().element("code", kind.window().name()), kind.place(),
        t.patches(), t.opened(), t.executions(), t.stale(), outcomes(t)));
    table.write(html, "Executions of a site by other CPUs, by window and by where the sites lie");
    if (!verification.missed().isEmpty()) {
      html.open("p").element("b", "Never met: ").text(String.join(", ", verification.missed().stream()
          .map(w -> w.name() + " (patches that had it: " + Html.number(windows.patches(w)) + ")").toList()) + ".")
          .close("p");
    }
    Terms.write(html, terms(windows).toArray(String[]::new));
  }

  /// Words to be explained: those that the table has.
  private static List<String> terms(Windows windows) {
    List<String> terms = new ArrayList<>(List.of("window", "site", "patch"));
    windows.byWindow().keySet().stream().flatMap(w -> Arrays.stream(w.name().replace("-synced", "").split("\\+")))
        .distinct().forEach(terms::add);
    windows.byWindow().keySet().stream().map(Window::name).filter(name -> name.indexOf('+') >= 0).forEach(terms::add);
    windows.tallies().keySet().stream().map(Windows.Kind::place).distinct().sorted().forEach(terms::add);
    terms.addAll(List.of("opened", "stale"));
    windows.tallies().values().stream().flatMap(t -> t.outcomes().keySet().stream())
        .filter(outcome -> outcome.indexOf('+') >= 0).distinct().forEach(terms::add);
    return terms;
  }

  private static Html outcomes(Windows.Tally tally) {
    Html cell = new Html();
    if (tally.executions() == 0) {
      return cell.element("span", "nobody", "class", "never");
    }
    cell.open("span", "class", "mix", "aria-hidden", "true");
    for (Map.Entry<String, Long> one : tally.outcomes().entrySet()) {
      String sort = one.getKey().matches("old|new|trap") ? one.getKey() : "parts";
      cell.element("i", "", "class", sort, "style",
          String.format(Locale.ROOT, "width:%.1f%%", 100.0 * one.getValue() / tally.executions()));
    }
    cell.close("span");
    List<String> words = tally.outcomes().entrySet().stream().map(e -> e.getKey() + " " + Html.number(e.getValue()))
        .toList();
    return cell.text(String.join(", ", words));
  }

  /// @param but number of a poke that is not meant; 0 if all are
  private void typical(int but) {
    Optional<TypicalPoke> choice = verification.typicalPoke(but);
    Optional<PatchTimeline> timeline = choice.flatMap(c -> verification.timeline(c.number()));
    if (timeline.isEmpty()) {
      return;
    }
    html.element("h2", "A typical poke");
    html.element("p", "Of the first " + Html.number(TypicalPoke.LOOKED_AT) + " pokes" + (choice.get().isMet()
        ? ", among those that another CPU met between the first store and the last, the one of median duration"
        : ", none of which another CPU met, the one of median duration") + (summary.firstFailure().isPresent()
            ? "; not that of the first failure." : "."));
    ReportTimeline.write(html, timeline.get(), "typical", null);
  }

  private void files() {
    html.open("footer").open("p").text("Beside this page: ");
    for (String file : List.of(RunFiles.SUMMARY, RunFiles.POKES, RunFiles.VIOLATIONS)) {
      html.open("a", "href", file).text(file).close("a").text(file.equals(RunFiles.VIOLATIONS) ? ". " : ", ");
    }
    html.text("Any other poke: ").element("code", "crosspatch timeline DIR --poke N").text(". Crosspatch "
        + summary.version() + ".").close("p", "footer");
  }
}
