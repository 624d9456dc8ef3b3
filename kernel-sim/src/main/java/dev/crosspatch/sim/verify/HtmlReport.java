package dev.crosspatch.sim.verify;

import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.core.cpu.Counters;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.mechanism.Span;
import dev.crosspatch.sim.run.Latency;
import dev.crosspatch.sim.run.Run;
import dev.crosspatch.sim.run.RunFiles;
import dev.crosspatch.sim.run.StolenCycles;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.scenario.Verdict;
import dev.crosspatch.tracer.flow.Problem;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/// The report for people, `report.html`: one self-contained page.
public final class HtmlReport {
  private static final int PROBLEMS_SHOWN = 20;

  private static final String STYLE =
      """
      body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:64em;padding:0 1em;color:#1c2530;background:#fff}
      h1{font-size:1.5em;margin-bottom:.2em}h2{font-size:1.1em;margin-top:2em}
      table{border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{padding:.2em .8em;text-align:right;border-bottom:1px solid #d9dfe6}
      th:first-child,td:first-child{text-align:left}code,pre{font:13px/1.5 ui-monospace,monospace}
      .verdict{display:inline-block;padding:.1em .7em;border-radius:.3em;color:#fff}.pass{background:#23743a}.fail{background:#a62525}.inconclusive{background:#8a6d1a}
      .failure{border-left:4px solid #a62525;padding:.4em 1em;background:#fbf1f1;overflow-x:auto}
      """;

  private final StringBuilder out = new StringBuilder();
  private final Summary summary;

  private HtmlReport(Summary summary) {
    this.summary = summary;
  }

  /// The page for a run.
  public static String html(Summary summary) {
    return new HtmlReport(summary).page();
  }

  private String page() {
    Run run = summary.run();
    String verdict = summary.verdict().name().toLowerCase(Locale.ROOT);
    out.append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>").append(text(run.scenario().name()))
        .append("</title><style>")
        .append(STYLE).append("</style><h1>").append(text(run.scenario().name())).append(" <span class=\"verdict ")
        .append(verdict).append("\">")
        .append(verdict).append("</span></h1><p>").append(text(run.scenario().description())).append("</p>");
    if (!summary.asExpected()) {
      out.append("<p><b>The scenario expects ").append(text(run.scenario().expect().toString())).append(".</b></p>");
    }
    summary.verification().answers().forEach(answer -> out.append("<p>").append(text(answer)).append("</p>"));
    summary.firstFailure().ifPresent(this::failure);
    violations();
    cpus();
    latency();
    problems();
    out.append("<h2>Run</h2><p>Guest: ").append(text(run.end().line())).append(". Pokes: ")
        .append(summary.verification().pokes())
        .append(". Seed ").append(run.scenario().machine().seed()).append(", preset ")
        .append(text(run.scenario().machine().preset()))
        .append(", ").append(run.scenario().machine().staleness().name().toLowerCase(Locale.ROOT))
        .append(" fetch. Crosspatch ")
        .append(summary.version()).append(".</p></html>\n");
    return out.toString();
  }

  private void failure(Failure failure) {
    out.append("<h2>First failure</h2><div class=\"failure\"><p>").append(text(failure.detail())).append("</p><table>");
    row("kind", failure.kind().label());
    if (failure.cpu() >= 0) {
      row("CPU", failure.cpu());
      row("cycle", failure.cycle());
    }
    if (failure.address() != 0) {
      row("address", place(failure.address()));
    }
    if (!failure.executed().isEmpty()) {
      row("executed", failure.executed());
      row("memory held", failure.memory());
    }
    out.append("</table>");
    summary.scene().ifPresent(s -> {
      pre("Text as memory held it then", s.text());
      pre("What it may have been", s.versions());
      pre("Stores to it, in order", s.writes());
    });
    out.append("<p>Repeat with <code>").append(text(summary.repeat())).append("</code></p></div>");
  }

  private void pre(String title, List<String> lines) {
    out.append("<p>").append(text(title)).append("</p><pre>").append(text(String.join("\n", lines))).append("</pre>");
  }

  private void violations() {
    List<Violation> firsts = summary.verification().contract().firstOfEachKind();
    if (firsts.isEmpty()) {
      return;
    }
    out.append("<h2>Executions that broke the contract, the first of each kind</h2><table>");
    head("kind", "how many", "CPU", "cycle", "address", "executed", "memory held");
    for (Violation v : firsts) {
      StaleExecution s = v.execution();
      row(v.kind().label(), summary.verification().contract().count(v.kind()), s.cpu(), s.cycle(), place(s.address()),
          Json.hex(s.executed()),
          Json.hex(s.memory()));
    }
    out.append("</table><p>All of them: <code>").append(RunFiles.VIOLATIONS).append("</code></p>");
  }

  private String place(long address) {
    return String.format("%016x %s", address, summary.verification().symbols().name(address)).strip();
  }

  private void cpus() {
    out.append("<h2>CPUs</h2><table>");
    head("CPU", "retired", "decoded", "mismatches", "ambiguous", "gaps", "lost", "cycles", "stale", "I-cache misses",
        "interrupts", "trace bytes");
    for (CpuVerification cpu : summary.verification().cpus()) {
      Counters n = summary.run().machine().counters(cpu.cpu());
      FlowComparison c = cpu.comparison();
      row(cpu.cpu(), n.retired(), c.decoded(), c.shown(c.mismatches()), c.ambiguous(), c.gaps(), c.shown(c.lost()),
          n.cycles(), n.staleExecutions(),
          n.icacheMisses(), n.interrupts(), summary.run().trace(cpu.cpu()).size());
    }
    out.append("</table>");
  }

  private void latency() {
    out.append("<h2>Patch latency, guest cycles</h2><table>");
    head("span", "count", "p50", "p99", "max");
    for (Span span : Span.values()) {
      Histogram h = summary.latency().of(span);
      row(span.label(), h.getTotalCount(), Latency.shown(h, 50),
          Latency.shown(h, 99), Latency.shown(h, 100));
    }
    out.append("</table>");
    stolen(summary.latency().stolen());
  }

  private void stolen(StolenCycles stolen) {
    out.append("<h2>Cycles stolen from bystanders per flip</h2><table>");
    head("of", "count", "p50", "p99", "max");
    stolen("each bystander", stolen.perCpu());
    stolen("all bystanders", stolen.perFlip());
    out.append("</table><p>In all: ")
        .append(String.format("%,d interrupts, %,d cycles; %,d breakpoints, %,d cycles.", stolen.interrupts(),
        stolen.interruptCycles(), stolen.traps(), stolen.trapCycles())).append("</p>");
  }

  private void stolen(String of, Histogram h) {
    row(of, h.getTotalCount(), Latency.shown(h, 50), Latency.shown(h, 99), Latency.shown(h, 100));
  }

  private void problems() {
    if (summary.verdict() == Verdict.PASS) {
      return;
    }
    out.append("<h2>What the decoder reported</h2>");
    for (CpuVerification cpu : summary.verification().cpus()) {
      List<Problem> problems = cpu.comparison().problems();
      for (Problem p : problems.subList(0, Math.min(PROBLEMS_SHOWN, problems.size()))) {
        String place = p.address() == 0
            ? "" : String.format("at %016x (%s), ", p.address(), summary.verification().symbols().name(p.address()));
        out.append("<pre>")
            .append(text(String.format("cpu %d  %s %strace byte 0x%x: %s", cpu.cpu(), FailureKind.of(p).label(), place,
                p.offset(), p.detail())))
            .append("</pre>");
      }
    }
  }

  private void head(String... cells) {
    out.append("<tr>");
    for (String cell : cells) {
      out.append("<th>").append(text(cell));
    }
  }

  private void row(Object... cells) {
    out.append("<tr>");
    for (Object cell : cells) {
      out.append("<td>").append(cell instanceof Number n ? String.format("%,d", n.longValue()) : text(cell.toString()));
    }
  }

  private static String text(String raw) {
    return raw.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
  }
}
