package dev.crosspatch.sim.run;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.crosspatch.core.machine.RunResult;
import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.fields.Fields;
import dev.crosspatch.sim.guest.GuestOutcome;
import dev.crosspatch.sim.scenario.FailureKind;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/// How a guest ended, or why its machine stopped without it: the object `guest_end` of `summary.json`, by which a run
/// is judged again from its files.
///
/// @param kind    sort of end; `EXIT` with code 0 is the good one
/// @param cpu     who ended it, -1 if nobody in particular
/// @param cycle   its clock, -1 if unknown
/// @param address of the instruction concerned, 0 if none
/// @param code    exit code or [dev.crosspatch.sim.guest.PanicCode], else 0
/// @param text    what happened, for people
public record GuestEnd(FailureKind kind, int cpu, long cycle, long address, long code, String text) {

  /// The exit code of a kernel that miscounted.
  private static final int MISCOUNTED = 1;

  static GuestEnd of(GuestOutcome outcome, RunResult result) {
    String text = outcome.text();
    return switch (outcome) {
      case GuestOutcome.Exited e -> new GuestEnd(FailureKind.EXIT, -1, -1, 0, e.code(), text);
      case GuestOutcome.Miscounted _ -> new GuestEnd(FailureKind.EXIT, -1, -1, 0, MISCOUNTED, text);
      case GuestOutcome.UnclaimedTrap t ->
        new GuestEnd(FailureKind.UNOWNED_TRAP, t.cpu(), t.cycle(), t.address(), 0, text);
      case GuestOutcome.Panic p -> new GuestEnd(FailureKind.PANIC, p.cpu(), p.cycle(), p.address(), p.code(), text);
      case GuestOutcome.BadAccess b -> new GuestEnd(FailureKind.BAD_ACCESS, b.cpu(), b.cycle(), 0, 0, text);
      case GuestOutcome.Running _ -> new GuestEnd(
          result.end() == RunResult.End.DEADLOCK ? FailureKind.DEADLOCK : FailureKind.LIMIT, -1, result.cycles(), 0, 0,
          result.reason());
    };
  }

  /// One line for people: who, when and what.
  public String line() {
    return (cpu < 0 ? "" : "CPU " + cpu + ", cycle " + cycle + ": ") + text;
  }

  /// Whether the kernel came to its own good end.
  public boolean good() {
    return kind == FailureKind.EXIT && code == 0;
  }

  /// The kind of a bad end; empty if it was good.
  public Optional<FailureKind> bad() {
    return good() ? Optional.empty() : Optional.of(kind);
  }

  /// Writes the object's fields.
  public void write(JsonGenerator g) throws IOException {
    g.writeStringField("kind", kind.label());
    g.writeNumberField("cpu", cpu);
    g.writeNumberField("cycle", cycle);
    g.writeStringField("address", Json.address(address));
    g.writeNumberField("code", code);
    g.writeStringField("text", text);
  }

  /// Reads them back.
  public static GuestEnd read(Fields map) {
    String label = map.text("kind", null);
    FailureKind kind = Arrays.stream(FailureKind.values())
        .filter(k -> k.group() == FailureKind.Group.GUEST && k.label().equals(label)).findFirst()
        .orElseThrow(() -> map.bad("kind", "'" + label + "' is no end of a guest"));
    String address = map.text("address", "0x0");
    try {
      return new GuestEnd(
          kind, (int) map.number("cpu", -1, -1, 63), map.number("cycle", -1, -1, Long.MAX_VALUE),
          Long.parseUnsignedLong(address.replaceFirst("^0x", ""), 16),
          map.number("code", 0, Long.MIN_VALUE, Long.MAX_VALUE), map.text("text", ""));
    } catch (NumberFormatException e) {
      throw map.bad("address", "'" + address + "' is not 0x...");
    }
  }
}
