package dev.crosspatch.sim.cli;

/// Says how far something is, and how long it still takes.
final class Pace {
  /// Below it nothing can be said of the time left.
  private static final double LEAST_SECONDS = 2;
  private static final double LEAST_SHARE = 0.005;

  private Pace() {}

  /// `12 %`, and after a while `12 %, 1:05 left`, as if the rest were as fast.
  ///
  /// @param share   what is done of all, 0 to 1
  /// @param seconds that took
  static String text(double share, double seconds) {
    double done = Math.clamp(share, 0, 1);
    String percent = (int) (100 * done) + " %";
    return seconds < LEAST_SECONDS || done < LEAST_SHARE ? percent : percent + ", " + left(done, seconds) + " left";
  }

  private static String left(double done, double seconds) {
    long left = Math.round(seconds * (1 - done) / done);
    return left < 3600 ? String.format("%d:%02d", left / 60, left % 60)
        : String.format("%d:%02d:%02d", left / 3600, left / 60 % 60, left % 60);
  }
}
