package dev.crosspatch.sim.verify;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.scenario.FailureKind;
import java.io.IOException;

/// The first thing that went wrong in a run, in full.
///
/// @param kind     what sort of failure
/// @param cpu      the CPU, -1 if none in particular
/// @param cycle    its clock, up to 32 cycles early for `flow`; -1 if unknown
/// @param address  instruction concerned
/// @param symbol   the same as `function+0xoffset`, empty if there is none
/// @param executed bytes the CPU ran there, hex; empty if unknown
/// @param memory   bytes that memory held there at that moment, hex; empty if unknown
/// @param detail   one line: what was decoded and what really ran, or the problem's own words
public record Failure(
    FailureKind kind, int cpu, long cycle, long address, String symbol, String executed, String memory, String detail) {

  /// Writes the object's fields.
  void write(JsonGenerator g) throws IOException {
    g.writeStringField("kind", kind.label());
    g.writeNumberField("cpu", cpu);
    g.writeNumberField("cycle", cycle);
    g.writeStringField("address", Json.address(address));
    g.writeStringField("symbol", symbol);
    g.writeStringField("executed", executed);
    g.writeStringField("memory", memory);
    g.writeStringField("detail", detail);
  }

  /// One line for people.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(kind.words()).append(": ");
    if (cpu >= 0) {
      text.append("CPU ").append(cpu).append(", cycle ").append(cycle).append(", ");
    }
    text.append(Json.address(address));
    if (!symbol.isEmpty()) {
      text.append(" (").append(symbol).append(')');
    }
    if (!executed.isEmpty()) {
      text.append(": executed ").append(executed).append(", memory held ").append(memory);
    }
    return text.append(": ").append(detail).toString();
  }
}
