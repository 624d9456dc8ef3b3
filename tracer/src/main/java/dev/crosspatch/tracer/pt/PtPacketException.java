package dev.crosspatch.tracer.pt;

/// Bytes that are no packet, or not all of one, and where they are.
///
/// The message is complete, e.g. `PT packet at byte 0x41: IP compression 5 is reserved`.
public final class PtPacketException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long offset;
  private final boolean needMoreBytes;

  PtPacketException(long offset, String reason, boolean needMoreBytes) {
    super("PT packet at byte 0x" + Long.toHexString(offset) + ": " + reason);
    this.offset = offset;
    this.needMoreBytes = needMoreBytes;
  }

  /// Offset of the packet's first byte.
  public long offset() {
    return offset;
  }

  /// True if the stream merely stops inside the packet, false if the bytes can never become one.
  public boolean needMoreBytes() {
    return needMoreBytes;
  }
}
