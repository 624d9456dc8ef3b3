package dev.crosspatch.tracer.flow;

import java.io.IOException;
import java.util.function.Function;

/// Lists the packets of a raw trace, the same way for every protocol; see [TraceConfig#list].
public final class PacketListing {

  /// A packet reader, whatever its protocol.
  public interface Cursor {
    /// Steps to the next packet: not negative, or one of the kinds below.
    int next();

    /// Goes to the next synchronization packet, which [#next] then reads, or returns false if there is none.
    boolean sync();

    /// Offset in the trace of the present packet, or of the bytes that are none.
    long place();
  }

  /// The trace ends here.
  public static final int END = -1;
  /// The bytes are no packet.
  public static final int BAD_PACKET = -3;

  private final Appendable out;
  private final String sync;
  private final long length;
  private int bad;

  private PacketListing(Appendable out, String sync, long length) {
    this.out = out;
    this.sync = sync;
    this.length = length;
  }

  /// Lists all packets of a trace.
  ///
  /// @param reader of what comes through a window
  /// @param text   offset, bytes and packet where the reader stands, or what is wrong with them
  /// @param sync   what the protocol calls its synchronization packets
  /// @return how often there were bytes that are no packets
  public static <R extends Cursor> int list(RawTrace trace, Function<TraceWindow, R> reader, Function<R, String> text,
      String sync, Appendable out) throws IOException {
    PacketListing listing = new PacketListing(out, sync, trace.size());
    try (TraceSource source = trace.open()) {
      R packets = reader.apply(new TraceWindow(source));
      if (packets.sync()) {
        listing.go(packets, text, 0);
        return listing.bad;
      }
    }
    try (TraceSource source = trace.open()) { // a piece of a trace: from its first byte
      listing.go(reader.apply(new TraceWindow(source)), text, -1);
    }
    return listing.bad;
  }

  /// @param from where bytes began that were skipped by synchronization, or -1
  private <R extends Cursor> void go(R cursor, Function<R, String> text, long from) throws IOException {
    long skippedFrom = from;
    int kind = cursor.next();
    bad += skippedFrom == 0 && cursor.place() > 0 ? 1 : 0;
    while (kind != END) {
      skipped(skippedFrom, cursor.place());
      line(text.apply(cursor));
      skippedFrom = -1;
      if (kind == BAD_PACKET) {
        bad++;
        skippedFrom = cursor.place();
        if (!cursor.sync()) {
          break;
        }
      } else if (kind < 0) {
        return; // cut off
      }
      kind = cursor.next();
    }
    skipped(skippedFrom, length);
  }

  private void skipped(long from, long to) throws IOException {
    if (from >= 0 && to > from) {
      String upTo = to == length ? "there is no " + sync + " behind them" : "up to the next " + sync;
      line("%8x  %-26s skipped %d bytes, 0x%x..0x%x, %s".formatted(from, "..", to - from, from, to - 1, upTo));
    }
  }

  private void line(String text) throws IOException {
    out.append(text).append('\n');
  }
}
