package dev.crosspatch.sim.verify;

import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.report.Html;
import dev.crosspatch.sim.report.PatchDrawing.Failed;
import dev.crosspatch.sim.report.Table;
import dev.crosspatch.sim.report.Terms;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.window.PatchTimeline;
import dev.crosspatch.tracer.flow.Problem;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What went wrong, in the report: the first failure with its timeline, the violations, and what the decoder said.
final class ReportFailure {
  private static final int PROBLEMS_SHOWN = 20;

  private final Html html;
  private final Summary summary;
  private final Verification verification;
  private final Optional<PatchTimeline> timeline;

  /// @param timeline of the poke of the first failure
  ReportFailure(Html html, Summary summary, Optional<PatchTimeline> timeline) {
    this.html = html;
    this.summary = summary;
    this.timeline = timeline;
    verification = summary.verification();
  }

  void write() {
    summary.firstFailure().ifPresent(this::failure);
    violations();
    problems();
  }

  private void failure(Failure failure) {
    html.element("h2", "The first failure");
    html.element("p", Html.sentence(failure.detail()));
    html.open("dl", "class", "facts");
    fact("kind", failure.kind().label());
    if (failure.cpu() >= 0) {
      fact("CPU", String.valueOf(failure.cpu()));
    }
    if (failure.cpu() >= 0 && failure.cycle() >= 0) {
      fact("cycle", Html.number(failure.cycle()));
    }
    if (failure.address() != 0) {
      fact("address", place(failure.address()));
    }
    if (!failure.executed().isEmpty()) {
      fact("executed", failure.executed());
      fact("memory held", failure.memory());
    }
    html.close("dl");
    timeline.ifPresentOrElse(
        t -> ReportTimeline.write(html, t, "failure",
            new Failed(failure.cpu(), failure.cycle(), failure.kind().label())),
        () -> html.element("p", "There is no timeline of it: " + whyNone(failure) + ".", "class", "note"));
    summary.scene().ifPresent(s -> {
      lines("What it may have been", s.versions());
      lines("Text as memory held it then", s.text());
      lines("Stores to it, in order", s.writes());
    });
  }

  private String whyNone(Failure failure) {
    return !verification.checked().flow() ? "the truth was not kept"
        : failure.address() == 0 ? "it is at no instruction" : "nothing patches what stands there";
  }

  private void fact(String name, String value) {
    html.element("dt", name).open("dd").element("code", value).close("dd");
  }

  private void lines(String title, List<String> lines) {
    html.element("h3", title).open("pre", "tabindex", "0").text(String.join("\n", lines)).close("pre");
  }

  private void violations() {
    Contract contract = verification.contract();
    if (contract.broken() == 0) {
      return;
    }
    html.element("h2", "Executions that broke the contract");
    Table table = new Table("kind", "CPU", "cycle", "address", "executed", "memory held");
    for (Violation v : summary.violations()) {
      StaleExecution s = v.execution();
      table.row(v.kind().label(), s.cpu(), s.cycle(), code(place(s.address())), code(Json.hex(s.executed())),
          code(Json.hex(s.memory())));
    }
    List<String> kinds = contract.firstOfEachKind().stream().map(Violation::kind)
        .map(k -> Html.number(contract.count(k)) + " " + k.label()).toList();
    int shown = summary.violations().size();
    table.write(html, (shown < contract.broken() ? "The first " + shown + " of " + Html.number(contract.broken())
        : "All " + shown) + ": " + String.join(", ", kinds));
    html.open("p", "class", "note").text("All of them: ").open("a", "href", RunFiles.VIOLATIONS)
        .text(RunFiles.VIOLATIONS).close("a").text(".").close("p");
    Terms.write(html, "contract", "poke", "stale");
  }

  private static Html code(String text) {
    return new Html().element("code", text);
  }

  private String place(long address) {
    return (Json.address(address) + " " + verification.symbols().name(address)).strip();
  }

  private void problems() {
    if (verification.cpus().stream().allMatch(cpu -> cpu.comparison().problemCount() == 0)) {
      return;
    }
    html.element("h2", "What the decoder reported");
    Table table = new Table("CPU", "kind", "address", "byte of the trace", "what");
    Set<String> kinds = new TreeSet<>();
    long all = 0;
    for (CpuVerification cpu : verification.cpus()) {
      List<Problem> problems = cpu.comparison().problems();
      all += cpu.comparison().problemCount();
      for (Problem p : problems.subList(0, Math.min(PROBLEMS_SHOWN, problems.size()))) {
        kinds.add(FailureKind.of(p).label());
        table.row(cpu.cpu(), FailureKind.of(p).label(), p.address() == 0 ? "" : code(place(p.address())),
            "0x" + Long.toHexString(p.offset()), p.detail());
      }
    }
    table.write(html, "Up to " + PROBLEMS_SHOWN + " of each CPU; in all there are " + Html.number(all));
    Terms.write(html, kinds.toArray(String[]::new));
  }
}
