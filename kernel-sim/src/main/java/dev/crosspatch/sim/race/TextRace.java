package dev.crosspatch.sim.race;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A fetch that nothing orders behind a store to what is fetched, and that the ISA does not allow for it.
///
/// @param kind     what may come of it
/// @param cpu      who fetches
/// @param cycle    when
/// @param address  of the instruction
/// @param possible what it may get, the oldest first
/// @param writer   whose store it is
/// @param stored   when
/// @param missing  what would order the two
/// @param rule     who says so
public record TextRace(Kind kind, int cpu, long cycle, long address, List<byte[]> possible, int writer, long stored,
    String missing, String rule) {

  /// What may come of a race.
  public enum Kind {
    /// Parts of two texts, together an instruction that nobody wrote.
    TORN("parts of two texts may be run as one instruction"),
    /// Two instructions that must not be exchanged while they may be executed.
    NOT_EXCHANGEABLE("an instruction may be run while it is replaced, and is none of those for which that is allowed"),
    /// The old instruction, behind the event that says that it is gone.
    OLD_AFTER_EVENT("what an event says is gone may still be run"),
    /// The new instruction, before the event that tells of it.
    NEW_BEFORE_EVENT("what an event has yet to tell of may already be run"),
    /// A breakpoint that was taken away, while who took it away goes on to set others.
    STALE_TRAP("a breakpoint that was taken away may still be run"),
    /// An interrupt that may overtake the stores that it is to tell of.
    INTERRUPT_OVERTAKES("an interrupt may overtake the stores before it");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /// As files have it.
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /// Copies the list.
  public TextRace {
    possible = List.copyOf(possible);
  }

  /// What happened, in words.
  public String text() {
    StringBuilder text = new StringBuilder(kind.text);
    if (!possible.isEmpty()) {
      text.append(": it may fetch ").append(
          possible.stream().map(HexFormat.of()::formatHex).collect(Collectors.joining(" or ")));
    }
    if (writer >= 0) {
      text.append("; CPU ").append(writer).append(" wrote there at cycle ").append(stored);
    }
    return text.append("; ").append(missing).append(" (").append(rule).append(')').toString();
  }

  /// One line for people.
  ///
  /// @param symbol of the address, empty if it has none
  public String line(String symbol) {
    return String.format("CPU %d, cycle %d%s: %s", cpu, cycle, address == 0 ? ""
        : ", 0x" + Long.toHexString(address) + (symbol.isEmpty() ? "" : " (" + symbol + ")"), text());
  }
}
