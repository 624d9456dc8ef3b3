package dev.crosspatch.sim.verify;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.event.Event.StaleExecution;
import dev.crosspatch.sim.Json;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Consumer;

/// Writes `violations.jsonl`: a line for every execution that broke the contract, as they are found.
public final class ViolationLog implements Consumer<Violation>, AutoCloseable {
  private final OutputStream out;
  private final Symbols symbols;

  /// @param file  where to; is closed with this
  /// @param image whose symbols name the places
  public ViolationLog(OutputStream file, Image image) {
    symbols = new Symbols(image);
    out = new BufferedOutputStream(file, 1 << 16);
  }

  @Override
  public void accept(Violation violation) {
    StaleExecution s = violation.execution();
    Json.line(out, g -> {
      g.writeStringField("kind", violation.kind().label());
      g.writeNumberField("cpu", s.cpu());
      g.writeNumberField("cycle", s.cycle());
      g.writeStringField("address", Json.address(s.address()));
      g.writeStringField("symbol", symbols.name(s.address()));
      g.writeStringField("executed", Json.hex(s.executed()));
      g.writeStringField("memory", Json.hex(s.memory()));
    });
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
