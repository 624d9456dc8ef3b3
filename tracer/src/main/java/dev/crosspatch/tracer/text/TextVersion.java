package dev.crosspatch.tracer.text;

import dev.crosspatch.core.code.Insn;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// What stood at an address for a while.
///
/// A poke's time belongs to both sides: at that very tick the old version and the new one are possible.
///
/// @param insn  the instruction, or null if the bytes are none or there was no text
/// @param bytes its bytes; without instruction, those that were there
/// @param from  first tick at which it may have been executed, [Long#MIN_VALUE] for initial text
/// @param to    last tick at which it may have been executed, [Long#MAX_VALUE] for final text
/// @param since number, in the log, of the poke that made it, -1 for initial text
/// @param until number, in the log, of the poke that ended it, [Integer#MAX_VALUE] for final text
public record TextVersion(@Nullable Insn insn, byte[] bytes, long from, long to, int since, int until) {

  @Override
  public String toString() {
    String what = bytes.length == 0 ? "no text" : HexFormat.of().formatHex(bytes);
    String start = from == Long.MIN_VALUE ? "initial" : "from " + from;
    return what + " (" + start + (to == Long.MAX_VALUE ? "" : " to " + to) + ")";
  }
}
