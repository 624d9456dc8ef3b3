package dev.crosspatch.tracer.flow;

import dev.crosspatch.tracer.text.Poke;
import dev.crosspatch.tracer.text.PokeConflict;

/// A place where the decoder does not know.
///
/// @param kind    what sort
/// @param address instruction concerned
/// @param low     earliest time, ticks
/// @param high    latest time, ticks
/// @param offset  byte offset in the raw trace
/// @param detail  one line for people: what was expected, what the trace says, which versions were tried
public record Problem(Kind kind, long address, long low, long high, long offset, String detail) {

  /// The poke log contradicts itself or the image. It belongs to no trace: the offset is -1.
  public static Problem of(PokeConflict conflict) {
    Poke poke = conflict.poke();
    return new Problem(Kind.BAD_POKE, poke.address(), poke.time(), poke.time(), -1, conflict.toString());
  }

  /// Sorts of problem.
  public enum Kind {
    /// More than one version of the text fits the trace.
    AMBIGUOUS,
    /// No version of the text fits the trace.
    MISMATCH,
    /// There is no text at the address.
    NO_TEXT,
    /// The trace bytes themselves are bad.
    BAD_PACKET,
    /// A poke's old bytes are not what the text held.
    BAD_POKE
  }
}
