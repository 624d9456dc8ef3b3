package dev.crosspatch.sim.race;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// What the kernel has said of text, by events: from there on nobody runs what stood there before.
final class Claims {

  private record Claim(byte[] before, byte[] after) {

    /// Whether of these bytes, the first of which is `offset` behind the claim's address, those that it is of are the
    /// old ones and not the new ones.
    boolean isBroken(int offset, byte[] bytes) {
      boolean old = false;
      for (int i = Math.max(0, -offset); i < bytes.length && offset + i < before.length; i++) {
        if (bytes[i] != before[offset + i]) {
          return false;
        }
        old |= offset + i >= after.length || bytes[i] != after[offset + i];
      }
      return old;
    }
  }

  private final Map<Long, Claim> claims = new HashMap<>();
  /// Length of the longest instruction.
  private final transient int longest;

  Claims(int longest) {
    this.longest = longest;
  }

  /// Nobody runs `before` at an address any more.
  void put(long address, byte[] before, byte[] after) {
    claims.put(address, new Claim(before, after));
  }

  /// Text appears or goes away, of which nothing was said.
  void forget(long address, int length) {
    claims.keySet().removeIf(at -> at - address >= 0 && at - address < length);
  }

  /// Text is about to change: what was said of it is no longer true where it had come to be.
  void changed(WatchedText text, long address, int length) {
    for (long at = address - longest + 1; at - address < length; at++) {
      Claim claim = claims.get(at);
      int from = (int) (at - text.running);
      if (claim != null && from >= 0 && at + claim.after().length > address
          && Arrays.equals(text.bytes, from, Math.min(from + claim.after().length, text.bytes.length),
              claim.after(), 0, claim.after().length)) {
        claims.remove(at);
      }
    }
  }

  /// Whether it was said that an instruction is not run any more.
  boolean isBroken(long pc, byte[] instruction) {
    for (long at = pc - longest + 1; at - pc < instruction.length; at++) {
      Claim claim = claims.get(at);
      if (claim != null && claim.isBroken((int) (pc - at), instruction)) {
        return true;
      }
    }
    return false;
  }
}
