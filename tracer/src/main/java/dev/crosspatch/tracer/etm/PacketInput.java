package dev.crosspatch.tracer.etm;

import org.jspecify.annotations.Nullable;

/// The bytes of a packet being read, field by field.
///
/// Fields are read without looking for the end: behind it every byte is 0, which ends every number, and
/// [#missing()] tells so once the packet is through. The first thing found wrong is kept as [#problem()].
final class PacketInput {
  private byte[] data;
  private int limit;
  private int at;
  private boolean missing;
  private @Nullable String problem;

  PacketInput(byte[] data, int limit) {
    this.data = data;
    this.limit = limit;
  }

  void extend(byte[] longer, int newLimit) {
    data = longer;
    limit = newLimit;
  }

  int limit() {
    return limit;
  }

  void start(int offset) {
    at = offset;
    missing = false;
    problem = null;
  }

  int at() {
    return at;
  }

  boolean missing() {
    return missing;
  }

  @Nullable String problem() {
    return problem;
  }

  /// Notes what is wrong with the packet.
  ///
  /// @return [EtmPacketReader#BAD_PACKET]
  int bad(String what) {
    if (problem == null) {
      problem = what;
    }
    return EtmPacketReader.BAD_PACKET;
  }

  int u8() {
    if (at >= limit) {
      missing = true;
      return 0;
    }
    return data[at++] & 0xFF;
  }

  /// Unsigned number of `count` bytes, lowest first.
  long bytes(int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value |= (long) u8() << (8 * i);
    }
    return value;
  }

  /// Unsigned number in groups of 7 bits, lowest first (LE128n), of at most `bits` bits.
  long number(String name, int bits) {
    long value = 0;
    int b = PacketBytes.MORE;
    for (int shift = 0; shift < bits && b >= PacketBytes.MORE; shift += 7) {
      b = u8();
      value |= (long) (b & ~PacketBytes.MORE) << shift;
    }
    if (b >= PacketBytes.MORE || value >>> bits != 0) {
      bad("%s has more than %d bits".formatted(name, bits));
    }
    return value;
  }
}
