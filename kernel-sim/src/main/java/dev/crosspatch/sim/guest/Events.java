package dev.crosspatch.sim.guest;

/// The buffers through which text events leave a guest kernel: one for each CPU, which an observer empties now and
/// then.
///
/// @param bufferBytes size of each, 0: there is always room
/// @param drainBytes  what the observer takes out of each at a time, 0: nothing, ever
/// @param drainEvery  ticks of the trace clock from one time to the next
public record Events(int bufferBytes, int drainBytes, long drainEvery) {
  /// The smallest buffer in which a poke of an instruction and the record of a loss fit.
  public static final int LEAST = 128;
  /// The largest buffer.
  public static final int MOST = 1 << 30;
  /// Ticks from one time to the next unless it is said.
  public static final long USUAL_INTERVAL = 20_000;

  /// Always room.
  public static final Events UNLIMITED = new Events(0, 0, USUAL_INTERVAL);

  /// Checks every range.
  ///
  /// @throws IllegalArgumentException `field: what is wrong`
  public Events {
    Check.that(bufferBytes == 0 || (bufferBytes >= LEAST && bufferBytes <= MOST), "buffer-bytes",
        bufferBytes + " is neither 0 nor within " + LEAST + ".." + MOST);
    Check.range("drain-bytes", drainBytes, 0, MOST);
    Check.range("drain-every", drainEvery, 1, Long.MAX_VALUE);
  }

  /// Whether an event may find no room.
  public boolean limited() {
    return bufferBytes > 0;
  }
}
