package dev.crosspatch.sim.run;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.time.ClockRatio;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.scenario.Scenario;
import dev.crosspatch.tracer.flow.TraceConfig;
import dev.crosspatch.tracer.flow.TraceOptions;
import dev.crosspatch.tracer.flow.TraceProtocol;
import java.io.IOException;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// What a decoder has to know of a finished run besides its files: the `config` object of `summary.json`.
///
/// @param isa          instruction set
/// @param cpus         number of CPUs
/// @param trace        how it was traced
/// @param clocks       core clock and trace clock (TSC, generic timer)
/// @param snooped      whether instruction caches follow stores by themselves
/// @param slack        cycles by which the clocks of two cores may disagree about what came first
public record RunConfig(
    Isa isa, int cpus, TraceConfig trace, ClockRatio clocks, boolean snooped, int slack) {

  /// The configuration of a scenario run on this machine.
  public static RunConfig of(Scenario scenario, Machine machine) {
    return new RunConfig(
        scenario.machine().isa(), scenario.machine().cpus(), scenario.trace().setup().config(),
        machine.timing().table().clocks(), machine.traits().fetch().snooped(),
        scenario.limits().slack());
  }

  /// Reads it back.
  ///
  /// @param change what to make of the trace options
  static RunConfig read(Fields map, UnaryOperator<TraceOptions> change) {
    Isa isa = plugin(map, "isa", Plugins::isa);
    TraceProtocol protocol = plugin(map, "trace_protocol", Plugins::protocol);
    if (!isa.tracedBy().contains(protocol.name())) {
      throw map.bad("trace_protocol", Plugins.cannotTrace(isa, protocol.name()));
    }
    TraceConfig trace;
    try {
      trace = protocol.configure(change.apply(traceOptions(map)));
    } catch (IllegalArgumentException e) {
      throw map.bad("trace_options", String.valueOf(e.getMessage()));
    }
    int limit = 1_000_000;
    return new RunConfig(
        isa, (int) map.number("cpus", 1, 1, 64), trace,
        new ClockRatio((int) map.number("frequency_mhz", 1, 1, limit), (int) map.number("timer_mhz", 1, 1, limit)),
        map.flag("snooped", true), (int) map.number("slack", 0, 0, limit));
  }

  /// The trace options of a `config` object.
  static TraceOptions traceOptions(Fields map) {
    Fields given = map.map("trace_options");
    return (name, otherwise) -> given.number(name, otherwise, 0, Long.MAX_VALUE);
  }

  private static <T> T plugin(Fields map, String key, Function<String, T> find) {
    String name = map.text(key, null);
    try {
      return find.apply(name);
    } catch (BadInput e) {
      throw map.bad(key, e.line());
    }
  }

  /// Writes the fields [#read] needs.
  public void write(JsonGenerator g) throws IOException {
    g.writeStringField("isa", isa.name());
    g.writeNumberField("cpus", cpus);
    g.writeStringField("trace_protocol", trace.protocol());
    Json.numbers(g, "trace_options", trace::write);
    g.writeNumberField("frequency_mhz", clocks.coreMhz());
    g.writeNumberField("timer_mhz", clocks.timerMhz());
    g.writeBooleanField("snooped", snooped);
    g.writeNumberField("slack", slack);
  }

  /// First cycle at which the trace clock reads `ticks`.
  public long cycles(long ticks) {
    return clocks.cycles(ticks);
  }

  /// What the trace clock reads at `cycle`.
  public long ticks(long cycle) {
    return clocks.ticks(cycle);
  }
}
