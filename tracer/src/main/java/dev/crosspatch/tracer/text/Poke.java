package dev.crosspatch.tracer.text;

import java.util.HexFormat;

/// One text change, as the guest kernel reported it. The contract (perf's TEXT_POKE): before `time` a CPU ran the old
/// bytes or a trap, after it the new bytes or a trap.
///
/// @param time      ticks of the trace clock
/// @param cpu       the patching CPU
/// @param address   first byte changed
/// @param before    bytes before; empty if the text appears here
/// @param after     bytes after; empty if the text goes away
/// @param mechanism what patched, e.g. `jump_label`
/// @param site      name of the site, for people
public record Poke(long time, int cpu, long address, byte[] before, byte[] after, String mechanism, String site) {
  /// Most bytes of text that messages show; more end in `...`.
  static final int SHOWN = 64;

  /// Number of bytes it touches.
  int size() {
    return Math.max(before.length, after.length);
  }

  /// Bytes in hex, for people.
  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, SHOWN)) + (bytes.length > SHOWN ? "..." : "");
  }

  @Override
  public String toString() {
    return "poke at " + Long.toHexString(address) + " time " + time + ": " + hex(before) + " -> " + hex(after);
  }
}
