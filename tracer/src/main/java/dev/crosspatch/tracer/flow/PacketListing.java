package dev.crosspatch.tracer.flow;

import java.io.IOException;
import java.util.function.Supplier;

/// Lists the packets of a raw trace, the same way for every protocol; see [TraceConfig#list].
public final class PacketListing {

  /// A packet reader, whatever its protocol.
  public interface Cursor {
    /// Steps to the next packet: not negative, or one of the kinds below.
    int next();

    /// Goes to the next synchronization packet, which [#next] then reads, or returns false if there is none.
    boolean sync();

    /// Offset of the present packet, or of the bytes that are none.
    int offset();

    /// Offset, bytes and packet, or what is wrong with them.
    String line();
  }

  /// The trace ends here.
  public static final int END = -1;
  /// The bytes are no packet.
  public static final int BAD_PACKET = -3;

  private final Appendable out;
  private final String sync;
  private final int length;
  private int bad;

  private PacketListing(Appendable out, String sync, int length) {
    this.out = out;
    this.sync = sync;
    this.length = length;
  }

  /// Lists all packets of a trace of `length` bytes.
  ///
  /// @param reader at the trace's first byte; asked for again if there is no synchronization packet
  /// @param sync   what the protocol calls those
  /// @return how often there were bytes that are no packets
  public static int list(Supplier<Cursor> reader, int length, String sync, Appendable out) throws IOException {
    PacketListing listing = new PacketListing(out, sync, length);
    Cursor cursor = reader.get();
    if (cursor.sync()) {
      listing.go(cursor, 0);
    } else {
      listing.go(reader.get(), -1); // a piece of a trace: from its first byte
    }
    return listing.bad;
  }

  /// @param from where bytes began that were skipped by synchronization, or -1
  private void go(Cursor cursor, int from) throws IOException {
    int skippedFrom = from;
    int kind = cursor.next();
    bad += skippedFrom == 0 && cursor.offset() > 0 ? 1 : 0;
    while (kind != END) {
      skipped(skippedFrom, cursor.offset());
      line(cursor.line());
      skippedFrom = -1;
      if (kind == BAD_PACKET) {
        bad++;
        skippedFrom = cursor.offset();
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

  private void skipped(int from, int to) throws IOException {
    if (from >= 0 && to > from) {
      String upTo = to == length ? "there is no " + sync + " behind them" : "up to the next " + sync;
      line("%8x  %-26s skipped %d bytes, 0x%x..0x%x, %s".formatted(from, "..", to - from, from, to - 1, upTo));
    }
  }

  private void line(String text) throws IOException {
    out.append(text).append('\n');
  }
}
