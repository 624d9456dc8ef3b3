package dev.crosspatch.sim.verify;

import dev.crosspatch.core.cpu.Counters;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.RunLimits;
import dev.crosspatch.core.time.ClockRatio;
import dev.crosspatch.core.time.Grade;
import dev.crosspatch.sim.guest.GuestConfig;
import dev.crosspatch.sim.guest.Sites;
import dev.crosspatch.sim.guest.Work;
import dev.crosspatch.sim.report.Html;
import dev.crosspatch.sim.report.Table;
import dev.crosspatch.sim.report.Terms;
import dev.crosspatch.sim.scenario.Scenario;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The rest of the report: what each CPU did, and how the run was set up.
final class ReportSetup {
  private final Html html;
  private final Summary summary;

  ReportSetup(Html html, Summary summary) {
    this.html = html;
    this.summary = summary;
  }

  void write() {
    cpus();
    html.element("h2", "How it was set up");
    Scenario scenario = summary.run().scenario();
    Table table = new Table("what", "value");
    machine(table, scenario.machine());
    guest(table, scenario.guest());
    trace(table, scenario);
    limits(table, scenario.limits());
    table.write(html, "The scenario, with all defaults");
    Terms.write(html, "site", "key", "flip", "batch", "sync");
  }

  private void cpus() {
    html.element("h2", "CPUs");
    Table table = new Table("CPU", "retired", "decoded", "mismatches", "ambiguous", "gaps", "lost", "cycles", "stale",
        "I-cache misses", "interrupts", "trace bytes");
    for (CpuVerification cpu : summary.verification().cpus()) {
      Counters n = summary.run().cpus().get(cpu.cpu()).counters();
      FlowComparison c = cpu.comparison();
      table.row(cpu.cpu(), n.retired(), c.decoded(), compared(c, c.mismatches()), c.ambiguous(), c.gaps(),
          compared(c, c.lost()), n.cycles(), n.staleExecutions(), n.icacheMisses(), n.interrupts(),
          summary.run().cpus().get(cpu.cpu()).traceBytes());
    }
    table.write(html, "What each CPU retired, and what its trace tells of it");
    Terms.write(html, "mismatches", "ambiguous", "gap", "lost", "stale");
  }

  /// What only a comparison with the truth tells.
  private static String compared(FlowComparison comparison, long count) {
    return comparison.compares() ? Html.number(count) : "-";
  }

  private void machine(Table table, MachineConfig machine) {
    ClockRatio clocks = summary.run().config().clocks();
    table.row("machine", machine.isa().name() + ", " + machine.cpus() + " CPUs, preset " + machine.preset() + ", "
        + clocks.coreMhz() + " MHz, trace clock " + clocks.timerMhz() + " MHz" + (machine.time() == Grade.ADDITIVE ? ""
            : ", time " + machine.time().name().toLowerCase(Locale.ROOT)));
    table.row("fetch", machine.staleness().name().toLowerCase(Locale.ROOT) + ", " + machine.fetch() + " bytes at a time"
        + (machine.isa().coherentFetch() ? "" : ", IDC " + (machine.storesReachUnification() ? 1 : 0) + ", DIC "
            + (machine.cachesSnoop() ? 1 : 0)));
    table.row("seed", String.valueOf(machine.seed()));
  }

  private static void guest(Table table, GuestConfig guest) {
    table.row("mechanism", guest.patching().mechanism().name() + ", protocol " + guest.patching().protocol().name());
    table.row("left out", guest.patching().leftOut().isEmpty() ? "nothing"
        : String.join(", ", guest.patching().leftOut()));
    table.row("patching", (guest.patching().cpus().size() == 1 ? "CPU " : "CPUs ") + String.join(", ",
        guest.patching().cpus().stream().map(String::valueOf).toList()) + ", up to " + guest.patching().batchLimit()
        + " sites in a batch" + (guest.patching().sync().isEmpty() ? "" : ", sync by " + guest.patching().sync()));
    table.row("sites", sites(guest.sites()));
    table.row("keys", guest.sites().keys());
    table.row("flips", (guest.flips().total() == 0 ? "until the work is done" : Html.number(guest.flips().total()))
        + ", one every " + Html.number(guest.flips().interval()) + " ticks");
    List<String> work = guest.work().iterations().stream().distinct()
        .map(n -> n == Work.ENDLESS ? "endless" : Html.number(n)).toList();
    table.row("work", String.join(", ", work) + (work.equals(List.of("endless")) ? " until the flips are done"
        : " iterations") + (guest.work().tickInterval() == 0 ? ", no timer tick"
        : ", a timer tick every " + Html.number(guest.work().tickInterval())));
  }

  private static String sites(Sites sites) {
    return String.join("; ", sites.groups().stream().map(g -> g.count() + " × " + g.length() + " bytes, "
        + g.placement().label() + ", key " + (g.key() < 0 ? "each in turn" : g.key())).toList());
  }

  private static void trace(Table table, Scenario scenario) {
    Map<String, Long> options = new TreeMap<>();
    scenario.trace().setup().config().write(options::put);
    scenario.trace().setup().write(options::put);
    table.row("trace", scenario.trace().protocol() + ": " + String.join(", ",
        options.entrySet().stream().map(o -> o.getKey() + " " + o.getValue()).toList()));
  }

  private static void limits(Table table, RunLimits limits) {
    table.row("limits", (limits.cycles() == Long.MAX_VALUE ? "" : Html.number(limits.cycles()) + " cycles, ")
        + Html.number(limits.retired()) + " instructions, " + (limits.slack() > 0 ? "slack "
            + Html.number(limits.slack()) : "CPUs up to " + Html.number(limits.ahead()) + " cycles ahead"));
  }
}
