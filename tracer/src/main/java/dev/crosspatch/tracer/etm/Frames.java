package dev.crosspatch.tracer.etm;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

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

  /// Packs segments, in their order, into whole frames.
  ///
  /// An ID change takes one slot: a data byte before it goes to the odd slot behind it where it would otherwise cost
  /// the pair.
  ///
  /// @throws IllegalArgumentException if a trace ID is not 0x01 to 0x6F
  public static byte[] format(List<Segment> segments) {
    for (Segment s : segments) {
      if (s.traceId <= NULL_ID || s.traceId >= FIRST_RESERVED_ID) {
        throw new IllegalArgumentException("Trace ID 0x%x: 0x01 to 0x6f expected".formatted(s.traceId));
      }
    }
    Source source = new Source(segments);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int id = UNKNOWN_ID;
    while (!source.empty()) {
      byte[] frame = new byte[FRAME_BYTES];
      id = fill(frame, id, source);
      out.writeBytes(frame);
    }
    return out.toByteArray();
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

  /// The bytes to be framed, then the null source's zeros without end.
  private static final class Source {
    private final List<Segment> segments;
    private int segment;
    private int index;

    Source(List<Segment> segments) {
      this.segments = segments.stream().filter(s -> s.bytes.length != 0).toList();
    }

    boolean empty() {
      return segment == segments.size();
    }

    int id() {
      return empty() ? NULL_ID : segments.get(segment).traceId;
    }

    /// Source of the byte behind the next one.
    int nextId() {
      int next = !empty() && index + 1 == segments.get(segment).bytes.length ? segment + 1 : segment;
      return next >= segments.size() ? NULL_ID : segments.get(next).traceId;
    }

    byte take() {
      if (empty()) {
        return 0;
      }
      byte[] bytes = segments.get(segment).bytes;
      byte b = bytes[index++];
      if (index == bytes.length) {
        segment++;
        index = 0;
      }
      return b;
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
