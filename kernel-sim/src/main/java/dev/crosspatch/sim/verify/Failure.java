package dev.crosspatch.sim.verify;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.scenario.FailureKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The first thing that went wrong in a run, in full.
///
/// @param kind     what sort of failure
/// @param cpu      the CPU, -1 if none in particular
/// @param cycle    its clock, up to 32 cycles early for `flow`; -1 if unknown
/// @param address  instruction concerned, 0 if none is known
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

  /// In a few words: its kind, and where it happened.
  public String brief() {
    return kind.label() + (cpu < 0 ? "" : ", CPU " + cpu) + (symbol.isEmpty() ? "" : ", " + symbol);
  }

  /// One line for people.
  @Override
  public String toString() {
    List<String> place = new ArrayList<>();
    if (cpu >= 0) {
      place.add("CPU " + cpu);
    }
    if (cpu >= 0 && cycle >= 0) { // without a CPU it is the time of the whole run
      place.add("cycle " + cycle);
    }
    if (address != 0) {
      place.add(Json.address(address) + (symbol.isEmpty() ? "" : " (" + symbol + ")"));
    }
    List<String> parts = new ArrayList<>(List.of(kind.label()));
    if (!place.isEmpty()) {
      parts.add(String.join(", ", place));
    }
    if (!executed.isEmpty()) {
      parts.add("executed " + executed + ", memory held " + memory);
    }
    parts.add(detail);
    return String.join(": ", parts);
  }
}
