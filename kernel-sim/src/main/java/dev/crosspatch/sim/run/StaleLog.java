package dev.crosspatch.sim.run;

import dev.crosspatch.core.event.StaleExecution;
import dev.crosspatch.sim.BadInput;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.scenario.YamlMap;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// The file `truth/stale.jsonl`: instructions executed from bytes that memory no longer held, the first 100,000 of a run.
public final class StaleLog {
  private StaleLog() {}

  /// Writes one line each.
  static byte[] write(List<StaleExecution> records) {
    Json.Lines lines = new Json.Lines();
    for (StaleExecution s : records) {
      lines.line(g -> {
        g.writeNumberField("cpu", s.cpu());
        g.writeNumberField("cycle", s.cycle());
        g.writeStringField("address", Json.address(s.address()));
        g.writeStringField("executed", Json.hex(s.executed()));
        g.writeStringField("memory", Json.hex(s.memory()));
      });
    }
    return lines.bytes();
  }

  /// Reads them back.
  ///
  /// @throws BadInput naming file and line if one is malformed
  static List<StaleExecution> read(String name, byte[] file) {
    List<StaleExecution> records = new ArrayList<>();
    for (String line : new String(file, StandardCharsets.UTF_8).lines().toList()) {
      try {
        records.add(record(YamlMap.parse("record", line, null)));
      } catch (BadInput | IllegalArgumentException e) {
        throw new BadInput(name + ":" + (records.size() + 1) + ": not a record of a stale execution: " + e.getMessage());
      }
    }
    return records;
  }

  private static StaleExecution record(YamlMap map) {
    String address = map.text("address", null);
    if (!address.startsWith("0x")) {
      throw map.bad("address", "'" + address + "' is not 0x...");
    }
    return new StaleExecution(
        (int) map.number("cpu", 0, 0, 63), map.number("cycle", 0, 0, Long.MAX_VALUE), Long.parseUnsignedLong(address.substring(2), 16),
        HexFormat.of().parseHex(map.text("executed", null)), HexFormat.of().parseHex(map.text("memory", null)));
  }
}
