package dev.crosspatch.tracer.export;

import dev.crosspatch.tracer.flow.RawTrace;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Layout of a perf.data file with one event: header, the event's id, its attribute, the records. No optional feature
/// sections: perf takes what it needs from the records. Source: perf's `perf.data-file-format.txt`.
final class PerfDataFile {
  private PerfDataFile() {}

  static final int HEADER = 104;
  /// The event's id; any number, as long as the records' trailers repeat it.
  static final long ID = 1;
  private static final int SECTION = 16;
  private static final int FEATURES = 32;

  /// Writes `file`, which must not exist.
  static void write(Path file, byte[] attr, PerfRecords records) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW,
        StandardOpenOption.WRITE))) {
      out.write(head(attr, records.size()));
      for (RawTrace chunk : records.chunks()) {
        chunk.copyTo(out);
      }
    }
  }

  private static byte[] head(byte[] attr, long dataSize) {
    int attrAt = HEADER + Long.BYTES;
    int attrSize = attr.length + SECTION;
    int dataAt = attrAt + attrSize;
    ByteBuffer head = ByteBuffer.allocate(dataAt).order(ByteOrder.LITTLE_ENDIAN);
    head.put("PERFILE2".getBytes(StandardCharsets.US_ASCII)).putLong(HEADER).putLong(attrSize);
    head.putLong(attrAt).putLong(attrSize); // section: attributes
    head.putLong(dataAt).putLong(dataSize); // section: data
    head.putLong(0).putLong(0); // section: event types, which nobody has any more
    head.put(new byte[FEATURES]);
    head.putLong(ID);
    head.put(attr).putLong(HEADER).putLong(Long.BYTES); // section: ids of this event
    return head.array();
  }
}
