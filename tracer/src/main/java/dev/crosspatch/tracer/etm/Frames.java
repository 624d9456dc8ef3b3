package dev.crosspatch.tracer.etm;

import dev.crosspatch.tracer.flow.RawTrace;
import dev.crosspatch.tracer.flow.TraceSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// CoreSight formatter frames: several trace sources in one buffer.
///
/// A frame has 16 bytes. Bytes 0 to 14 are slots. A slot at an even index with bit 0 set names the source of what
/// follows (ID in bits 7:1), otherwise it is a data byte whose own bit 0 is kept in byte 15, bit index / 2. For an ID
/// that bit tells whether it holds at once (0) or after the next data byte (1). Slots at odd indexes are data. What
/// is left of the last frame goes to ID 0, the null source.
///
/// Source: Arm CoreSight Architecture Specification (IHI 0029), D4 (formatter); frames without synchronization
/// words, as in memory-aligned buffers.
public final class Frames {
  /// Bytes of a frame.
  public static final int FRAME_BYTES = 16;

  /// Source of bytes that come before the first ID of a buffer.
  public static final int UNKNOWN_ID = -1;

  private static final int NULL_ID = 0;
  private static final int FIRST_RESERVED_ID = 0x70;
  private static final int LAST_SLOT = 14;

  private Frames() {}

  /// A run of bytes of one source.
  ///
  /// @param traceId 0x01 to 0x6F, or [#UNKNOWN_ID]
  /// @param bytes   not copied
  public record Segment(int traceId, byte[] bytes) {}

  /// A trace of one source.
  ///
  /// @param traceId 0x01 to 0x6F
  public record Stream(int traceId, RawTrace trace) {}

  /// Packs traces, one behind the other, into whole frames.
  ///
  /// An ID change takes one slot: a data byte before it goes to the odd slot behind it where it would otherwise cost
  /// the pair.
  ///
  /// @throws IllegalArgumentException if a trace ID is not 0x01 to 0x6F
  /// @throws IOException              if `out` does
  public static void write(List<Stream> streams, OutputStream out) throws IOException {
    for (Stream s : streams) {
      if (s.traceId <= NULL_ID || s.traceId >= FIRST_RESERVED_ID) {
        throw new IllegalArgumentException("Trace ID 0x%x: 0x01 to 0x6f expected".formatted(s.traceId));
      }
    }
    try (Source source = new Source(streams)) {
      int id = UNKNOWN_ID;
      while (!source.empty()) {
        byte[] frame = new byte[FRAME_BYTES];
        id = fill(frame, id, source);
        out.write(frame);
      }
    }
  }

  /// Unpacks frames; adjacent bytes of one source make one segment, bytes of the null source are left out.
  ///
  /// @throws IllegalArgumentException if the length is not a multiple of 16
  public static List<Segment> deformat(byte[] frames) {
    int rest = frames.length % FRAME_BYTES;
    if (rest != 0) {
      throw new IllegalArgumentException(
          "CoreSight frame at byte 0x%x: %d of 16 bytes".formatted(frames.length - rest, rest));
    }
    Sink sink = new Sink();
    for (int at = 0; at < frames.length; at += FRAME_BYTES) {
      spread(frames, at, sink);
    }
    sink.endSegment();
    return sink.segments;
  }

  /// All bytes of one source in the order they came.
  public static byte[] bytesOf(List<Segment> segments, int traceId) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    segments.stream().filter(s -> s.traceId == traceId).forEach(s -> out.writeBytes(s.bytes));
    return out.toByteArray();
  }

  /// Fills one frame and returns the ID that holds at its end.
  private static int fill(byte[] frame, int startId, Source source) {
    int id = startId;
    int slot = 0;
    while (slot <= LAST_SLOT) {
      int auxiliary = 1 << (slot / 2);
      if (source.id() != id) {
        id = source.id();
        frame[slot] = idSlot(id);
        if (slot < LAST_SLOT) {
          frame[slot + 1] = source.take();
        }
      } else if (slot == LAST_SLOT || source.nextId() == id) {
        byte data = source.take();
        frame[slot] = (byte) (data & ~1);
        frame[FRAME_BYTES - 1] |= (byte) ((data & 1) * auxiliary);
        if (slot < LAST_SLOT) {
          frame[slot + 1] = source.take();
        }
      } else {
        // the odd slot would belong to another source: change the ID first, to hold after this byte
        frame[slot + 1] = source.take();
        id = source.id();
        frame[slot] = idSlot(id);
        frame[FRAME_BYTES - 1] |= (byte) auxiliary;
      }
      slot += 2;
    }
    return id;
  }

  private static byte idSlot(int id) {
    return (byte) (id << 1 | 1);
  }

  private static void spread(byte[] frames, int at, Sink sink) {
    int auxiliary = frames[at + FRAME_BYTES - 1];
    for (int slot = 0; slot <= LAST_SLOT; slot += 2) {
      byte even = frames[at + slot];
      int bit = (auxiliary >>> (slot / 2)) & 1;
      boolean isId = (even & 1) != 0;
      boolean later = isId && bit == 1 && slot < LAST_SLOT;
      if (!isId) {
        sink.put((byte) (even | bit));
      } else if (!later) {
        sink.id((even & 0xFF) >>> 1);
      }
      if (slot < LAST_SLOT) {
        sink.put(frames[at + slot + 1]);
      }
      if (later) {
        sink.id((even & 0xFF) >>> 1);
      }
    }
  }

  /// The bytes to be framed, then the null source's zeros without end. It looks one byte ahead of the next one.
  private static final class Source implements AutoCloseable {
    private static final int END = -1;

    private final Iterator<Stream> streams;
    private final byte[] piece = new byte[1 << 16];
    private @Nullable TraceSource open;
    private int at;
    private int limit;
    private int openId = NULL_ID;
    /// The next byte and the one behind it, with their sources; [#END] and the null source at the end.
    private int next;
    private int id;
    private int second;
    private int secondId;

    Source(List<Stream> streams) {
      this.streams = streams.iterator();
      read();
      next = second;
      id = secondId;
      read();
    }

    boolean empty() {
      return next == END;
    }

    int id() {
      return id;
    }

    /// Source of the byte behind the next one.
    int nextId() {
      return secondId;
    }

    byte take() {
      int taken = next == END ? 0 : next;
      next = second;
      id = secondId;
      read();
      return (byte) taken;
    }

    private void read() {
      while (at == limit) {
        if (!more()) {
          second = END;
          secondId = NULL_ID;
          return;
        }
      }
      second = piece[at++] & 0xff;
      secondId = openId;
    }

    /// Reads on, in the next stream if this one has ended.
    private boolean more() {
      at = 0;
      limit = open == null ? 0 : Math.max(0, open.read(piece, 0, piece.length));
      if (limit == 0) {
        close();
        if (!streams.hasNext()) {
          return false;
        }
        Stream stream = streams.next();
        openId = stream.traceId;
        open = stream.trace.open();
      }
      return true;
    }

    @Override
    public void close() {
      if (open != null) {
        open.close();
        open = null;
      }
    }
  }

  /// Collects bytes by source.
  private static final class Sink {
    private final List<Segment> segments = new ArrayList<>();
    private final ByteArrayOutputStream current = new ByteArrayOutputStream();
    private int id = UNKNOWN_ID;

    void id(int newId) {
      if (newId != id) {
        endSegment();
        id = newId;
      }
    }

    void put(byte b) {
      current.write(b);
    }

    void endSegment() {
      if (current.size() != 0 && id != NULL_ID) {
        segments.add(new Segment(id, current.toByteArray()));
      }
      current.reset();
    }
  }
}
