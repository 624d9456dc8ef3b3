package dev.crosspatch.tracer.flow;

/// Finds walks that go round in circles without using up anything of the trace: an address passed since the last
/// waypoint is remembered, and renewed at doubling distances (Brent's algorithm), so any loop is found within three
/// rounds.
final class LoopFinder {
  private long mark;
  private int markCursor = -1;
  private int markBits;
  private int laps;
  private int lapsToMark;

  /// The walk starts anew.
  void forget() {
    markCursor = -1;
  }

  /// Whether a jump back to `address` closes a loop.
  ///
  /// @param cursor   place in the trace
  /// @param bitCount and how many bits of it are left
  boolean closes(long address, int cursor, int bitCount) {
    if (markCursor != cursor || markBits != bitCount) {
      markCursor = cursor;
      markBits = bitCount;
      mark = address;
      laps = 0;
      lapsToMark = 1;
      return false;
    }
    if (address == mark) {
      return true;
    }
    if (++laps == lapsToMark) {
      mark = address;
      laps = 0;
      lapsToMark *= 2;
    }
    return false;
  }
}
