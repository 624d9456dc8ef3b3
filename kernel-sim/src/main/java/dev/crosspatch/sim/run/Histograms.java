package dev.crosspatch.sim.run;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/// Histograms in snapshots, in their library's own form.
final class Histograms {
  private Histograms() {}

  static void save(Histogram h, DataOutputStream out) throws IOException {
    ByteBuffer form = ByteBuffer.allocate(h.getNeededByteBufferCapacity());
    int length = h.encodeIntoCompressedByteBuffer(form);
    out.writeInt(length);
    out.write(form.array(), 0, length);
  }

  static Histogram load(DataInputStream in) throws IOException {
    byte[] form = in.readNBytes(Math.max(0, in.readInt()));
    try {
      return Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(form), Latency.HIGHEST);
    } catch (DataFormatException | IllegalArgumentException e) {
      throw new IOException(e);
    }
  }
}
