package dev.crosspatch.tracer.text;

/// The room that text events take in a buffer of perf's, by the layout of `linux/perf_event.h`: a header (8 bytes),
/// what the record says, and a trailer (`sample_id`: pid and tid, time, CPU, identifier, 8 bytes each, as
/// `perf record --kcore -e intel_pt//k` asks for).
public final class EventRoom {
  private static final int HEADER = 8;
  private static final int TRAILER = 4 * 8;
  /// The size field of a header has 16 bits, and sizes are multiples of 8.
  private static final int LARGEST = 0xfff8;

  /// Bytes of a PERF_RECORD_LOST: the identifier of the event and how many were lost.
  public static final int LOST = HEADER + 2 * 8 + TRAILER;

  private EventRoom() {}

  /// Bytes of a PERF_RECORD_TEXT_POKE: the address, both lengths (2 bytes each), old and new bytes, filled up to a
  /// multiple of 8.
  public static int of(Poke poke) {
    int text = 2 + 2 + poke.before().length + poke.after().length;
    return HEADER + 8 + (text + 7 & -8) + TRAILER;
  }

  /// Whether one record can hold so many bytes.
  public static boolean isRecord(int bytes) {
    return bytes <= LARGEST;
  }
}
